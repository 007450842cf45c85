"""The interface to a server that runs workflows, common to all its APIs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..base import InputImage, Job
from ..remote import Candidate, Stopped, Upstream

Handle = Mapping[str, Any]  # plain JSON values; "id" is the prompt's or the job's


@dataclass(frozen=True, slots=True)
class Order:
    """A filled-in graph, its task, and our name for this attempt."""

    graph: dict[str, Any]
    task_id: str
    key: str


class Server(ABC):
    """A ComfyUI server. Its methods raise the same errors as :class:`RemoteEngine`."""

    @abstractmethod
    async def upload(self, file: InputImage) -> Any:
        """Upload an image or a video; return the value of its input in the graph."""

    @abstractmethod
    async def queue(self, order: Order) -> Handle:
        """Queue the graph, once."""

    @abstractmethod
    async def poll(self, handle: Handle) -> Upstream:
        """Return the job's state."""

    @abstractmethod
    async def outputs(self, handle: Handle) -> list[Any]:
        """Return the files that it saved, as :class:`~.outputs.Output`."""

    @abstractmethod
    async def cancel(self, handle: Handle) -> Stopped:
        """Stop it."""

    async def look_for(self, job: Job) -> list[Candidate]:
        """Return the jobs that may be this one, if the server can search."""
        return []

    @abstractmethod
    def handle_of(self, name: str) -> Handle:
        """Return the handle for the server's id."""

    async def aclose(self) -> None:  # noqa: B027 — most hold nothing
        """Release resources other than the connections."""

"""What a server that runs workflows is asked for, whichever interface it has."""

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
    """A filled graph, the task that it is for, and our own name of this attempt."""

    graph: dict[str, Any]
    task_id: str
    key: str


class Server(ABC):
    """A ComfyUI. The methods raise as those of :class:`RemoteEngine` do."""

    @abstractmethod
    async def upload(self, file: InputImage) -> Any:
        """Send an image or a video; return what its input in the graph holds."""

    @abstractmethod
    async def queue(self, order: Order) -> Handle:
        """Queue the graph, once."""

    @abstractmethod
    async def poll(self, handle: Handle) -> Upstream:
        """Return where it stands."""

    @abstractmethod
    async def outputs(self, handle: Handle) -> list[Any]:
        """Return the files that it saved, as :class:`~.outputs.Output`."""

    @abstractmethod
    async def cancel(self, handle: Handle) -> Stopped:
        """Stop it."""

    async def look_for(self, job: Job) -> list[Candidate]:
        """Return what may be this job, where the server can tell."""
        return []

    @abstractmethod
    def handle_of(self, name: str) -> Handle:
        """Return the handle of what the server calls so."""

    async def aclose(self) -> None:  # noqa: B027 — most hold nothing
        """Let go what it holds beside the connections."""

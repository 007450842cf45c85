"""What the runner asks of a way to have tasks done: here, elsewhere, on other machines."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ...errors import UpstreamError
from ...i18n import Text
from ...people.registry import People
from ...protocol.models import TaskStatus
from ..files.ingest import Ingest
from ..files.uploads import Uploads
from ..files.videos import VideoFiles
from ..storage.store import Store
from ..storage.task_record import TaskRecord
from ..storage.task_writer import Sleep
from .gate import Gate
from .timing import Estimates

#: By engine: the last turn of each person, and when it was.
Served = Mapping[str, Mapping[str, tuple[int, float]]]


@dataclass(frozen=True, slots=True)
class JobView:
    """What is known of an unfinished task beyond its row.

    ``position`` is its place in the queue, 0 = next, None where it does not wait; ``progress`` is
    0 to 1, None where it is not reported; ``eta_s`` are seconds until it is done, None where
    nothing honest can be said.
    """

    position: int | None = None
    progress: float | None = None
    stage: Text | None = None
    eta_s: float | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """How busy the place of an engine is: tasks under way, tasks that wait, and how many at once.

    ``left_s`` are the seconds of work left of each under way, None = unknown; ``held`` says why
    nothing is started there now, None = it is.
    """

    running: int
    waiting: int
    slots: int
    left_s: tuple[float | None, ...] = ()
    held: Text | None = None


class Backend(Protocol):
    """Has tasks done. All methods are called on the gateway's event loop."""

    def accepts(self, record: TaskRecord) -> bool:
        """Return whether the task is this backend's."""

    def open(self, unfinished: Sequence[TaskRecord], served: Served) -> None:
        """Take up what a former gateway left, in the order it came, and begin.

        Args:
            served: whose turn it was last, by engine.
        """

    def submit(self, record: TaskRecord) -> None:
        """Put a stored task into its queue, behind the others of its owner."""

    def waiting(self) -> int:
        """Return how many tasks wait."""

    def view(self, record: TaskRecord) -> JobView:
        """Return what is known of a task."""

    def waits(self, record: TaskRecord) -> bool:
        """Return whether a task of this backend waits in its queue."""

    def load(self, engine: str) -> Load:
        """Return how busy the place of an engine is."""

    def look_again(self) -> None:
        """Start what may be started now: the gate has opened for somebody."""

    async def cancel(self, record: TaskRecord) -> None:
        """Stop a task, waiting or under way; return when it has ended.

        Raises:
            Refusal: it cannot be stopped, or not now.
        """

    async def close(self) -> None:
        """Stop working. What is unfinished is taken up by the next gateway."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """What every backend works with.

    ``finished`` is called with each task that has ended, after its row was written; ``returned``
    with each task of a pool that the member it was given to certainly has not been sent.
    """

    store: Store
    uploads: Uploads
    video_files: VideoFiles
    ingest: Ingest
    estimates: Estimates
    gate: Gate
    people: People
    finished: Callable[[TaskRecord], None]
    returned: Callable[[TaskRecord, UpstreamError], None]
    clock: Callable[[], float] = time.time
    sleep: Sleep = asyncio.sleep

    async def end(self, record: TaskRecord, status: TaskStatus, **values: Any) -> None:
        """End a task without a video."""
        # Files first: were the row first, a crash in between would leave them lying.
        self.video_files.remove(record.video)
        ended = await self.store.change(
            record.message_id, status=status, finished_at=self.clock(), **values
        )
        self.finished(ended)

"""The interface of backends, which run tasks locally, at providers, or on other machines."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ...errors import UpstreamError
from ...i18n import Text
from ...people.lookup import People
from ...protocol.models import TaskStatus
from ..files.ingest import Ingest
from ..files.uploads import Uploads
from ..files.videos import VideoFiles
from ..limits.running_tasks import Gate
from ..storage.store import Store
from ..storage.task_record import TaskRecord
from ..storage.task_writer import Sleep, TaskWriter
from .remaining_time import Estimates

#: By engine: the last turn of each person, and when it was.
Served = Mapping[str, Mapping[str, tuple[int, float]]]


@dataclass(frozen=True, slots=True)
class JobView:
    """The live state of an unfinished task, in addition to its row.

    ``position`` is its place in the queue, 0 = next, None if it is not waiting; ``progress`` is 0
    to 1, None if not reported; ``eta_s`` the seconds until it is done, None if unknown.
    """

    position: int | None = None
    progress: float | None = None
    stage: Text | None = None
    eta_s: float | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """The load of an engine's place: running tasks, waiting tasks, and how many run at a time.

    ``left_s``: the seconds of work left for each running task, None = unknown; ``held`` says why
    nothing can start there now, None = tasks can.
    """

    running: int
    waiting: int
    slots: int
    left_s: tuple[float | None, ...] = ()
    held: Text | None = None


class Backend(Protocol):
    """Runs tasks. All methods are called on the gateway's event loop."""

    def accepts(self, record: TaskRecord) -> bool:
        """Return whether this backend handles the task."""

    def open(self, unfinished: Iterable[TaskRecord], served: Served) -> None:
        """Resume unfinished tasks of a previous gateway, in order, and start.

        Args:
            served: the last turns by engine.
        """

    def submit(self, record: TaskRecord) -> None:
        """Queue a stored task behind its owner's other tasks."""

    def waiting(self) -> int:
        """Return the number of waiting tasks."""

    def view(self, record: TaskRecord) -> JobView:
        """Return the live state of a task."""

    def waits(self, record: TaskRecord) -> bool:
        """Return whether a task of this backend waits in its queue."""

    def load(self, engine: str) -> Load:
        """Return how busy the place of an engine is."""

    def look_again(self) -> None:
        """Start tasks that the gate now allows."""

    async def cancel(self, record: TaskRecord) -> None:
        """Cancel a waiting or running task; return when it has ended.

        Raises:
            Refusal: it cannot be cancelled, or not now.
        """

    async def close(self) -> None:
        """Stop. Unfinished tasks are resumed by the next gateway."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """What every backend needs.

    ``finished`` is called with each task that has ended, after its row was written; ``returned``
    with each task of a pool that was certainly not sent to the member it was assigned to.
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

    def row(self, message_id: str) -> TaskWriter:
        """Return the writer of an unfinished task's row."""
        return TaskWriter(self.store, message_id, clock=self.clock, sleep=self.sleep)

    async def end(self, record: TaskRecord, status: TaskStatus, **values: Any) -> None:
        """End a task without a video."""
        # Files first: were the row first, a crash in between would leave them lying.
        self.video_files.remove(record.video)
        ended = await self.store.change(
            record.message_id, status=status, finished_at=self.clock(), **values
        )
        self.finished(ended)

"""The runner, which passes each task to a backend."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, MutableMapping, Sequence
from typing import Final

from ...engines import ComputeEngine, Engine
from ...engines.pool import PoolEngine
from ...engines.remote import RemoteEngine
from ...i18n import Text
from ...people.lookup import People
from ...protocol.models import TaskStatus
from ..files.ingest import Ingest
from ..files.uploads import Uploads
from ..files.videos import VideoFiles
from ..limits.running_tasks import Gate
from ..refusals import Refusal
from ..storage.store import Store
from ..storage.task_record import TaskRecord
from ..storage.task_writer import Sleep
from .backend import Backend, JobContext, JobView
from .cluster.config import ClusterConfig
from .local.backend import LocalBackend
from .pool.backend import PoolBackend
from .remaining_time import Estimates
from .remote.backend import RemoteBackend

HISTORY: Final = 200  # completed tasks that the first estimates come from


class Runner:
    """Passes each task to its backend, local or remote.

    Args:
        slots: videos rendered at the same time on the CPU.
        engines: with a cluster, compute engines are replaced by shared ones, which are also
            ready if a worker is.
        cluster: where else videos are rendered.
        on_finished: called with each ended task.
    """

    def __init__(
        self,
        store: Store,
        video_files: VideoFiles,
        uploads: Uploads,
        engines: MutableMapping[str, Engine],
        people: People,
        *,
        slots: int,
        cluster: ClusterConfig | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
        on_finished: Callable[[TaskRecord], None] = lambda record: None,
    ) -> None:
        self._store = store
        self._engines = engines
        self._estimates = Estimates()
        self._on_finished = on_finished
        self.gate = Gate(people)
        context = JobContext(
            store,
            uploads,
            video_files,
            Ingest(video_files),
            self._estimates,
            self.gate,
            people,
            self._finished,
            lambda record, why: self.pools.returned(record, why),
            clock,
            sleep,
        )
        self.local = _compute(context, engines, slots, cluster)
        self._remote = RemoteBackend(context, engines)
        self.pools = PoolBackend(context, engines, self._backend_of)
        #: The first that accepts a task has it; the last one accepts all.
        self._backends: tuple[Backend, ...] = (self.pools, self._remote, self.local)

    async def open(self) -> None:
        """Resume unfinished tasks of a previous gateway, and start."""
        self._estimates.learn(reversed(await self._store.latest_completed(HISTORY)))
        unfinished = await self._store.load()
        served = await self._store.served()
        self.gate.paused = frozenset(await self._store.paused())
        for backend in reversed(self._backends):  # pools have what the others leave
            self.gate.on_change.append(backend.look_again)
            backend.open((one for one in unfinished if self._of(one) is backend), served)

    async def close(self) -> None:
        """Stop immediately; the next gateway resumes running tasks."""
        # Pools give nothing away then; what checks videos for all ends with the last one.
        for backend in (self.pools, self.local, self._remote):
            await backend.close()

    def settings_changed(self) -> None:
        """Start what new settings allow: other limits, a raised budget."""
        self._remote.weigh_again()
        self.gate.changed()

    def submit(self, record: TaskRecord) -> None:
        """Queue a stored task behind its owner's others."""
        self._of(record).submit(record)

    def waiting(self) -> int:
        """Return the number of waiting tasks."""
        return sum(backend.waiting() for backend in self._backends)

    def work_s(self, records: Sequence[TaskRecord]) -> float | None:
        """Return the work time of these tasks if nothing else is waiting; None = unknown."""
        totals: dict[str, float] = defaultdict(float)
        for record in records:
            whole_s = self._whole_s(record)
            if whole_s is None:
                return None
            queue, at_once = self._queue_of(record.engine)
            totals[queue] += whole_s / at_once
        return max(totals.values(), default=0.0)

    def _whole_s(self, record: TaskRecord) -> float | None:
        pooled = isinstance(self._engines.get(record.engine), PoolEngine)
        return self.pools.whole_s(record) if pooled else self._estimates.whole_s(record)

    def _backend_of(self, engine: str) -> Backend:
        """Return the backend of an engine's tasks."""
        kind = self._engines.get(engine)
        if isinstance(kind, PoolEngine):
            return self.pools
        return self._remote if isinstance(kind, RemoteEngine) else self.local

    def _queue_of(self, name: str) -> tuple[str, int]:
        """Return an engine's queue and its concurrency."""
        engine = self._engines.get(name)
        if isinstance(engine, PoolEngine):
            return name, max(1, self.pools.load(name).slots)
        if isinstance(engine, RemoteEngine):
            return name, engine.concurrency
        place = engine.place if isinstance(engine, ComputeEngine) else ""
        return f"at {place}", max(1, self.local.at_once(place))

    def title(self, record: TaskRecord) -> Text | None:
        """Return the display name of a task's engine; None if it no longer exists."""
        engine = self._engines.get(record.engine)
        return engine.title if engine is not None else None

    def view(self, record: TaskRecord) -> JobView:
        """Return the live state of a task; empty for a finished one."""
        return JobView() if record.status.finished else self._of(record).view(record)

    async def cancel(self, record: TaskRecord) -> TaskRecord:
        """Cancel a waiting or running task.

        Raises:
            Refusal: it has already ended or cannot be cancelled, or not now.
        """
        asked: Backend | None = None
        while not record.status.finished and self._of(record) is not asked:
            asked = self._of(record)  # a task of a pool may go to another meanwhile
            await asked.cancel(record)
            record = self._store.cached(record.message_id) or record
        if record.status is not TaskStatus.CANCELLED:
            raise Refusal("task_finished", state=record.status)
        return record

    def _of(self, record: TaskRecord) -> Backend:
        return next(backend for backend in self._backends if backend.accepts(record))

    def _finished(self, record: TaskRecord) -> None:
        if record.status is TaskStatus.COMPLETED:
            self._estimates.learn([record])
        self._on_finished(record)


def _compute(
    context: JobContext,
    engines: MutableMapping[str, Engine],
    slots: int,
    cluster: ClusterConfig | None,
) -> LocalBackend:
    if cluster is None:
        return LocalBackend(context, engines, slots)
    from .cluster.backend import ClusterBackend  # Dask: seconds and megabytes

    return ClusterBackend(context, engines, slots, cluster)

"""The cluster backend: this machine's queue, served by workers on other machines."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import socket
from collections.abc import Iterable, MutableMapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from ....engines import ComputeEngine, Engine
from ....i18n import Text
from ...storage.task_record import TaskRecord
from ..backend import JobContext, JobView, Served
from ..fair_queue import Admits
from ..local.backend import LocalBackend
from ..render_job import RenderJob
from .config import LOG, ClusterConfig
from .dask_client import Link, pick
from .serialization import engine_to_plain
from .shared_engine import SharedEngine
from .worker_slot import ClusterSlot

_LINE: Final = ""  # all tasks wait in one queue, wherever they will be computed
_FAREWELL_S: Final = 2.0
logger = logging.getLogger(LOG)


class ClusterBackend(LocalBackend):
    """Computes tasks on a cluster's workers, and on this machine only if configured.

    A worker never gets more tasks than it has slots, so all waiting tasks wait here.

    Args:
        engines: compute engines are replaced by ones that are also ready if a worker is.
    """

    def __init__(
        self,
        context: JobContext,
        engines: MutableMapping[str, Engine],
        slots: int,
        config: ClusterConfig,
    ) -> None:
        super().__init__(context, engines, slots)
        self._config = config
        folder = context.video_files.folder.parent
        self.link = Link(config, _name_of(folder), self._offers, self._wanted, self.look_again)
        for name, engine in engines.items():
            if isinstance(engine, ComputeEngine):
                engines[name] = SharedEngine(engine, self.link)
        self._making: dict[asyncio.Task[None], ClusterSlot] = {}
        self._dispatching: asyncio.Task[None] | None = None

    def open(self, unfinished: Iterable[TaskRecord], served: Served) -> None:
        """Queue unfinished tasks, connect to the cluster, and start."""
        super().open(unfinished, served)
        self.link.open()
        self._dispatching = asyncio.create_task(self._dispatch())

    async def close(self) -> None:
        """Stop now and notify the workers; running tasks return to the queue."""
        if self._dispatching is not None:
            self._dispatching.cancel()
        slots = list(self._making.values())
        for making in self._making:
            making.cancel()
        await asyncio.gather(*self._making, return_exceptions=True)
        await super().close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL_S):
                await asyncio.gather(*(slot.release() for slot in slots))
        await self.link.close()

    def view(self, record: TaskRecord) -> JobView:
        """Return a task's state; if no worker can take it, say what it is waiting for."""
        view = super().view(record)
        waits = view.position is not None and view.stage is None
        if waits and self._config.without_workers == "wait" and not self._is_offered(record.engine):
            return JobView(view.position, stage=self._reason(record.engine))
        return view

    def _line(self, place: str) -> str:
        return _LINE

    def _admits(self, place: str) -> Admits:
        """Let this machine take tasks that no worker can, if configured."""
        if self._config.without_workers == "wait":
            return lambda owner, engine: engine not in self._engines
        admits = super()._admits(place)
        return lambda owner, name: (
            admits(owner, name)
            and self._place_of(name) == place
            and not self._is_offered(name)
            and self._is_ready_here(name)
        )

    def at_once(self, place: str) -> int:
        """Return how many tasks can be computed at the same time."""
        return sum(worker.slots for worker in self.link.workers.values()) or super().at_once(place)

    async def _dispatch(self) -> None:
        queue = self._queues[_LINE]
        while True:
            message_id = queue.first(self._has_room)
            if message_id is None:
                self._news.clear()
                await self._news.wait()
                continue
            turn = queue.take(message_id)
            record = self._context.store.cached(message_id)
            if record is not None and not record.status.finished:
                self._start(record, turn)

    def _start(self, record: TaskRecord, turn: int) -> None:
        engine = self._engines[record.engine]
        worker = pick(list(self.link.workers.values()), record.engine)
        assert isinstance(engine, ComputeEngine)
        assert worker is not None
        slot = ClusterSlot(self.link, worker, engine, self._context.ingest, record.owner)
        job = RenderJob(self._context, self._engines, record, slot, worker.name, turn)
        under_way = ExitStack()
        under_way.enter_context(self._context.gate.passing(record.owner))
        self._jobs[record.message_id] = job
        making = asyncio.create_task(self._make(job, slot, under_way))
        self._making[making] = slot
        making.add_done_callback(self._making.pop)

    async def _make(self, job: RenderJob, slot: ClusterSlot, under_way: ExitStack) -> None:
        with under_way:
            again = await self._run(job)
        if again:
            logger.info(
                "Task %s starts again; it ran on worker %s", job.record.id, slot.worker.name
            )
            self._queues[_LINE].put_again(job.record, job.turn)
            self._news.set()
        await slot.release()
        self._news.set()

    def _has_room(self, owner: str, engine: str) -> bool:
        workers = list(self.link.workers.values())
        return pick(workers, engine) is not None and self._context.gate.admits(owner, engine)

    def _is_offered(self, engine: str) -> bool:
        return any(engine in worker.engines for worker in self.link.workers.values())

    def _is_ready_here(self, name: str) -> bool:
        engine = self._engines.get(name)
        return not isinstance(engine, SharedEngine) or engine.ready_here

    def _reason(self, engine: str) -> Text:
        for worker in self.link.workers.values():
            why = worker.refused or worker.missing.get(engine)
            if why is not None:
                return _UNABLE(name=worker.name, why=why)
        return _NOBODY

    def _wanted(self) -> int:
        """Return how many tasks wait for a worker; 0 if none of them may start."""
        queue = self._queues[_LINE]
        return 0 if queue.first(self._context.gate.admits) is None else len(queue)

    def _offers(self) -> list[dict[str, Any]]:
        shared = [one for one in self._engines.values() if isinstance(one, SharedEngine)]
        return [engine_to_plain(one.here) for one in shared]


def _name_of(folder: Path) -> str:
    """Return the gateway's name for workers, based on this machine and the data folder."""
    return hashlib.sha256(f"{socket.gethostname()}:{folder}".encode()).hexdigest()[:16]


_NOBODY = Text("Waiting for a cluster worker with this engine", "正在等待可运行该引擎的工作节点")
_UNABLE = Text(
    "Waiting for a cluster worker with this engine ({name}: {why})",
    "正在等待可运行该引擎的工作节点（{name}：{why}）",
)

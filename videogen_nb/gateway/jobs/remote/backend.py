"""The remote backend: a queue per engine, and tasks whose engine is missing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from ....engines import Engine
from ....engines.remote import RemoteEngine
from ....errors import UpstreamError
from ....protocol.models import TaskStatus
from ...storage.task_record import TaskRecord
from ..backend import JobContext, JobView, Load, Served
from . import final_cost, texts
from .create import is_of, upstream_name
from .engine_queue import EngineQueue

LEARN_EVERY_S: Final = 60.0

logger = logging.getLogger(__name__)


class RemoteBackend:
    """Runs tasks at providers."""

    def __init__(self, context: JobContext, engines: Mapping[str, Engine]) -> None:
        self._finished = context.finished
        self._context = replace(context, finished=self._end)
        self._engines = engines
        self._queues: dict[str, EngineQueue] = {}
        self._orphans: dict[str, TaskRecord] = {}
        self._served: Served = {}
        self._learning: asyncio.Task[None] | None = None

    def accepts(self, record: TaskRecord) -> bool:
        """Return whether a task belongs to a remote engine."""
        engine = self._engines.get(record.engine)
        return isinstance(engine, RemoteEngine) or record.intent is not None

    def open(self, unfinished: Iterable[TaskRecord], served: Served) -> None:
        """Resume unfinished tasks of a previous gateway, and start others."""
        self._served = served
        for record in unfinished:
            if is_of(record, self._engines.get(record.engine)):
                self._queue_of(record.engine).take_up(record)
            else:  # what may be paid for is not given up for a line of a settings file
                self._orphans[record.message_id] = record
        self.look_again()
        self._learning = asyncio.create_task(self._learn())

    def submit(self, record: TaskRecord) -> None:
        """Queue a stored task for its engine."""
        self._queue_of(record.engine).submit(record)

    def look_again(self) -> None:
        """Start tasks that may start now."""
        for queue in self._queues.values():
            queue.start_next()

    def weigh_again(self) -> None:
        """At the next check, retry tasks that wait for a budget."""
        for queue in self._queues.values():
            queue.weigh_again()

    def waiting(self) -> int:
        """Return the number of waiting tasks."""
        return sum(queue.waiting() for queue in self._queues.values())

    def waits(self, record: TaskRecord) -> bool:
        """Return whether a task is in its engine's queue."""
        queue = self._queues.get(record.engine)
        return queue is not None and queue.waits(record.message_id)

    def load(self, engine: str) -> Load:
        """Return how busy an engine is."""
        return self._queue_of(engine).load()

    def view(self, record: TaskRecord) -> JobView:
        """Return the live state of a task."""
        if record.message_id in self._orphans:
            name = upstream_name(record.handle or record.intent or "?")
            return JobView(stage=texts.ORPHAN(name=record.engine, upstream=name))
        queue = self._queues.get(record.engine)
        if queue is None:
            return JobView()
        job = queue.job(record.message_id)
        if job is None:
            return queue.view(record)
        eta_s = job.eta_s if job.eta_s is not None else self._eta_s(record, job.progress)
        return JobView(job.position, job.progress, job.stage, eta_s)

    async def cancel(self, record: TaskRecord) -> None:
        """Cancel a task. Raises Refusal if it cannot be cancelled, or not now."""
        if self._orphans.pop(record.message_id, None) is not None:
            row = self._context.row(record.message_id)
            self._context.finished(await row.end(TaskStatus.CANCELLED, final_cost.of_unknown(row)))
        elif queue := self._queues.get(record.engine):
            await queue.cancel(record)

    async def close(self) -> None:
        """Stop polling; the next gateway polls tasks that were sent."""
        if self._learning is not None:
            self._learning.cancel()
            await asyncio.gather(self._learning, return_exceptions=True)
        await asyncio.gather(*(queue.close() for queue in self._queues.values()))
        await self._context.ingest.close()
        for engine in self._engines.values():
            if isinstance(engine, RemoteEngine):
                await engine.aclose()

    def _queue_of(self, name: str) -> EngineQueue:
        if name not in self._queues:
            self._queues[name] = EngineQueue(
                self._context, self._engines, name, self._served.get(name, {})
            )
        return self._queues[name]

    async def _learn(self) -> None:
        """Ask engines regularly what they can do, if they report it."""
        while True:
            remote = [one for one in self._engines.values() if isinstance(one, RemoteEngine)]
            for engine in remote:
                try:
                    if engine.missing() is None:
                        await engine.learn()
                except UpstreamError as error:
                    logger.debug("The engine %r cannot be asked: %s", engine.name, error)
                except Exception:  # the boundary: an outside package's fault is its own
                    logger.exception("The engine %r failed in telling what it can do", engine.name)
            await asyncio.sleep(LEARN_EVERY_S)

    def _end(self, record: TaskRecord) -> None:
        if record.status is not TaskStatus.COMPLETED:
            self._context.video_files.remove(record.video)
        self._finished(record)

    def _eta_s(self, record: TaskRecord, progress: float | None) -> float | None:
        if record.status is TaskStatus.PENDING:
            return None  # it is being sent
        return self._context.estimates.remaining_s(record, progress, self._context.clock())

"""The remote backend: a queue per engine, and the tasks whose engine is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ....engines import Engine
from ....engines.remote import RemoteEngine
from ....protocol.models import TaskStatus
from ...storage.task_record import TaskRecord
from ...storage.task_writer import TaskWriter
from ..backend import JobContext, JobView, Served
from . import texts
from .create import is_of, upstream_name
from .queue import EngineQueue


class RemoteBackend:
    """Asks elsewhere for the videos of its tasks; computes nothing."""

    def __init__(self, context: JobContext, engines: Mapping[str, Engine]) -> None:
        self._finished = context.finished
        self._context = replace(context, finished=self._end)
        self._engines = engines
        self._queues: dict[str, EngineQueue] = {}
        self._orphans: dict[str, TaskRecord] = {}
        self._served: Served = {}

    def accepts(self, record: TaskRecord) -> bool:
        """Return whether a task is made elsewhere."""
        engine = self._engines.get(record.engine)
        return isinstance(engine, RemoteEngine) or record.intent is not None

    def open(self, unfinished: Sequence[TaskRecord], served: Served) -> None:
        """Take up what a former gateway left, and begin what may be begun."""
        self._served = served
        for record in unfinished:
            if is_of(record, self._engines.get(record.engine)):
                self._queue_of(record.engine).take_up(record)
            else:  # what may be paid for is not given up for a line of a settings file
                self._orphans[record.message_id] = record
        self.look_again()

    def submit(self, record: TaskRecord) -> None:
        """Put a stored task into its engine's queue."""
        self._queue_of(record.engine).submit(record)

    def look_again(self) -> None:
        """Begin what may be begun."""
        for queue in self._queues.values():
            queue.start_next()

    def waiting(self) -> int:
        """Return how many tasks wait."""
        return sum(queue.waiting() for queue in self._queues.values())

    def view(self, record: TaskRecord) -> JobView:
        """Return what is known of a task."""
        if record.message_id in self._orphans:
            name = upstream_name(record.handle or record.intent or "?")
            return JobView(stage=texts.ORPHAN(name=record.engine, upstream=name))
        queue = self._queues.get(record.engine)
        if queue is None:
            return JobView()
        job = queue.job(record.message_id)
        if job is None:
            return JobView(queue.position(record.message_id), stage=queue.reason(record))
        return JobView(None, job.progress, job.stage, self._eta_s(record, job.progress))

    async def cancel(self, record: TaskRecord) -> None:
        """Stop a task. Raises Refusal: where it cannot be stopped, where not now."""
        if self._orphans.pop(record.message_id, None) is not None:
            row = TaskWriter(
                self._context.store,
                record.message_id,
                clock=self._context.clock,
                sleep=self._context.sleep,
            )
            self._context.finished(await row.end(TaskStatus.CANCELLED, row.settled()))
        elif queue := self._queues.get(record.engine):
            await queue.cancel(record)

    async def close(self) -> None:
        """Stop asking; what was sent is asked for again by the next gateway."""
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

    def _end(self, record: TaskRecord) -> None:
        if record.status is not TaskStatus.COMPLETED:
            self._context.video_files.remove(record.video)
        self._finished(record)

    def _eta_s(self, record: TaskRecord, progress: float | None) -> float | None:
        if record.status is TaskStatus.PENDING:
            return None  # whose tasks stand before it there is not known
        return self._context.estimates.remaining_s(record, progress, self._context.clock())

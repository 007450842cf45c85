"""The local backend: a worker process per slot; each GPU has one slot."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final

from ....engines import ComputeEngine, Engine
from ....protocol.models import FINISHED, TaskStatus
from ...refusals import SENTENCES
from ...storage.task_record import TaskRecord
from ...workers.process import STOP_S, WorkerProcess
from ..backend import JobContext, JobView, Load, Served
from ..fair_queue import Admits, FairQueue
from ..remaining_time import FORESEEN, until_done_s
from ..render_job import RenderJob

PAUSE_S: Final = 5.0  # before a task is taken up again whose row could not be written

logger = logging.getLogger(__name__)


class LocalBackend:
    """Runs tasks, ``slots`` at a time, and one on each GPU; people take turns."""

    def __init__(self, context: JobContext, engines: Mapping[str, Engine], slots: int) -> None:
        self._context = context
        self._engines = engines
        self._queues: dict[str, FairQueue] = {}
        self._news = asyncio.Event()
        self._jobs: dict[str, RenderJob] = {}
        gpus = {engine.place for engine in engines.values() if isinstance(engine, ComputeEngine)}
        places = [""] * max(1, slots) + sorted(gpus - {""})
        self.workers = [(place, WorkerProcess()) for place in places]
        self._slots: list[asyncio.Task[None]] = []

    def accepts(self, record: TaskRecord) -> bool:
        """Accept every task; one whose engine is missing fails with a message."""
        return True

    def open(self, unfinished: Iterable[TaskRecord], served: Served) -> None:
        """Queue unfinished tasks of a previous gateway, and start."""
        for line in {self._line(place) for place, _ in self.workers}:
            self._queues[line] = FairQueue(self._served_at(line, served))
        for record in unfinished:
            self._queue_of(record).put(record)
        self._slots = [asyncio.create_task(self._work(*slot)) for slot in self.workers]

    async def close(self) -> None:
        """Stop immediately; running tasks return to the queue without using up an attempt."""
        interrupted = list(self._jobs.values())
        for slot in self._slots:
            slot.cancel()
        await asyncio.gather(*self._slots, return_exceptions=True)
        for _, worker in self.workers:
            await worker.kill()
        for job in interrupted:
            await job.put_back()

    def submit(self, record: TaskRecord) -> None:
        """Queue a stored task."""
        self._queue_of(record).put(record)
        self._news.set()

    def look_again(self) -> None:
        """Wake idle slots."""
        self._news.set()

    def waiting(self) -> int:
        """Return the number of waiting tasks."""
        return sum(len(queue) for queue in self._queues.values())

    def load(self, engine: str) -> Load:
        """Return how busy the place of an engine is."""
        place = self._place_of(engine)
        line = self._line(place)
        left_s = tuple(
            self._remaining_s(message_id)
            for message_id, job in self._jobs.items()
            if self._line(job.place) == line
        )
        return Load(len(left_s), len(self._queues[line]), self.at_once(place), left_s)

    def waits(self, record: TaskRecord) -> bool:
        """Return whether a task is in the queue of its place."""
        return record.message_id in self._queue_of(record)

    def view(self, record: TaskRecord) -> JobView:
        """Return the live state of a task."""
        job = self._jobs.get(record.message_id)
        if job is not None:
            return JobView(None, job.progress, job.stage, self._remaining_s(record.message_id))
        position = self._queue_of(record).position(record.message_id)
        kept_back = self._context.gate.reason(record.owner, record.engine)
        if position is None or kept_back is not None:
            return JobView(position, stage=kept_back)
        return JobView(position, eta_s=self._eta_s(record, position))

    async def cancel(self, record: TaskRecord) -> None:
        """Remove a task from the queue, or stop its worker."""
        job = self._jobs.get(record.message_id)
        queue = self._queue_of(record)
        if record.message_id in queue:
            queue.leave(record.message_id)
            await self._context.end(record, TaskStatus.CANCELLED)
        elif job is not None:
            engine = self._engines.get(record.engine)
            await job.cancel(engine.stop_s if isinstance(engine, ComputeEngine) else STOP_S)

    async def _work(self, place: str, worker: WorkerProcess) -> None:
        while True:
            message_id, turn = await self._next(place, worker)
            record = self._context.store.cached(message_id)
            if record is None or record.status in FINISHED:
                continue
            job = RenderJob(self._context, self._engines, record, worker, place, turn)
            with self._context.gate.passing(record.owner):
                again = await self._run(job)
            if again:
                self._queues[self._line(place)].put_again(record, turn)

    async def _run(self, job: RenderJob) -> bool:
        """Make one attempt; return whether to retry immediately."""
        message_id = job.record.message_id
        self._jobs[message_id] = job
        try:
            return await job.run()
        except (sqlite3.Error, OSError):
            logger.exception("Task %s could not be written; it is taken up again", job.record.id)
            await asyncio.sleep(PAUSE_S)
            return True
        except Exception:  # the boundary: one task's fault must not end the slot
            logger.exception("Task %s met a fault of the gateway", job.record.id)
            await job.fail("internal_error", SENTENCES["internal_error"])
            return False
        finally:
            del self._jobs[message_id]
            job.over.set()

    async def _next(self, place: str, worker: WorkerProcess) -> tuple[str, int]:
        """Wait for the next task of a place; stop an idle worker after a while."""
        warm_s, queue = self._warm_s(place), self._queues[self._line(place)]
        while (message_id := queue.first(self._admits(place))) is None:
            self._news.clear()
            try:
                # Not wait_for: before Python 3.12 it may swallow a cancellation.
                async with asyncio.timeout(warm_s if worker.pid else None):
                    await self._news.wait()
            except TimeoutError:
                await worker.kill()
        return message_id, queue.take(message_id)

    def _line(self, place: str) -> str:
        """Return the queue in which tasks of a place wait."""
        return place

    def _admits(self, place: str) -> Admits:
        """Return which tasks of its queue a place may start."""
        return self._context.gate.admits

    def at_once(self, place: str) -> int:
        """Return how many tasks of a place are computed at the same time."""
        return sum(place == there for there, _ in self.workers)

    def _queue_of(self, record: TaskRecord) -> FairQueue:
        return self._queues[self._line(self._place(record))]

    def _served_at(self, line: str, served: Served) -> dict[str, tuple[int, float]]:
        turns: dict[str, tuple[int, float]] = {}
        for name, of_engine in served.items():
            if line == self._line(self._place_of(name)):
                for owner, turn in of_engine.items():
                    turns[owner] = max(turn, turns.get(owner, turn))
        return turns

    def _place(self, record: TaskRecord) -> str:
        return self._place_of(record.engine)

    def _place_of(self, name: str) -> str:
        engine = self._engines.get(name)
        return engine.place if isinstance(engine, ComputeEngine) else ""

    def _warm_s(self, place: str) -> float:
        engines = (e for e in self._engines.values() if isinstance(e, ComputeEngine))
        return max((e.warm_s for e in engines if e.place == place), default=0.0)

    def _eta_s(self, record: TaskRecord, position: int) -> float | None:
        if position > FORESEEN:
            return None
        place = self._place(record)
        line = self._line(place)
        beside = [other for other, job in self._jobs.items() if self._line(job.place) == line]
        ahead = [*beside, *self._queue_of(record).up_to(record.message_id)]
        return until_done_s([self._remaining_s(one) for one in ahead], self.at_once(place))

    def _remaining_s(self, message_id: str) -> float | None:
        record = self._context.store.cached(message_id)
        if record is None:
            return None
        job = self._jobs.get(message_id)
        if job is None:
            return self._context.estimates.whole_s(record)
        now = self._context.clock()
        return self._context.estimates.remaining_s(record, job.progress, now, job.begun)

"""The queue of one remote engine, with its concurrency and back-off."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Final

from ....engines import Engine
from ....engines.remote import RemoteEngine
from ....errors import UpstreamBusy
from ....i18n import Text
from ....protocol.models import TaskStatus
from ...storage.task_record import TaskRecord
from ..backend import JobContext, JobView, Load
from ..fair_queue import FairQueue
from ..remaining_time import FORESEEN, until_done_s
from . import texts
from .create import NotStarted
from .job import RemoteJob
from .retries import AWAY_GIVEN_UP_S, busy_s

FAREWELL_S: Final = 10.0  # for creates under way when the gateway ends

logger = logging.getLogger(__name__)


class EngineQueue:
    """The tasks of one engine; people take turns."""

    def __init__(
        self,
        context: JobContext,
        engines: Mapping[str, Engine],
        name: str,
        served: Mapping[str, tuple[int, float]],
    ) -> None:
        self._context = context
        self._engines = engines
        self._name = name
        self._queue = FairQueue(served)
        self._jobs: dict[str, RemoteJob] = {}
        self._runs: set[asyncio.Task[None]] = set()
        self._reasons: dict[str, Text] = {}
        self._away_since: dict[str, float] = {}
        self._refusals = 0
        self._closing = False
        self._passed_over: dict[str, asyncio.Task[None]] = {}
        self._holding: asyncio.Task[None] | None = None
        self._held: Text | None = None  # why
        self._over_budget = False  # whether that is why

    @property
    def engine(self) -> RemoteEngine:
        """The engine with its current settings."""
        engine = self._engines[self._name]
        assert isinstance(engine, RemoteEngine)
        return engine

    def take_up(self, record: TaskRecord) -> None:
        """Resume a task; one that was already sent skips the queue."""
        if record.intent is not None:
            self._begin(record, record.turn)
        else:
            self._queue.put(record)

    def submit(self, record: TaskRecord) -> None:
        """Queue a task behind its owner's others; one that was already sent continues."""
        self.take_up(record)
        self.start_next()

    def start_next(self) -> None:
        """Start as many tasks as allowed."""
        while not self._closing and self._holding is None:
            message_id = self._queue.first(self._admits)
            if message_id is None or len(self._runs) >= self.engine.concurrency:
                return
            turn = self._queue.take(message_id)
            record = self._context.store.cached(message_id)
            assert record is not None  # unfinished tasks are in memory
            self._begin(record, turn)

    def weigh_again(self) -> None:
        """Let tasks that wait for a budget be tried now: it may have been raised."""
        if self._over_budget and self._holding is not None:
            self._holding.cancel()
            self._holding = None
        for waiting in self._passed_over.values():
            waiting.cancel()
        self._passed_over.clear()

    def load(self) -> Load:
        """Return how busy the engine is."""
        held = None if self._holding is None else self._held  # which everyone may read
        left_s = tuple(map(self._remaining_s, self._jobs))
        return Load(len(self._runs), len(self._queue), self.engine.concurrency, left_s, held)

    def waits(self, message_id: str) -> bool:
        """Return whether a task is in the queue."""
        return message_id in self._queue

    def view(self, record: TaskRecord) -> JobView:
        """Return what is known about a waiting task."""
        position, reason = self._queue.position(record.message_id), self.reason(record)
        if position is None or reason is not None or position > FORESEEN:
            return JobView(position, stage=reason)
        ahead = [*self._jobs, *self._queue.up_to(record.message_id)]
        shares = [self._remaining_s(message_id) for message_id in ahead]
        return JobView(position, eta_s=until_done_s(shares, self.engine.concurrency))

    def waiting(self) -> int:
        """Return the number of waiting tasks."""
        return len(self._queue)

    def job(self, message_id: str) -> RemoteJob | None:
        """Return a running task."""
        return self._jobs.get(message_id)

    def reason(self, record: TaskRecord) -> Text | None:
        """Return why a task is held back, or queued again."""
        if record.message_id not in self._queue:
            return None
        kept_back = self._context.gate.reason(record.owner, record.engine)
        return kept_back or self._reasons.get(record.message_id) or self._behind(record.owner)

    def _behind(self, owner: str) -> Text | None:
        """Return why a task waits behind one that is over budget, without that one's amounts."""
        held = self._over_budget and self._holding is not None
        return texts.BEHIND_BUDGET if held or owner in self._passed_over else None

    async def cancel(self, record: TaskRecord) -> None:
        """Cancel a waiting or running task. Raises like :meth:`RemoteJob.cancel`."""
        job = self._jobs.get(record.message_id)
        if job is not None:
            await job.cancel()
        if record.message_id in self._queue:
            self._queue.leave(record.message_id)
            self._forget(record.message_id)
            ended = await self._context.row(record.message_id).end(TaskStatus.CANCELLED, None)
            self._context.finished(ended)

    async def close(self) -> None:
        """Stop polling; pending create requests get a moment to finish."""
        if self._holding is not None:
            self._holding.cancel()
        for waiting in self._passed_over.values():
            waiting.cancel()
        self._closing = True
        creating = [asyncio.ensure_future(e.created.wait()) for e in self._jobs.values()]
        if creating:
            _, late = await asyncio.wait(creating, timeout=FAREWELL_S)
            for waiter in late:
                waiter.cancel()
        for run in self._runs:
            run.cancel()
        await asyncio.gather(*self._runs, return_exceptions=True)

    def _begin(self, record: TaskRecord, turn: int | None) -> None:
        job = RemoteJob(self._context, self.engine, record.message_id, turn)
        self._jobs[record.message_id] = job
        under_way = ExitStack()  # from now on: the next one is looked for before this one runs
        under_way.enter_context(self._context.gate.passing(record.owner))
        run = asyncio.create_task(self._run(record, turn, job, under_way))
        self._runs.add(run)
        run.add_done_callback(self._done)

    async def _run(
        self, record: TaskRecord, turn: int | None, job: RemoteJob, under_way: ExitStack
    ) -> None:
        message_id = record.message_id
        with under_way:
            try:
                later = await job.run()
                if later is not None and record.pool is not None:
                    self._hold(record, later)
                    self._context.returned(record, later.why)
                elif later is not None and not await self._given_up(message_id, later):
                    self._queue.put_again(record, turn or 0)
                    self._hold(record, later)
                else:
                    self._forget(message_id)
            finally:
                del self._jobs[message_id]

    def _done(self, run: asyncio.Task[None]) -> None:
        self._runs.discard(run)
        if not run.cancelled():
            if run.exception() is not None:
                logger.error("A fault of the gateway", exc_info=run.exception())
            self._context.gate.changed()

    def _admits(self, owner: str, engine: str) -> bool:
        return owner not in self._passed_over and self._context.gate.admits(owner, engine)

    def _hold(self, record: TaskRecord, later: NotStarted) -> None:
        """Send nothing for as long as the provider asked, or increasingly longer."""
        if record.pool is None:
            self._reasons[record.message_id] = later.why.text
        if later.of_owner:
            if former := self._passed_over.pop(record.owner, None):
                former.cancel()
            waiting = asyncio.create_task(self._pass_over(record.owner, later.seconds or 0.0))
            self._passed_over[record.owner] = waiting
            return
        self._over_budget = later.over_budget
        self._held = texts.OVER_BUDGET if later.over_budget else later.why.text
        seconds = busy_s(self._refusals) if later.seconds is None else later.seconds
        self._refusals += 1
        if self._holding is not None:
            self._holding.cancel()
        self._holding = asyncio.create_task(self._wait(seconds))

    async def _pass_over(self, owner: str, seconds: float) -> None:
        """Send nothing for one person for a while; others continue."""
        await self._context.sleep(seconds)
        del self._passed_over[owner]
        self._context.gate.changed()

    async def _wait(self, seconds: float) -> None:
        await self._context.sleep(seconds)
        self._holding = None
        self._context.gate.changed()

    async def _given_up(self, message_id: str, later: NotStarted) -> bool:
        if isinstance(later.why, UpstreamBusy):
            self._away_since.pop(message_id, None)
            return False
        now = self._context.clock()
        tried_s = now - self._away_since.setdefault(message_id, now)
        if tried_s < AWAY_GIVEN_UP_S:
            return False
        why = texts.GIVEN_UP(why=later.why.text, minutes=round(tried_s / 60))
        ended = await self._context.row(message_id).end(
            TaskStatus.FAILED, None, error=why, error_code=later.why.code
        )
        self._context.finished(ended)
        return True

    def _remaining_s(self, message_id: str) -> float | None:
        record = self._context.store.cached(message_id)
        if record is None:
            return None
        job = self._jobs.get(message_id)
        if job is None:
            return self._context.estimates.whole_s(record)
        if job.eta_s is not None:
            return job.eta_s
        now = self._context.clock()
        return self._context.estimates.remaining_s(record, job.progress, now)

    def _forget(self, message_id: str) -> None:
        self._reasons.pop(message_id, None)
        self._away_since.pop(message_id, None)
        self._refusals = 0

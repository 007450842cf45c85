"""The backend of pools: a queue per pool, whose tasks are assigned to free members.

An assigned task belongs to the member: ``engine`` in its row is the member, and the member's
backend runs it. A task returns to the pool only if it was certainly not sent to the member.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any, Final

from ....engines import Engine
from ....engines.pool import PoolEngine, plan_of_member
from ....errors import BadInput, UpstreamAway, UpstreamError
from ....i18n import Text
from ....protocol.models import TaskStatus
from ...refusals import SENTENCES, Refusal
from ...storage.task_record import TaskRecord
from ...threads import in_thread
from ..backend import Backend, JobContext, JobView, Load, Served
from ..expected_cost import cost_of
from ..fair_queue import FairQueue
from ..remaining_time import FORESEEN, until_done_s
from ..remote.retries import AWAY_GIVEN_UP_S
from . import texts
from .members import Member, Members

_NOTED: Final = "noted"  # among a task's facts: how many of its notes are true of all members

logger = logging.getLogger(__name__)


class PoolBackend:
    """Assigns each task of a pool to the least busy available member.

    Args:
        backend_of: returns the backend for an engine's tasks.
    """

    def __init__(
        self,
        context: JobContext,
        engines: Mapping[str, Engine],
        backend_of: Callable[[str], Backend],
    ) -> None:
        self._context = context
        self._engines = engines
        self._backend_of = backend_of
        self._queues: dict[str, FairQueue] = {}
        self._served: Served = {}
        self._giving: dict[str, asyncio.Task[None]] = {}
        self._given: dict[str, str] = {}  # to whom, until it is begun there
        self._refused: dict[str, dict[str, Text]] = {}  # by task: members that do not take it
        self._away_since: dict[str, float] = {}
        self._closing = False
        self._members = Members(
            engines,
            context.gate,
            lambda name: backend_of(name).load(name),
            self._given,
            self._giving,
        )

    def accepts(self, record: TaskRecord) -> bool:
        """Return whether a task waits for a member of a pool."""
        return isinstance(self._engines.get(record.engine), PoolEngine)

    def open(self, unfinished: Iterable[TaskRecord], served: Served) -> None:
        """Queue unfinished tasks of a previous gateway, and start."""
        self._served = served
        for record in unfinished:
            self._queue_of(record.engine).put(record)
        self.look_again()

    def submit(self, record: TaskRecord) -> None:
        """Put a stored task into its pool's queue."""
        self._queue_of(record.engine).put(record)
        self.look_again()

    def returned(self, record: TaskRecord, why: UpstreamError) -> None:
        """Take back a task that was certainly not sent to its member."""
        message_id = record.message_id
        self._given.pop(message_id, None)
        record = self._context.store.cached(message_id) or record
        if not self._is_given_up(record, why):
            self._queue_of(record.engine).put_again(record, record.turn or 0)
            self.look_again()
            return
        text = texts.GIVEN_UP(why=why.text, minutes=round(AWAY_GIVEN_UP_S / 60))
        self._begin(message_id, self._fail(record, why.code, text))

    def look_again(self) -> None:
        """Assign tasks to free members."""
        self._forget_begun()
        for name in self._queues:
            pool = self._engines.get(name)
            if isinstance(pool, PoolEngine) and not self._closing:
                self._give_all(pool)

    def waiting(self) -> int:
        """Return the number of tasks waiting for a member."""
        return sum(len(queue) for queue in self._queues.values()) + len(self._giving)

    def waits(self, record: TaskRecord) -> bool:
        """Return whether a task is in its pool's queue."""
        return record.message_id in self._queue_of(record.engine)

    def load(self, engine: str) -> Load:
        """Return the combined load of the members."""
        pool = self._engines[engine]
        assert isinstance(pool, PoolEngine)
        loads = [one.load for one in self._members.of(pool) if one.why is None]
        waiting = len(self._queue_of(engine)) + sum(load.waiting for load in loads)
        return Load(sum(load.running for load in loads), waiting, sum(load.slots for load in loads))

    def members(self, pool: PoolEngine) -> list[Member]:
        """Return the state of each member."""
        self._forget_begun()
        return self._members.of(pool)

    def whole_s(self, record: TaskRecord) -> float | None:
        """Return the work time of a task for any member; None = unknown."""
        pool = self._engines.get(record.engine)
        names = pool.instance.members if isinstance(pool, PoolEngine) else ()
        estimates = [
            self._context.estimates.whole_s(replace(record, engine=name)) for name in names
        ]
        known = [one for one in estimates if one is not None]
        return fmean(known) if known else None

    def view(self, record: TaskRecord) -> JobView:
        """Return the live state of a task that waits for a member."""
        position = self._queue_of(record.engine).position(record.message_id)
        kept_back = self._context.gate.reason(record.owner, record.engine)
        pool = self._engines.get(record.engine)
        if kept_back is not None or position is None or not isinstance(pool, PoolEngine):
            return JobView(position, stage=kept_back)
        members = self._members.of(pool)
        if all(one.why is not None for one in members):
            whys = [(one.name, one.why) for one in members if one.why is not None]
            return JobView(position, stage=texts.nobody(whys))
        return JobView(position, eta_s=self._eta_s(record, position, members))

    async def cancel(self, record: TaskRecord) -> None:
        """Remove a task from the queue; if it was just assigned, its member cancels it."""
        if giving := self._giving.get(record.message_id):
            await asyncio.wait([giving])
        queue = self._queue_of(record.engine)
        if record.message_id in queue:
            queue.leave(record.message_id)
            self._forget(record.message_id)
            ended = await self._context.row(record.message_id).end(TaskStatus.CANCELLED, None)
            self._context.finished(ended)

    async def close(self) -> None:
        """Stop assigning tasks."""
        self._closing = True
        for giving in self._giving.values():
            giving.cancel()
        await asyncio.gather(*self._giving.values(), return_exceptions=True)

    def _give_all(self, pool: PoolEngine) -> None:
        queue = self._queue_of(pool.name)
        while (message_id := queue.first(self._admits)) is not None:
            member = self._members.choose(pool, self._refused.get(message_id, ()))
            if member is None:
                return
            turn = queue.take(message_id)
            record = self._context.store.cached(message_id)
            assert record is not None  # unfinished tasks are in memory
            self._given[message_id] = member
            self._begin(message_id, self._give(record, self._engines[member], turn))

    async def _give(self, record: TaskRecord, engine: Engine, turn: int) -> None:
        """Assign a task to a member and put it into the member's queue."""
        try:
            moved = await self._moved(record, engine)
        except Refusal as refusal:
            await self._fail(record, refusal.code, refusal.text)
        except BadInput as refused:
            await self._refuse(record, engine.name, refused.text, turn)
        except Exception:  # the boundary: an engine's fault must not lose its task
            logger.exception("Task %s met a fault of the gateway", record.id)
            await self._fail(record, "internal_error", SENTENCES["internal_error"])
        else:
            self._backend_of(engine.name).submit(moved)

    async def _moved(self, record: TaskRecord, engine: Engine) -> TaskRecord:
        images = await self._context.uploads.find(record.owner, record.images)
        plan = await in_thread(
            plan_of_member, engine, record.prompt, record.requested, images, record.seed
        )
        cost, facts = cost_of(engine, plan), record.facts or {}
        notes = record.notes[: facts.get(_NOTED, len(record.notes))]
        return await self._context.row(record.message_id).change(
            cost=cost,
            engine=engine.name,
            pool=record.asked_for,
            parameters=plan.parameters,
            seed=plan.seed,
            notes=(*notes, *(note for note in plan.notes if note not in notes)),
            drawn=plan.drawn,
            estimated_s=plan.estimated_s,
            facts={**facts, "cost": cost and cost.to_wire(), _NOTED: len(notes)},
        )

    async def _refuse(self, record: TaskRecord, member: str, why: Text, turn: int) -> None:
        """Handle a member that refuses a task which its pool had accepted."""
        self._given.pop(record.message_id, None)
        pool = self._engines.get(record.engine)
        refused = self._refused.setdefault(record.message_id, {})
        refused[member] = why
        if isinstance(pool, PoolEngine) and {*pool.ready()} <= {*refused}:
            await self._fail(record, "bad_parameter", texts.REFUSED(why=why))
        else:
            self._queue_of(record.engine).put_again(record, turn)

    async def _fail(self, record: TaskRecord, code: str, why: Text) -> None:
        self._forget(record.message_id)
        row = self._context.row(record.message_id)
        ended = await row.end(TaskStatus.FAILED, None, error=why, error_code=code)
        self._context.finished(ended)

    def _begin(self, message_id: str, work: Coroutine[Any, Any, None]) -> None:
        """Run work on a task outside of any queue, then assign other tasks."""
        doing = asyncio.create_task(work)
        self._giving[message_id] = doing

        def done(task: asyncio.Task[None]) -> None:
            del self._giving[message_id]
            if not task.cancelled():
                if task.exception() is not None:
                    logger.error("A fault of the gateway", exc_info=task.exception())
                self.look_again()

        doing.add_done_callback(done)

    def _admits(self, owner: str, engine: str) -> bool:
        given = map(self._context.store.cached, self._given)
        besides = sum(record is not None and record.owner == owner for record in given)
        return self._context.gate.admits(owner, engine, besides)

    def _forget_begun(self) -> None:
        """Forget assignments of tasks that have started or ended."""
        for message_id in [*self._given]:
            record = self._context.store.cached(message_id)
            if message_id in self._giving:
                continue
            if record is None or not self._backend_of(record.engine).waits(record):
                del self._given[message_id]

    def _is_given_up(self, record: TaskRecord, why: UpstreamError) -> bool:
        if not isinstance(why, UpstreamAway):
            self._away_since.pop(record.message_id, None)
            return False
        now = self._context.clock()
        since = self._away_since.setdefault(record.message_id, now)
        pool = self._engines.get(record.engine)
        others = self._members.of(pool) if isinstance(pool, PoolEngine) else []
        return now - since >= AWAY_GIVEN_UP_S and all(one.why is not None for one in others)

    def _forget(self, message_id: str) -> None:
        self._given.pop(message_id, None)
        self._refused.pop(message_id, None)
        self._away_since.pop(message_id, None)

    def _eta_s(self, record: TaskRecord, position: int, members: Sequence[Member]) -> float | None:
        if position > FORESEEN:
            return None
        open_ = [one for one in members if one.why is None]
        ahead = self._queue_of(record.engine).up_to(record.message_id)
        whole = [self._whole_s_of(message_id) for message_id in ahead]
        there = [left for one in open_ for left in one.load.left_s]
        # What waits at a member is like what waits here, for want of a better guess.
        there += [whole[-1]] * sum(one.load.waiting for one in open_)
        return until_done_s([*there, *whole], sum(one.load.slots for one in open_))

    def _whole_s_of(self, message_id: str) -> float | None:
        record = self._context.store.cached(message_id)
        return None if record is None else self.whole_s(record)

    def _queue_of(self, name: str) -> FairQueue:
        if name not in self._queues:
            self._queues[name] = FairQueue(self._served.get(name, {}))
        return self._queues[name]

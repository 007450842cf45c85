"""The task store: durable rows, and in memory the ones that are asked for.

A task is on the disk before anybody hears of it, and every change of it before it is told. Live
progress is not kept here: it would be worth nothing after a restart.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final, Literal

from ...protocol.filters import ANY, Filters
from ...protocol.models import FINISHED, TRANSITIONS, TaskStatus
from ..limits.allowances import NO_ALLOWANCE, Allowance
from ..limits.budgets import Budget
from ..refusals import task_missing
from . import queues, search, spending_report, tasks
from .database import Database
from .idempotency import IdempotencyKey, made_by
from .ledger import Cost, Spent, totals, totals_by_owner
from .task_record import TaskRecord
from .tasks import UNCHANGED

CACHED: Final = 2_000  # finished tasks kept in memory


class Store:
    """Tasks by ``message_id``; each belongs to an ``owner``, and nobody else finds it."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._unfinished: dict[str, TaskRecord] = {}
        self._recent: OrderedDict[str, TaskRecord] = OrderedDict()

    async def load(self) -> list[TaskRecord]:
        """Read the unfinished tasks into memory, oldest first; interrupted ones wait again."""
        records = await self._database.write(tasks.recover)
        self._unfinished = {record.message_id: record for record in records}
        return records

    def unfinished(self, owner: str | None = None) -> int:
        """Return how many tasks have not ended: of one owner, or of everybody."""
        if owner is None:
            return len(self._unfinished)
        return sum(record.owner == owner for record in self._unfinished.values())

    def engines_in_use(self) -> set[str]:
        """The engines and pools of all tasks that have not ended."""
        unfinished = self._unfinished.values()
        return {name for record in unfinished for name in (record.engine, record.asked_for)}

    def standing(self) -> Counter[tuple[str, str]]:
        """Return how many tasks have not ended, by engine and status."""
        unfinished = self._unfinished.values()
        return Counter((record.engine, record.status.value) for record in unfinished)

    async def add(
        self,
        record: TaskRecord,
        key: IdempotencyKey | None = None,
        *,
        cost: Cost | None = None,
        allowance: Allowance = NO_ALLOWANCE,
        again: bool = True,
        instead_of: str | None = None,
    ) -> TaskRecord:
        """Keep a new task; with a key that is known, the task it made before.

        Args:
            cost: what it is expected to cost.
            allowance: beyond which it is refused.
            again: whether to keep it although an identical one (``digest``) is there.
            instead_of: the ``message_id`` of the task whose place in its batches it takes.

        Raises:
            Refusal: where the key came with another body; where its task was deleted;
                where it would go beyond a budget or limit.
        """
        given = (record, key, cost, allowance, again, instead_of)
        kept = await self._database.write(tasks.add, *given)
        self.remember(kept)
        return kept

    async def made_by(self, owner: str, key: IdempotencyKey) -> TaskRecord | None:
        """Return the task that an idempotency key made, None if new. Raises as :meth:`add`."""
        return await self._database.read(made_by, owner, key, self._clock())

    async def get(self, owner: str | None, conversation_id: str, message_id: str) -> TaskRecord:
        """Return one task; ``owner`` None = anybody's. Raises Refusal where there is none."""
        record = self.cached(message_id)
        if record is None:
            record = await self._database.read(tasks.one, message_id)
            if record is not None:
                self.remember(record)
        if record is None or record.conversation_id != conversation_id:
            raise task_missing()
        if owner is not None and record.owner != owner:
            raise task_missing()
        return record

    async def of_video(self, video: str) -> TaskRecord | None:
        """Return the task whose files have this name, whoever owns it; None where it is gone."""
        found = await self._database.read(tasks.many, "WHERE video = ?", [video])
        return found[0] if found else None

    def cached(self, message_id: str) -> TaskRecord | None:
        """Return a task if it is in memory: all unfinished and the latest finished ones are."""
        return self._unfinished.get(message_id) or self._recent.get(message_id)

    async def page(
        self,
        owner: str | None,
        *,
        wanted: Filters = ANY,
        limit: int,
        offset: int = 0,
        after: str | None = None,
        oldest_first: bool = False,
    ) -> tuple[list[TaskRecord], int]:
        """Return one page, newest first, and how many match in all.

        Args:
            wanted: what the tasks have to be like.
            after: the page goes on behind the task of this ``message_id``.

        Raises:
            Refusal: there is no such task.
        """
        where = search.conditions(owner, wanted)
        return await self._database.read(search.page, where, limit, offset, after, oldest_first)

    async def matching(self, owner: str | None, wanted: Filters) -> list[TaskRecord]:
        """Return all tasks of an owner, or of anybody (None), that match, oldest first."""
        return await self._database.read(search.matching, search.conditions(owner, wanted))

    async def groups(self, owner: str) -> list[tuple[str, int]]:
        """Return the groups of an owner and how many tasks each has, the newest first."""
        return await self._database.read(search.groups, owner)

    async def annotate(self, record: TaskRecord, **values: Any) -> TaskRecord:
        """Write what a person says of a task: ``starred``, ``title``, ``labels``, ``group``."""
        await self._database.write(tasks.change, record, values, UNCHANGED, None)
        kept = replace(self.cached(record.message_id) or record, **values)
        self.remember(kept)
        return kept

    async def change(
        self,
        message_id: str,
        *,
        cost: Cost | Literal["unchanged"] | None = UNCHANGED,
        paying: tuple[Cost, tuple[Budget, ...]] | None = None,
        **values: Any,
    ) -> TaskRecord:
        """Write some fields of an unfinished task; a status may only go where it is allowed to.

        Args:
            cost: what it costs as it is now known; None = nothing.
            paying: what is about to be paid, and out of which budgets.

        Raises:
            Refusal: it would go beyond a budget; nothing was written.
        """
        before = self._unfinished[message_id]
        status = values.get("status", before.status)
        if status != before.status and status not in TRANSITIONS[before.status]:
            raise ValueError(f"a task cannot go from {before.status} to {status}")
        values["updated_at"] = max(self._clock(), before.updated_at)
        await self._database.write(tasks.change, replace(before, **values), values, cost, paying)
        # As it is now: a person may have starred it meanwhile.
        after = replace(self._unfinished[message_id], **values)
        self.remember(after)
        return after

    async def knows_handle(self, engine: str, handle: str) -> bool:
        """Return whether a task of this engine has this handle."""
        return await self._database.read(tasks.knows_handle, engine, handle)

    async def served(self) -> dict[str, dict[str, tuple[int, float]]]:
        """Return by engine the last turn of each person in its queue, and when it was."""
        return await self._database.read(queues.served)

    async def paused(self) -> list[str]:
        """Return which engines are paused."""
        return await self._database.read(queues.paused)

    async def set_paused(self, engine: str, *, paused: bool) -> None:
        """Keep that an engine is paused, or is not any more."""
        await self._database.write(queues.set_paused, engine, paused)

    async def spent(self, owner: str | None = None) -> list[Spent]:
        """Return what each paid engine has cost so far: one person, or everybody (None)."""
        return await self._database.read(totals, owner)

    async def adopt(self, old: TaskRecord, record: TaskRecord) -> tuple[TaskRecord, bool]:
        """Keep a task that takes the place, and the cost, of one that was sent and failed.

        Returns the task that has this handle, and whether it is this one.

        Raises:
            Refusal: another person's task has it.
        """
        kept = await self._database.write(tasks.adopt, old, record)
        if kept.message_id == record.message_id:
            self.remember(record)
        return self.cached(kept.message_id) or kept, kept.message_id == record.message_id

    async def breakdown(
        self, by: Sequence[str], owner: str | None, period: spending_report.Period
    ) -> list[dict[str, Any]]:
        """Return what was spent. See :func:`spending_report.breakdown`."""
        return await self._database.read(spending_report.breakdown, by, owner, period)

    async def by_person(
        self,
    ) -> tuple[dict[str, dict[TaskStatus, int]], dict[str, list[Spent]]]:
        """Return by owner how many tasks stand how, and what they have spent."""
        return await self._database.read(tasks.tallies), await self._database.read(totals_by_owner)

    async def forget(self, records: Sequence[TaskRecord]) -> None:
        """Delete finished tasks; their videos stand among the doomed until :meth:`buried`."""
        await self._database.write(tasks.forget, records)
        for record in records:
            self._recent.pop(record.message_id, None)

    async def doomed(self) -> list[str]:
        """Names of videos whose task is gone and whose files may still be there."""
        rows = await self._database.read(lambda c: c.execute("SELECT video FROM doomed").fetchall())
        return [row["video"] for row in rows]

    async def buried(self, videos: Sequence[str]) -> None:
        """The files of doomed videos are gone."""
        gone = [[video] for video in videos]
        await self._database.write(
            lambda c: c.executemany("DELETE FROM doomed WHERE video = ?", gone)
        )

    async def latest_completed(self, count: int) -> list[TaskRecord]:
        """Return the newest completed tasks of everybody, for estimates."""
        return await self._database.read(tasks.latest_completed, count)

    def remember(self, record: TaskRecord) -> None:
        """Hold a task in memory as it was written."""
        if record.status not in FINISHED:
            self._unfinished[record.message_id] = record
            return
        self._recent[record.message_id] = record
        self._recent.move_to_end(record.message_id)
        self._unfinished.pop(record.message_id, None)
        if len(self._recent) > CACHED:
            self._recent.popitem(last=False)

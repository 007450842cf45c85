"""The task store: durable rows, with a cache in memory.

Tasks and their changes are on disk before they are reported. Live progress is not stored: it would
be useless after a restart.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, Literal

from ...protocol.filters import ANY, Filters
from ...protocol.models import FINISHED, TRANSITIONS, TaskStatus
from ..limits.budgets import Budget
from ..limits.videos_per_day import NO_ALLOWANCE, Allowance
from ..refusals import task_missing
from . import queue_state, search, spending_report, task_sql
from .database import Database
from .idempotency import IdempotencyKey, made_by
from .ledger import Cost, Spent, totals, totals_by_owner
from .task_record import TaskRecord, Unfinished
from .task_sql import UNCHANGED

CACHED: Final = 2_000  # finished tasks kept in memory


class Store:
    """Tasks by ``message_id``. Each belongs to an ``owner`` and is hidden from others."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._unfinished = Unfinished()
        self._recent: OrderedDict[str, TaskRecord] = OrderedDict()

    async def load(self) -> Iterable[TaskRecord]:
        """Load the unfinished tasks, oldest first; interrupted ones return to the queue."""
        self._unfinished = await self._database.write(task_sql.recover)
        return self._unfinished

    def unfinished(self, owner: str | None = None) -> int:
        """Return the number of unfinished tasks of one owner, or of everyone."""
        if owner is None:
            return len(self._unfinished)
        counts = self._unfinished.counts().items()
        return sum(count for kind, count in counts if kind.owner == owner)

    def engines_in_use(self) -> set[str]:
        """Return the engines and pools of all unfinished tasks."""
        kinds = self._unfinished.counts()
        return {name for kind in kinds for name in (kind.engine, kind.pool) if name is not None}

    def standing(self) -> Counter[tuple[str, str]]:
        """Return the number of unfinished tasks by engine and status."""
        found: Counter[tuple[str, str]] = Counter()
        for kind, count in self._unfinished.counts().items():
            found[kind.engine, kind.status.value] += count
        return found

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
        """Store a new task, or return the existing one for a known key.

        Args:
            cost: its expected cost.
            allowance: limits beyond which it is refused.
            again: whether to store it even if an identical one (``digest``) exists.
            instead_of: the ``message_id`` of the task that it replaces in batches.

        Raises:
            Refusal: the key was used with another body; its task was deleted; or a budget or limit
                would be exceeded.
        """
        given = (record, key, cost, allowance, again, instead_of)
        kept = await self._database.write(task_sql.add, *given)
        self.remember(kept)
        return kept

    async def made_by(self, owner: str, key: IdempotencyKey) -> TaskRecord | None:
        """Return the task that an idempotency key created, or None. Raises like :meth:`add`."""
        return await self._database.read(made_by, owner, key, self._clock())

    async def get(self, owner: str | None, conversation_id: str, message_id: str) -> TaskRecord:
        """Return a task; ``owner`` None = anyone's. Raises Refusal if it does not exist."""
        record = self.cached(message_id)
        if record is None:
            record = await self._database.read(task_sql.one, message_id)
            if record is not None:
                self.remember(record)
        if record is None or record.conversation_id != conversation_id:
            raise task_missing()
        if owner is not None and record.owner != owner:
            raise task_missing()
        return record

    async def of_video(self, video: str) -> TaskRecord | None:
        """Return the task whose files have this name, whoever owns it, or None."""
        found = await self._database.read(task_sql.many, "WHERE video = ?", [video])
        return found[0] if found else None

    def cached(self, message_id: str) -> TaskRecord | None:
        """Return a task if it is in memory, as all unfinished and the latest finished ones are."""
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
        """Return one page, newest first, and the number of matches.

        Args:
            wanted: conditions for the tasks.
            after: the ``message_id`` after which the page starts.

        Raises:
            Refusal: the task does not exist.
        """
        where = search.conditions(owner, wanted)
        return await self._database.read(search.page, where, limit, offset, after, oldest_first)

    async def matching(self, owner: str | None, wanted: Filters) -> list[TaskRecord]:
        """Return all matching tasks of an owner, or of anyone (None), oldest first."""
        return await self._database.read(search.matching, search.conditions(owner, wanted))

    async def groups(self, owner: str) -> list[tuple[str, int]]:
        """Return an owner's groups and the number of tasks in each, newest first."""
        return await self._database.read(search.groups, owner)

    async def annotate(self, record: TaskRecord, **values: Any) -> TaskRecord:
        """Store a person's annotations of a task: ``starred``, ``title``, ``labels``, ``group``."""
        await self._database.write(task_sql.change, record, values, UNCHANGED, None)
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
        """Update fields of an unfinished task; only allowed status changes are accepted.

        Args:
            cost: its current cost; None = nothing.
            paying: the amount about to be paid, and its budgets.

        Raises:
            Refusal: a budget would be exceeded; nothing was written.
        """
        before = self._unfinished[message_id]
        status = values.get("status", before.status)
        if status != before.status and status not in TRANSITIONS[before.status]:
            raise ValueError(f"a task cannot go from {before.status} to {status}")
        values["updated_at"] = max(self._clock(), before.updated_at)
        await self._database.write(task_sql.change, replace(before, **values), values, cost, paying)
        # As it is now: a person may have starred it meanwhile.
        after = replace(self._unfinished[message_id], **values)
        self.remember(after)
        return after

    async def knows_handle(self, engine: str, handle: str) -> bool:
        """Return whether a task of this engine has this handle."""
        return await self._database.read(task_sql.knows_handle, engine, handle)

    async def served(self) -> dict[str, dict[str, tuple[int, float]]]:
        """Return, by engine, the last turn of each person and its time."""
        return await self._database.read(queue_state.served)

    async def paused(self) -> list[str]:
        """Return the paused engines."""
        return await self._database.read(queue_state.paused)

    async def set_paused(self, engine: str, *, paused: bool) -> None:
        """Store whether an engine is paused."""
        await self._database.write(queue_state.set_paused, engine, paused)

    async def spent(self, owner: str | None = None) -> list[Spent]:
        """Return what each paid engine has cost one person, or everyone (None)."""
        return await self._database.read(totals, owner)

    async def adopt(self, old: TaskRecord, record: TaskRecord) -> tuple[TaskRecord, bool]:
        """Store a task that takes over the place and cost of one that failed after it was sent.

        Return the task that has this handle, and whether it is this one.

        Raises:
            Refusal: another person's task has the handle.
        """
        kept = await self._database.write(task_sql.adopt, old, record)
        if kept.message_id == record.message_id:
            self.remember(record)
        return self.cached(kept.message_id) or kept, kept.message_id == record.message_id

    async def breakdown(
        self, by: Sequence[str], owner: str | None, period: spending_report.Period
    ) -> list[dict[str, Any]]:
        """Return spending totals. See :func:`spending_report.breakdown`."""
        return await self._database.read(spending_report.breakdown, by, owner, period)

    async def by_person(
        self,
    ) -> tuple[dict[str, dict[TaskStatus, int]], dict[str, list[Spent]]]:
        """Return the number of tasks by status, and the spending, by owner."""
        return await self._database.read(task_sql.tallies), await self._database.read(
            totals_by_owner
        )

    async def forget(self, records: Sequence[TaskRecord]) -> None:
        """Delete finished tasks; their files are listed in :meth:`doomed` until :meth:`buried`."""
        await self._database.write(task_sql.forget, records)
        for record in records:
            self._recent.pop(record.message_id, None)

    async def doomed(self) -> list[str]:
        """Return names of videos whose task was deleted but whose files may still exist."""
        rows = await self._database.read(lambda c: c.execute("SELECT video FROM doomed").fetchall())
        return [row["video"] for row in rows]

    async def buried(self, videos: Sequence[str]) -> None:
        """Record that the files of deleted videos were removed."""
        gone = [[video] for video in videos]
        await self._database.write(
            lambda c: c.executemany("DELETE FROM doomed WHERE video = ?", gone)
        )

    async def latest_completed(self, count: int) -> list[TaskRecord]:
        """Return everyone's newest completed tasks, for estimates."""
        return await self._database.read(task_sql.latest_completed, count)

    def remember(self, record: TaskRecord) -> None:
        """Cache a task that was written."""
        if record.status not in FINISHED:
            self._unfinished.put(record)
            return
        self._recent[record.message_id] = record
        self._recent.move_to_end(record.message_id)
        self._unfinished.discard(record.message_id)
        if len(self._recent) > CACHED:
            self._recent.popitem(last=False)

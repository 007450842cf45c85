"""The task store: durable rows, and in memory the ones that are asked for.

A task is on the disk before anybody hears of it, and every change of it before it is told. Live
progress is not kept here: it would be worth nothing after a restart.
"""

from __future__ import annotations

import sqlite3
import time
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from ...protocol.filters import ANY, Filters
from ...protocol.models import FINISHED, TRANSITIONS, TaskStatus
from ..refusal import Refusal, task_missing
from . import ledger, search, spending
from .database import Database
from .ledger import (
    NO_ALLOWANCE,
    Allowance,
    Budget,
    Cost,
    Spent,
    check_before_paying,
    check_budgets,
    check_videos,
    settle,
    totals,
    totals_by_owner,
)
from .notifications import ask_again
from .task_record import COLUMNS, TaskRecord, columns, from_row, to_row

CACHED: Final = 2_000  # finished tasks kept in memory
KEY_LIFETIME_S: Final = 7 * 24 * 3600.0
UNCHANGED: Final = "unchanged"


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A caller's name for one create, and the digest of its body."""

    key: str
    digest: str


def retry_key(message_id: str) -> str:
    """The key of a task's next attempt; the space in it keeps it apart from anybody's own.

    It is free again once that attempt is deleted.
    """
    return f"retry {message_id}"


class Store:
    """Tasks by ``message_id``; each belongs to an ``owner``, and nobody else finds it."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._unfinished: dict[str, TaskRecord] = {}
        self._recent: OrderedDict[str, TaskRecord] = OrderedDict()

    async def load(self) -> list[TaskRecord]:
        """Read the unfinished tasks into memory, oldest first; interrupted ones wait again."""
        records = await self._database.write(_recover)
        self._unfinished = {record.message_id: record for record in records}
        return records

    def unfinished(self, owner: str | None = None) -> int:
        """Return how many tasks have not ended: of one owner, or of everybody."""
        if owner is None:
            return len(self._unfinished)
        return sum(record.owner == owner for record in self._unfinished.values())

    def engines_in_use(self) -> set[str]:
        """The engines of all tasks that have not ended."""
        return {record.engine for record in self._unfinished.values()}

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
        kept = await self._database.write(_add, record, key, cost, allowance, again, instead_of)
        self.remember(kept)
        return kept

    async def made_by(self, owner: str, key: IdempotencyKey) -> TaskRecord | None:
        """Return the task that an idempotency key made, None if new. Raises as :meth:`add`."""
        return await self._database.read(_made_by, owner, key, self._clock())

    async def get(self, owner: str | None, conversation_id: str, message_id: str) -> TaskRecord:
        """Return one task; ``owner`` None = anybody's. Raises Refusal where there is none."""
        record = self.cached(message_id)
        if record is None:
            record = await self._database.read(one, message_id)
            if record is not None:
                self.remember(record)
        if record is None or record.conversation_id != conversation_id:
            raise task_missing()
        if owner is not None and record.owner != owner:
            raise task_missing()
        return record

    async def of_video(self, video: str) -> TaskRecord | None:
        """Return the task whose files have this name, whoever owns it; None where it is gone."""
        found = await self._database.read(_many, "WHERE video = ?", [video])
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
        await self._database.write(_change, record, values, UNCHANGED, None)
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
        await self._database.write(_change, replace(before, **values), values, cost, paying)
        # As it is now: a person may have starred it meanwhile.
        after = replace(self._unfinished[message_id], **values)
        self.remember(after)
        return after

    async def knows_handle(self, engine: str, handle: str) -> bool:
        """Return whether a task of this engine has this handle."""
        return await self._database.read(_knows_handle, engine, handle)

    async def served(self) -> dict[str, dict[str, tuple[int, float]]]:
        """Return by engine the last turn of each person in its queue, and when it was."""
        return await self._database.read(_served)

    async def paused(self) -> list[str]:
        """Return which engines are paused."""
        return await self._database.read(_paused)

    async def set_paused(self, engine: str, *, paused: bool) -> None:
        """Keep that an engine is paused, or is not any more."""
        sql = _PAUSE if paused else _RESUME
        await self._database.write(lambda c: c.execute(sql, [engine]))

    async def spent(self, owner: str | None = None) -> list[Spent]:
        """Return what each paid engine has cost so far: one person, or everybody (None)."""
        return await self._database.read(totals, owner)

    async def adopt(self, old: TaskRecord, record: TaskRecord) -> tuple[TaskRecord, bool]:
        """Keep a task that takes the place, and the cost, of one that was sent and failed.

        Returns the task that has this handle, and whether it is this one.

        Raises:
            Refusal: another person's task has it.
        """
        kept = await self._database.write(_adopt, old, record)
        if kept.message_id == record.message_id:
            self.remember(record)
        return self.cached(kept.message_id) or kept, kept.message_id == record.message_id

    async def breakdown(
        self, by: Sequence[str], owner: str | None, period: spending.Period
    ) -> list[dict[str, Any]]:
        """Return what was spent. See :func:`spending.breakdown`."""
        return await self._database.read(spending.breakdown, by, owner, period)

    async def by_person(
        self,
    ) -> tuple[dict[str, dict[TaskStatus, int]], dict[str, list[Spent]]]:
        """Return by owner how many tasks stand how, and what they have spent."""
        return await self._database.read(_tallies), await self._database.read(totals_by_owner)

    async def forget(self, records: Sequence[TaskRecord]) -> None:
        """Delete finished tasks; their videos stand among the doomed until :meth:`buried`."""
        await self._database.write(_forget, records)
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
        return await self._database.read(_latest_completed, count)

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


_NAMES: Final = ", ".join(f'"{name}"' for name in COLUMNS)
_INSERT: Final = (
    f"INSERT INTO tasks ({_NAMES}) VALUES ({', '.join(':' + name for name in COLUMNS)})"
)


_PAUSE: Final = "INSERT OR IGNORE INTO pauses VALUES (?)"
_RESUME: Final = "DELETE FROM pauses WHERE engine = ?"


def _tallies(connection: sqlite3.Connection) -> dict[str, dict[TaskStatus, int]]:
    found: dict[str, dict[TaskStatus, int]] = defaultdict(dict)
    rows = connection.execute(
        "SELECT owner, status, tasks FROM tallies WHERE conversation_id = '' AND tasks > 0"
    )
    for row in rows:
        found[row["owner"]][TaskStatus(row["status"])] = row["tasks"]
    return found


def _paused(connection: sqlite3.Connection) -> list[str]:
    return [row["engine"] for row in connection.execute("SELECT engine FROM pauses")]


def _served(connection: sqlite3.Connection) -> dict[str, dict[str, tuple[int, float]]]:
    turns: dict[str, dict[str, tuple[int, float]]] = defaultdict(dict)
    for row in connection.execute(
        "SELECT engine, owner, max(turn) AS turn, max(ifnull(started_at, 0)) AS at FROM tasks "
        "WHERE turn IS NOT NULL "
        "GROUP BY engine, owner"
    ):
        turns[row["engine"]][row["owner"]] = row["turn"], row["at"]
    return turns


def _recover(connection: sqlite3.Connection) -> list[TaskRecord]:
    # What was begun elsewhere goes on there, whatever became of the gateway.
    connection.execute(
        "UPDATE tasks SET status = 'pending' WHERE status = 'processing' AND intent IS NULL"
    )
    return _many(connection, "WHERE status IN ('pending', 'processing') ORDER BY number", [])


def _many(connection: sqlite3.Connection, rest: str, values: Any) -> list[TaskRecord]:
    return [from_row(row) for row in connection.execute(f"SELECT * FROM tasks {rest}", values)]


def one(connection: sqlite3.Connection, message_id: str) -> TaskRecord | None:
    """Return a task by its ``message_id``; None where there is none."""
    found = _many(connection, "WHERE message_id = ?", [message_id])
    return found[0] if found else None


def _latest_completed(connection: sqlite3.Connection, count: int) -> list[TaskRecord]:
    return _many(connection, "WHERE status = 'completed' ORDER BY number DESC LIMIT ?", [count])


def _add(
    connection: sqlite3.Connection,
    record: TaskRecord,
    key: IdempotencyKey | None,
    cost: Cost | None,
    allowance: Allowance,
    again: bool,
    instead_of: str | None,
) -> TaskRecord:
    made = None if key is None else _made_by(connection, record.owner, key, record.created_at)
    if made is not None:
        return made
    same = None if again else identical(connection, record)
    if key is not None:
        _keep_key(connection, same or record, key, record.created_at)
    if same is not None:
        return same
    check_videos(connection, record.owner, allowance, record.created_at)
    if cost is not None:
        costs = {budget: [cost.amount] for budget in allowance.budgets}
        check_budgets(connection, costs, record.created_at)
    insert(connection, record, cost)
    connection.execute(
        "UPDATE batch_rows SET message_id = ? WHERE message_id = ?",
        [record.message_id, instead_of],
    )
    if instead_of is not None:
        ask_again(connection, record.message_id, record.created_at)
    return record


def insert(connection: sqlite3.Connection, record: TaskRecord, cost: Cost | None) -> None:
    """Write a new task, and reserve what it is expected to cost."""
    if cost is not None:
        settle(connection, record, cost, record.created_at)
    connection.execute(_INSERT, to_row(record))
    for use in record.images:
        connection.execute(
            "INSERT OR IGNORE INTO upload_uses VALUES (?, ?)", [use.key, record.message_id]
        )


def _adopt(connection: sqlite3.Connection, old: TaskRecord, record: TaskRecord) -> TaskRecord:
    found = _many(
        connection,
        "WHERE engine = ? AND handle = ? AND message_id <> ?",
        [record.engine, record.handle, old.message_id],
    )
    for other in found:
        if other.owner != record.owner:
            raise Refusal("collect_taken")
        if other.status is not TaskStatus.FAILED:
            return other
    cost = Cost.from_wire((old.facts or {}).get("cost"))
    settle(connection, old, None, record.created_at)
    insert(connection, record, cost and replace(cost, settled=False))
    for table in ("batch_rows", "idempotency"):
        connection.execute(
            f"UPDATE {table} SET message_id = ? WHERE message_id = ?",
            [record.message_id, old.message_id],
        )
    return record


def _keep_key(
    connection: sqlite3.Connection, record: TaskRecord, key: IdempotencyKey, now: float
) -> None:
    connection.execute("DELETE FROM idempotency WHERE created_at < ?", [now - KEY_LIFETIME_S])
    connection.execute(
        "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?)",
        [record.owner, key.key, key.digest, record.message_id, now],
    )


def identical(connection: sqlite3.Connection, record: TaskRecord) -> TaskRecord | None:
    """The newest identical task that has its video, may yet get it, or may have been paid for."""
    found = _many(
        connection,
        "WHERE owner = ? AND digest = ? AND (status IN ('pending', 'processing', 'completed') "
        "OR error_code = 'outcome_unknown') ORDER BY number DESC LIMIT 1",
        [record.owner, record.digest],
    )
    return found[0] if found else None


def _knows_handle(connection: sqlite3.Connection, engine: str, handle: str) -> bool:
    found = connection.execute(
        "SELECT 1 FROM tasks WHERE engine = ? AND handle = ?", [engine, handle]
    )
    return found.fetchone() is not None


def _made_by(
    connection: sqlite3.Connection, owner: str, key: IdempotencyKey, now: float
) -> TaskRecord | None:
    row = connection.execute(
        "SELECT * FROM idempotency WHERE owner = ? AND key = ? AND created_at >= ?",
        [owner, key.key, now - KEY_LIFETIME_S],
    ).fetchone()
    if row is None:
        return None
    if row["digest"] != key.digest:
        raise Refusal("idempotency_key_reused")
    made = one(connection, row["message_id"])
    if made is None:
        raise Refusal("task_deleted")
    failed = made.status is TaskStatus.FAILED and made.error_code != "outcome_unknown"
    return None if failed else made  # what has failed may be asked for again


def _change(
    connection: sqlite3.Connection,
    record: TaskRecord,
    values: Mapping[str, Any],
    cost: Cost | Literal["unchanged"] | None,
    paying: tuple[Cost, tuple[Budget, ...]] | None,
) -> None:
    if paying is not None:
        check_before_paying(connection, record.message_id, *paying, record.updated_at)
    assignments = ", ".join(f'"{name}" = :{name}' for name in values)
    connection.execute(
        f"UPDATE tasks SET {assignments} WHERE message_id = :message_id",
        {**columns(values), "message_id": record.message_id},
    )
    if cost != UNCHANGED:
        settle(connection, record, cost, record.updated_at)


def _forget(connection: sqlite3.Connection, records: Sequence[TaskRecord]) -> None:
    for record in records:
        ledger.forget(connection, record)
        for table in ("tasks", "batch_rows"):
            connection.execute(f"DELETE FROM {table} WHERE message_id = ?", [record.message_id])
        connection.execute(
            "DELETE FROM idempotency WHERE owner = ? AND key = ? AND message_id = ?",
            [record.owner, retry_key((record.parent or "").rpartition("-")[2]), record.message_id],
        )
        connection.execute("INSERT OR IGNORE INTO doomed VALUES (?)", [record.video])
        for use in record.images:
            connection.execute(
                "DELETE FROM upload_uses WHERE key = ? AND message_id = ?",
                [use.key, record.message_id],
            )

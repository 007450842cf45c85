"""SQL statements for tasks, run in the store's transactions."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal

from ...protocol.models import TaskStatus
from ..limits.budgets import Budget, check_before_paying, check_budgets
from ..limits.videos_per_day import Allowance, check_videos
from ..refusals import Refusal
from . import ledger
from .idempotency import IdempotencyKey, keep_key, made_by, retry_key
from .ledger import Cost, settle
from .notifications import ask_again
from .task_record import COLUMNS, TaskRecord, Unfinished, columns, from_row, to_row

UNCHANGED: Final = "unchanged"

_NAMES: Final = ", ".join(f'"{name}"' for name in COLUMNS)
_INSERT: Final = (
    f"INSERT INTO tasks ({_NAMES}) VALUES ({', '.join(':' + name for name in COLUMNS)})"
)


def tallies(connection: sqlite3.Connection) -> dict[str, dict[TaskStatus, int]]:
    """Return the number of tasks by owner and status."""
    found: dict[str, dict[TaskStatus, int]] = defaultdict(dict)
    rows = connection.execute(
        "SELECT owner, status, tasks FROM tallies WHERE conversation_id = '' AND tasks > 0"
    )
    for row in rows:
        found[row["owner"]][TaskStatus(row["status"])] = row["tasks"]
    return found


def recover(connection: sqlite3.Connection) -> Unfinished:
    """Return the unfinished tasks, oldest first; local ones return to the queue."""
    # What was begun elsewhere goes on there, whatever became of the gateway.
    connection.execute(
        "UPDATE tasks SET status = 'pending' WHERE status = 'processing' AND intent IS NULL"
    )
    # What no member of a pool has been sent is anybody's again.
    connection.execute(
        "UPDATE tasks SET engine = pool "
        "WHERE pool IS NOT NULL AND intent IS NULL AND status = 'pending'"
    )
    return Unfinished(
        connection.execute(
            "SELECT * FROM tasks WHERE status IN ('pending', 'processing') ORDER BY number"
        )
    )


def many(connection: sqlite3.Connection, rest: str, values: Any) -> list[TaskRecord]:
    """Return the tasks selected by the rest of a SELECT statement."""
    return [from_row(row) for row in connection.execute(f"SELECT * FROM tasks {rest}", values)]


def one(connection: sqlite3.Connection, message_id: str) -> TaskRecord | None:
    """Return a task by its ``message_id``, or None."""
    found = many(connection, "WHERE message_id = ?", [message_id])
    return found[0] if found else None


def latest_completed(connection: sqlite3.Connection, count: int) -> list[TaskRecord]:
    """Return everyone's newest completed tasks."""
    return many(connection, "WHERE status = 'completed' ORDER BY number DESC LIMIT ?", [count])


def add(
    connection: sqlite3.Connection,
    record: TaskRecord,
    key: IdempotencyKey | None,
    cost: Cost | None,
    allowance: Allowance,
    again: bool,
    instead_of: str | None,
) -> TaskRecord:
    """Write a new task, or return an existing one by key or digest. See :meth:`Store.add`."""
    made = None if key is None else made_by(connection, record.owner, key, record.created_at)
    if made is not None:
        return made
    same = None if again else identical(connection, record)
    if key is not None:
        keep_key(connection, same or record, key, record.created_at)
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
    """Write a new task, and reserve its expected cost."""
    if cost is not None:
        settle(connection, record, cost, record.created_at)
    connection.execute(_INSERT, to_row(record))
    for use in record.images:
        connection.execute(
            "INSERT OR IGNORE INTO upload_uses VALUES (?, ?)", [use.key, record.message_id]
        )


def adopt(connection: sqlite3.Connection, old: TaskRecord, record: TaskRecord) -> TaskRecord:
    """Write a task in place of a failed one, or return the one that has its handle."""
    found = many(
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


def identical(connection: sqlite3.Connection, record: TaskRecord) -> TaskRecord | None:
    """Return the newest identical task that has a video, may get one, or may have been paid for."""
    found = many(
        connection,
        "WHERE owner = ? AND digest = ? AND (status IN ('pending', 'processing', 'completed') "
        "OR error_code = 'outcome_unknown') ORDER BY number DESC LIMIT 1",
        [record.owner, record.digest],
    )
    return found[0] if found else None


def knows_handle(connection: sqlite3.Connection, engine: str, handle: str) -> bool:
    """Return whether a task of this engine has this handle."""
    found = connection.execute(
        "SELECT 1 FROM tasks WHERE engine = ? AND handle = ?", [engine, handle]
    )
    return found.fetchone() is not None


def change(
    connection: sqlite3.Connection,
    record: TaskRecord,
    values: Mapping[str, Any],
    cost: Cost | Literal["unchanged"] | None,
    paying: tuple[Cost, tuple[Budget, ...]] | None,
) -> None:
    """Update fields of a task, after checking what is about to be paid for it."""
    if paying is not None:
        cost_now, budgets = paying
        check_before_paying(
            connection,
            record.message_id,
            record.engine,
            cost_now.amount,
            budgets,
            record.updated_at,
        )
    assignments = ", ".join(f'"{name}" = :{name}' for name in values)
    connection.execute(
        f"UPDATE tasks SET {assignments} WHERE message_id = :message_id",
        {**columns(values), "message_id": record.message_id},
    )
    if cost != UNCHANGED:
        settle(connection, record, cost, record.updated_at)


def forget(connection: sqlite3.Connection, records: Sequence[TaskRecord]) -> None:
    """Delete tasks and references to them; names of their videos are kept until removed."""
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

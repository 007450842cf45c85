"""Pending webhooks (``notify``) of ended tasks and batches."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .task_record import TaskRecord, from_row


@dataclass(frozen=True, slots=True)
class BatchEnd:
    """A batch whose rows have all ended. ``id`` is new each time it ends.

    ``counts`` has the number of rows with each status; for other fields, see :class:`TaskRecord`.
    """

    id: str
    owner: str
    name: str
    notify: str
    notify_at: float
    notify_tries: int
    counts: Mapping[str, int]
    finished_at: float


Ended = TaskRecord | BatchEnd


def due(connection: sqlite3.Connection) -> list[Ended]:
    """Return pending webhooks, tasks first, the longest due first."""
    tasks = connection.execute(
        "SELECT * FROM tasks WHERE notify_at IS NOT NULL "
        "AND status IN ('completed', 'failed', 'cancelled') ORDER BY notify_at, number"
    ).fetchall()
    batches = connection.execute(_DUE_BATCHES).fetchall()
    return [*(from_row(row) for row in tasks), *(_end_of(connection, row) for row in batches)]


def ask(connection: sqlite3.Connection, owner: str, batch: str, url: str, now: float) -> None:
    """Set the webhook of a batch to ``url``, replacing the previous one."""
    connection.execute(
        f"INSERT OR REPLACE INTO batch_webhooks VALUES (?, ?, {_NEW_ID}, ?, ?, 0)",
        [owner, batch, url, now],
    )


def asked(connection: sqlite3.Connection, owner: str, batch: str) -> str | None:
    """Return the webhook of a batch, pending or sent; None if it has none."""
    row = connection.execute(
        "SELECT notify FROM batch_webhooks WHERE owner = ? AND batch = ?", [owner, batch]
    ).fetchone()
    return None if row is None else str(row["notify"])


def ask_again(connection: sqlite3.Connection, message_id: str, now: float) -> None:
    """Renew the webhooks of batches that a new task belongs to."""
    connection.execute(
        f"UPDATE batch_webhooks SET id = {_NEW_ID}, notify_at = ?, notify_tries = 0 "
        "WHERE (owner, batch) IN (SELECT owner, batch FROM batch_rows WHERE message_id = ?)",
        [now, message_id],
    )


def note_batch(connection: sqlite3.Connection, end: BatchEnd, at: float | None, tries: int) -> None:
    """Store the outcome of an attempt, unless the batch has new rows."""
    connection.execute(
        "UPDATE batch_webhooks SET notify_at = ?, notify_tries = ? WHERE id = ?",
        [at, tries, end.id],
    )


def _end_of(connection: sqlite3.Connection, row: sqlite3.Row) -> BatchEnd:
    told = connection.execute(
        "SELECT status, count(*) AS n, max(ifnull(finished_at, updated_at)) AS at FROM batch_rows "
        "JOIN tasks USING (message_id) WHERE batch_rows.owner = ? AND batch = ? GROUP BY status",
        [row["owner"], row["batch"]],
    ).fetchall()
    counts = {one["status"]: one["n"] for one in told}
    finished_at = max(one["at"] for one in told)
    return BatchEnd(
        row["id"],
        row["owner"],
        row["batch"],
        row["notify"],
        row["notify_at"],
        row["notify_tries"],
        counts,
        finished_at,
    )


_NEW_ID: Final = "'batch-' || lower(hex(randomblob(8)))"
_DUE_BATCHES: Final = """
    SELECT * FROM batch_webhooks AS asked WHERE notify_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM batch_rows JOIN tasks USING (message_id)
        WHERE batch_rows.owner = asked.owner AND batch_rows.batch = asked.batch
        AND status IN ('pending', 'processing')
    ) ORDER BY notify_at
"""

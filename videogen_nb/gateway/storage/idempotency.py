"""Idempotency keys: the same key and request of a person return the same task."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from ...protocol.models import TaskStatus
from ..refusals import Refusal
from .task_record import TaskRecord, from_row

KEY_LIFETIME_S: Final = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A client's key for one create request, and the digest of the body."""

    key: str
    digest: str


def retry_key(message_id: str) -> str:
    """Return the key for a task's next attempt; its space distinguishes it from clients' keys.

    It can be used again once that attempt is deleted.
    """
    return f"retry {message_id}"


def keep_key(
    connection: sqlite3.Connection, record: TaskRecord, key: IdempotencyKey, now: float
) -> None:
    """Store which task a key created, and delete old keys."""
    connection.execute("DELETE FROM idempotency WHERE created_at < ?", [now - KEY_LIFETIME_S])
    connection.execute(
        "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?)",
        [record.owner, key.key, key.digest, record.message_id, now],
    )


def made_by(
    connection: sqlite3.Connection, owner: str, key: IdempotencyKey, now: float
) -> TaskRecord | None:
    """Return the task that a key created; None if the key is new or the task has failed.

    Raises:
        Refusal: the key was used with another body, or its task was deleted.
    """
    row = connection.execute(
        "SELECT * FROM idempotency WHERE owner = ? AND key = ? AND created_at >= ?",
        [owner, key.key, now - KEY_LIFETIME_S],
    ).fetchone()
    if row is None:
        return None
    if row["digest"] != key.digest:
        raise Refusal("idempotency_key_reused")
    found = connection.execute(
        "SELECT * FROM tasks WHERE message_id = ?", [row["message_id"]]
    ).fetchone()
    if found is None:
        raise Refusal("task_deleted")
    made = from_row(found)
    failed = made.status is TaskStatus.FAILED and made.error_code != "outcome_unknown"
    return None if failed else made  # what has failed may be asked for again

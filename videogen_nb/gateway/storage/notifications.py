"""Which tasks that have ended are still to be told of (``notify``), and when."""

from __future__ import annotations

import sqlite3

from .task_record import TaskRecord, from_row


def due(connection: sqlite3.Connection) -> list[TaskRecord]:
    """Return the tasks that have ended and are still to be told of, the longest due first."""
    rows = connection.execute(
        "SELECT * FROM tasks WHERE notify_at IS NOT NULL "
        "AND status IN ('completed', 'failed', 'cancelled') ORDER BY notify_at, number"
    )
    return [from_row(row) for row in rows]

"""Persistent state of queues: turns and pauses."""

from __future__ import annotations

import sqlite3
from collections import defaultdict


def paused(connection: sqlite3.Connection) -> list[str]:
    """Return the paused engines."""
    return [row["engine"] for row in connection.execute("SELECT engine FROM pauses")]


def served(connection: sqlite3.Connection) -> dict[str, dict[str, tuple[int, float]]]:
    """Return, by engine, each person's last turn and its time; for pools, only the time."""
    turns: dict[str, dict[str, tuple[int, float]]] = defaultdict(dict)
    for row in connection.execute(
        "SELECT engine, owner, max(turn) AS turn, max(ifnull(started_at, 0)) AS at FROM tasks "
        "WHERE turn IS NOT NULL "
        "GROUP BY engine, owner "
        "UNION ALL SELECT pool, owner, 0, max(ifnull(started_at, 0)) FROM tasks "
        "WHERE pool IS NOT NULL GROUP BY pool, owner"
    ):
        turns[row["engine"]][row["owner"]] = row["turn"], row["at"]
    return turns


def set_paused(connection: sqlite3.Connection, engine: str, on: bool) -> None:
    """Store whether an engine is paused."""
    sql = "INSERT OR IGNORE INTO pauses VALUES (?)" if on else "DELETE FROM pauses WHERE engine = ?"
    connection.execute(sql, [engine])

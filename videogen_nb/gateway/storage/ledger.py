"""What paid videos cost: reserved when a task is accepted, settled when it has ended.

It is written in the transactions of the tasks themselves, and stays when a task is forgotten.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .task_record import TaskRecord


@dataclass(frozen=True, slots=True)
class Cost:
    """``amount`` of ``currency``; ``settled``: spent, not merely expected."""

    amount: float
    currency: str
    settled: bool = False

    def to_wire(self) -> dict[str, Any]:
        """As a task's ``cost``."""
        return {
            "amount": round(self.amount, 6),
            "currency": self.currency,
            "expected": not self.settled,
        }

    @classmethod
    def from_wire(cls, told: Mapping[str, Any] | None) -> Cost | None:
        """Return the inverse; None where an upstream tells its costs otherwise."""
        amount, currency = (told or {}).get("amount"), (told or {}).get("currency")
        fits = isinstance(amount, (int, float)) and not isinstance(amount, bool)
        if not (fits and isinstance(currency, str)):
            return None
        return cls(float(amount or 0), currency, not (told or {}).get("expected"))


@dataclass(frozen=True, slots=True)
class Spent:
    """What an engine's videos have cost, and what those under way are expected to."""

    engine: str
    currency: str
    spent: float
    expected: float


def settle(connection: sqlite3.Connection, task: TaskRecord, cost: Cost | None, now: float) -> None:
    """What a task costs as it is now known; None = nothing."""
    if cost is None:
        connection.execute("DELETE FROM spending WHERE message_id = ?", [task.message_id])
        return
    connection.execute(
        "INSERT OR REPLACE INTO spending (message_id, engine, currency, amount, settled, spent_at, "
        'owner, "group") VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        [
            task.message_id,
            task.engine,
            cost.currency,
            cost.amount,
            cost.settled,
            now,
            task.owner,
            task.group,
        ],
    )


def forget(connection: sqlite3.Connection, task: TaskRecord) -> None:
    """A task is deleted: what it cost stays, with the group it has now."""
    connection.execute(
        'UPDATE spending SET "group" = ? WHERE message_id = ?', [task.group, task.message_id]
    )


def totals(connection: sqlite3.Connection, owner: str | None = None) -> list[Spent]:
    """Return what each engine has cost so far, by currency: one person, or everybody (None)."""
    rows = connection.execute(
        "SELECT engine, currency, sum(amount * settled) AS spent, "
        "sum(amount * (1 - settled)) AS expected FROM spending WHERE owner = ? OR ? IS NULL "
        "GROUP BY engine, currency",
        [owner, owner],
    )
    return [Spent(row["engine"], row["currency"], row["spent"], row["expected"]) for row in rows]


def totals_by_owner(connection: sqlite3.Connection) -> dict[str, list[Spent]]:
    """Return what each person has spent so far, by engine and currency."""
    owners = [row["owner"] for row in connection.execute("SELECT DISTINCT owner FROM spending")]
    return {owner: totals(connection, owner) for owner in owners}

"""The ledger of paid videos: costs are reserved when a task is accepted, settled when it ends.

It is written in the same transactions as the tasks, and entries outlive deleted tasks.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .task_record import TaskRecord


@dataclass(frozen=True, slots=True)
class Cost:
    """An ``amount`` in a ``currency``; ``settled``: spent, not just expected."""

    amount: float
    currency: str
    settled: bool = False

    def to_wire(self) -> dict[str, Any]:
        """Return it as a task's ``cost``."""
        return {
            "amount": round(self.amount, 6),
            "currency": self.currency,
            "expected": not self.settled,
        }

    @classmethod
    def from_wire(cls, told: Mapping[str, Any] | None) -> Cost | None:
        """Return the inverse; None if a provider reports no cost, or in another form.

        A negative or infinite amount is none: it would raise a budget, or use it up for ever.
        """
        amount, currency = (told or {}).get("amount"), (told or {}).get("currency")
        if isinstance(amount, bool) or not isinstance(amount, (int, float)):
            return None
        if not isinstance(currency, str) or not 0 <= amount < math.inf:
            return None
        return cls(float(amount), currency, not (told or {}).get("expected"))


@dataclass(frozen=True, slots=True)
class Spent:
    """What an engine's videos have cost, and the expected cost of unfinished ones."""

    engine: str
    currency: str
    spent: float
    expected: float


def settle(connection: sqlite3.Connection, task: TaskRecord, cost: Cost | None, now: float) -> None:
    """Record a task's current cost; None = nothing. What was expected is kept beside it."""
    if cost is None:
        connection.execute("DELETE FROM spending WHERE message_id = ?", [task.message_id])
        return
    connection.execute(
        "INSERT INTO spending (message_id, engine, currency, amount, settled, spent_at, owner, "
        '"group", expected) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET '
        "engine = excluded.engine, currency = excluded.currency, amount = excluded.amount, "
        "settled = excluded.settled, spent_at = excluded.spent_at, owner = excluded.owner, "
        '"group" = excluded."group", expected = CASE '
        "WHEN excluded.expected IS NULL AND currency = excluded.currency THEN expected "
        "ELSE excluded.expected END",
        [
            task.message_id,
            task.engine,
            cost.currency,
            cost.amount,
            cost.settled,
            now,
            task.owner,
            task.group,
            None if cost.settled else cost.amount,
        ],
    )


def forget(connection: sqlite3.Connection, task: TaskRecord) -> None:
    """Keep the cost of a deleted task, with its current group."""
    connection.execute(
        'UPDATE spending SET "group" = ? WHERE message_id = ?', [task.group, task.message_id]
    )


def totals(connection: sqlite3.Connection, owner: str | None = None) -> list[Spent]:
    """Return the total of each engine by currency, for one person or everyone (None)."""
    rows = connection.execute(
        "SELECT engine, currency, sum(amount * settled) AS spent, "
        "sum(amount * (1 - settled)) AS expected FROM spending WHERE owner = ? OR ? IS NULL "
        "GROUP BY engine, currency",
        [owner, owner],
    )
    return [Spent(row["engine"], row["currency"], row["spent"], row["expected"]) for row in rows]


def totals_by_owner(connection: sqlite3.Connection) -> dict[str, list[Spent]]:
    """Return each person's spending by engine and currency."""
    owners = [row["owner"] for row in connection.execute("SELECT DISTINCT owner FROM spending")]
    return {owner: totals(connection, owner) for owner in owners}

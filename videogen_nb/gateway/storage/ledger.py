"""What paid videos cost: reserved when a task is accepted, settled when it has ended.

It is counted in the transactions of the tasks themselves, and stays when a task is forgotten.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..refusal import Refusal
from .records import TaskRecord


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
class Budget:
    """So much may be spent with an engine in all."""

    amount: float
    currency: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What an engine's videos have cost, and what those under way are expected to."""

    engine: str
    currency: str
    spent: float
    expected: float


def reserve(
    connection: sqlite3.Connection,
    task: TaskRecord,
    cost: Cost,
    budget: Budget | None,
    now: float,
) -> None:
    """Count a task that is being accepted, within the transaction that accepts it.

    Raises:
        Refusal: it would go beyond the budget.
    """
    if budget is not None:
        check_budget(connection, task.engine, cost.amount, budget)
    settle(connection, task, cost, now)


def check_budget(
    connection: sqlite3.Connection, engine: str, amount: float, budget: Budget, count: int = 1
) -> None:
    """Check whether ``count`` more videos may cost ``amount``.

    Raises:
        Refusal: they would go beyond the budget.
    """
    taken = connection.execute(
        "SELECT sum(amount) FROM spending WHERE engine = ? AND currency = ?",
        [engine, budget.currency],
    ).fetchone()[0]
    code = "budget_reached" if count == 1 else "batch_budget_reached"
    _refuse_beyond(budget, taken, amount, code, name=engine, count=count)


def check_before_paying(
    connection: sqlite3.Connection, message_id: str, engine: str, cost: Cost, budget: Budget
) -> None:
    """Whether a task may be sent now, by what videos did cost, not what they were expected to.

    What is spent counts, and what is under way; what waits as this task does is not sent yet.

    Raises:
        Refusal: it would go beyond the budget.
    """
    taken = connection.execute(
        "SELECT sum(amount) FROM spending LEFT JOIN tasks USING (message_id) "
        "WHERE spending.engine = ? AND currency = ? AND message_id <> ? "
        "AND (settled OR tasks.intent IS NOT NULL)",
        [engine, budget.currency, message_id],
    ).fetchone()[0]
    _refuse_beyond(budget, taken, cost.amount, "over_budget", name=engine)


def _refuse_beyond(
    budget: Budget, taken: float | None, amount: float, code: str, **values: Any
) -> None:
    taken = taken or 0.0
    if taken + amount > budget.amount + 1e-9:
        raise Refusal(
            code,
            taken=f"{taken:.2f}",
            amount=f"{amount:.2f}",
            budget=f"{budget.amount:g}",
            currency=budget.currency,
            **values,
        )


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


def totals(connection: sqlite3.Connection) -> list[Spent]:
    """Return what each engine has cost so far, by currency."""
    rows = connection.execute(
        "SELECT engine, currency, sum(amount * settled) AS spent, "
        "sum(amount * (1 - settled)) AS expected FROM spending GROUP BY engine, currency"
    )
    return [Spent(row["engine"], row["currency"], row["spent"], row["expected"]) for row in rows]

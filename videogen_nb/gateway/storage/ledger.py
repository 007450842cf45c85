"""What paid videos cost: reserved when a task is accepted, settled when it has ended.

It is counted in the transactions of the tasks themselves, and stays when a task is forgotten.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...i18n import Text
from ..refusal import Refusal
from .task_record import TaskRecord

DAY_S: Final = 24 * 3600.0


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
    """So much may be spent: with one engine, by one person, or in all (both None).

    ``within_s``: counted over so many seconds; None = for ever. ``told``: whether the asker may
    hear what is spent already; others' spending is none of a student's business.
    """

    amount: float
    currency: str
    engine: str | None = None
    owner: str | None = None
    within_s: float | None = None
    told: bool = True


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a new task counts against; ``per_day`` videos of its owner, ``all_per_day`` of all."""

    budgets: tuple[Budget, ...] = ()
    per_day: int | None = None
    all_per_day: int | None = None


NO_ALLOWANCE: Final = Allowance()  # nothing is limited


@dataclass(frozen=True, slots=True)
class Spent:
    """What an engine's videos have cost, and what those under way are expected to."""

    engine: str
    currency: str
    spent: float
    expected: float


def check_videos(
    connection: sqlite3.Connection, owner: str, allowance: Allowance, now: float, count: int = 1
) -> None:
    """Check whether ``count`` more videos may be made today. Raises Refusal: they may not."""
    for limit, whose, code in (
        (allowance.per_day, owner, "videos_per_day"),
        (allowance.all_per_day, None, "videos_per_day_of_all"),
    ):
        if limit is None:
            continue
        made, first = connection.execute(
            "SELECT count(*), min(created_at) FROM admissions WHERE created_at > ? "
            "AND (owner = ? OR ? IS NULL)",
            [now - DAY_S, whose, whose],
        ).fetchone()
        if made + count > limit:
            wait_s = DAY_S if first is None else first + DAY_S - now
            raise Refusal(code, retry_after_s=max(1, round(wait_s)), count=made, limit=limit)


def check_budgets(
    connection: sqlite3.Connection, costs: Mapping[Budget, Sequence[float]], now: float
) -> None:
    """Check whether new videos of these costs may be accepted; what waits is reserved.

    Raises:
        Refusal: they would go beyond a budget.
    """
    for budget, amounts in costs.items():
        where, values = _counted(budget, now)
        # What is reserved will be spent from now on, whenever it was accepted.
        taken = connection.execute(
            f"SELECT sum(amount) FROM spending WHERE {where.format(since='OR NOT settled')}", values
        ).fetchone()[0]
        _refuse_beyond(budget, taken, sum(amounts), count=len(amounts))


def check_before_paying(
    connection: sqlite3.Connection,
    message_id: str,
    cost: Cost,
    budgets: Sequence[Budget],
    now: float,
) -> None:
    """Whether a task may be sent now, by what videos did cost, not what they were expected to.

    What is spent counts, and what is under way; what waits as this task does is not sent yet.

    Raises:
        Refusal: it would go beyond a budget.
    """
    for budget in budgets:
        where, values = _counted(budget, now)
        taken = connection.execute(
            "SELECT sum(amount) FROM spending LEFT JOIN tasks USING (message_id) "
            f"WHERE {where.format(since='')} AND message_id <> :message_id "
            "AND (settled OR tasks.intent IS NOT NULL)",
            {**values, "message_id": message_id},
        ).fetchone()[0]
        _refuse_beyond(budget, taken, cost.amount)


def _counted(budget: Budget, now: float) -> tuple[str, dict[str, Any]]:
    """What of the spending counts against a budget: a WHERE clause and its values."""
    parts = ["currency = :currency"]
    told: dict[str, Any] = {"currency": budget.currency}
    for name in ("engine", "owner"):
        if (value := getattr(budget, name)) is not None:
            parts.append(f"spending.{name} = :{name}")
            told[name] = value
    if budget.within_s is not None:
        parts.append("(spent_at > :since {since})")
        told["since"] = now - budget.within_s
    return " AND ".join(parts), told


def _refuse_beyond(
    budget: Budget, taken: float | None, amount: float, *, count: int | None = None
) -> None:
    """Raise Refusal where it would go beyond; without ``count``, one that waits to be sent."""
    taken = taken or 0.0
    if taken + amount <= budget.amount + 1e-9:
        return
    kind = "of_person" if budget.owner is not None else "of_all" if budget.engine is None else ""
    kind = kind if budget.told else "shared"
    refused = "over_budget" if count is None else "budget_reached"
    if not kind and count is not None and count > 1:
        refused = "batch_budget_reached"
    raise BudgetReached(
        budget,
        "_".join(filter(None, [refused, kind])),
        taken=f"{taken:.2f}",
        amount=f"{amount:.2f}",
        budget=f"{budget.amount:g}",
        currency=budget.currency,
        name=budget.engine,
        count=count or 1,
        within=_WITHIN_A_DAY if budget.within_s is not None else _FOR_EVER,
    )


class BudgetReached(Refusal):
    """Something would go ``beyond`` this budget."""

    def __init__(self, beyond: Budget, code: str, /, **values: Any) -> None:
        super().__init__(code, **values)
        self.beyond = beyond


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


_WITHIN_A_DAY: Final = Text("within 24 hours", "24 小时内")
_FOR_EVER: Final = Text("in all", "总计")

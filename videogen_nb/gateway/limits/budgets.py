"""Budgets: checked in the transaction that accepts a task, and before it is paid.

They count what the ledger (``storage/ledger.py``) has written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...i18n import Text
from ..refusals import Refusal

DAY_S: Final = 24 * 3600.0


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
    amount: float,
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
        _refuse_beyond(budget, taken, amount)


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


_WITHIN_A_DAY: Final = Text("within 24 hours", "24 小时内")
_FOR_EVER: Final = Text("in all", "总计")

"""Budgets, checked when a task is accepted and again before it is paid for.

They are based on the ledger (``storage/ledger.py``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...engines import Engine
from ...engines.pool import PoolEngine
from ...engines.remote import RemoteEngine
from ...i18n import Text
from ...people.lookup import People
from ...people.person import Limits
from ..refusals import Refusal

DAY_S: Final = 24 * 3600.0
_RECENT: Final = 20  # videos of an engine from which its costs are known


@dataclass(frozen=True, slots=True)
class Budget:
    """A spending limit for an engine, a person, or everything (both None).

    ``within_s``: the period in seconds; None = unlimited. ``told``: whether the sender may see what
    was spent; students must not see others' spending.
    """

    amount: float
    currency: str
    engine: str | None = None
    owner: str | None = None
    within_s: float | None = None
    told: bool = True


def budgets_of(people: People, owner: str, engine: Engine) -> tuple[Budget, ...]:
    """Return all budgets for a person's paid video; none for a free engine.

    Without a price, an engine's spending cannot be computed: only people's budgets apply. The
    budget of a pool's member is checked when the task is about to be sent to that member.
    """
    person, found = people.named(owner), []
    for paid in payees(engine):
        price, budget = paid.price, paid.instance.budget
        currency = price.currency if price is not None else ""
        found += [
            *_of(person.limits, currency, owner=owner),
            *_of(people.total, currency, told=person.sees_all),
        ]
        if price is not None and budget is not None and paid is engine:
            found.append(Budget(budget, currency, engine=engine.name, told=person.sees_all))
    return tuple(dict.fromkeys(found))


def payees(engine: Engine) -> list[RemoteEngine]:
    """Return who may be paid for a task: the engine or members of a pool; nobody = it is free."""
    asked = engine.ready().values() if isinstance(engine, PoolEngine) else [engine]
    return [one for one in asked if isinstance(one, RemoteEngine) and one.paid]


def _of(
    limits: Limits, currency: str, *, owner: str | None = None, told: bool = True
) -> list[Budget]:
    return [
        Budget(amounts.get(currency, 0.0), currency, owner=owner, within_s=within_s, told=told)
        for amounts, within_s in ((limits.spend_per_day, DAY_S), (limits.spend_total, None))
        if amounts is not None
    ]


def check_budgets(
    connection: sqlite3.Connection, costs: Mapping[Budget, Sequence[float]], now: float
) -> None:
    """Check the budgets for new videos with these costs; costs of waiting ones are reserved.

    Raises:
        Refusal: they would exceed a budget.
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
    engine: str,
    amount: float,
    budgets: Sequence[Budget],
    now: float,
) -> None:
    """Check, against actual costs, whether a task may be sent now.

    Spent and running videos count; other waiting ones do not. If the engine's videos recently cost
    more than expected, so will this one and those that are running.

    Raises:
        Refusal: it would exceed a budget.
    """
    for budget in budgets:
        where, values = _counted(budget, now)
        rows = connection.execute(
            "SELECT spending.engine, settled, sum(amount) "
            "FROM spending LEFT JOIN tasks USING (message_id) "
            f"WHERE {where.format(since='')} AND message_id <> :message_id "
            "AND (settled OR tasks.intent IS NOT NULL) GROUP BY spending.engine, settled",
            {**values, "message_id": message_id},
        ).fetchall()
        factors = {one: _factor(connection, one, budget.currency) for one, _, _ in rows}
        taken = sum(cost * (1.0 if settled else factors[one]) for one, settled, cost in rows)
        _refuse_beyond(budget, taken, amount * _factor(connection, engine, budget.currency))


def _factor(connection: sqlite3.Connection, engine: str, currency: str) -> float:
    """Return the highest recent ratio of actual to expected cost of an engine's videos, at least 1.

    Estimates can be too low: what a provider counts is known only afterwards.
    """
    most = connection.execute(
        "SELECT max(amount / expected) FROM (SELECT amount, expected FROM spending "
        "WHERE engine = ? AND currency = ? AND settled AND expected > 0 "
        "ORDER BY spent_at DESC LIMIT ?)",
        [engine, currency, _RECENT],
    ).fetchone()[0]
    return max(1.0, most or 1.0)


def _counted(budget: Budget, now: float) -> tuple[str, dict[str, Any]]:
    """Return the WHERE clause and values for spending that counts against a budget."""
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
    """Raise Refusal if a budget would be exceeded; without ``count``, for a waiting task."""
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
    """A budget would be exceeded by ``beyond``."""

    def __init__(self, beyond: Budget, code: str, /, **values: Any) -> None:
        super().__init__(code, **values)
        self.beyond = beyond


_WITHIN_A_DAY: Final = Text("within 24 hours", "24 小时内")
_FOR_EVER: Final = Text("in total", "总计")

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
_WHENEVER: Final = "OR NOT settled"  # what is reserved or running will be spent from now on
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
        taken = connection.execute(
            f"SELECT sum(amount) FROM spending WHERE {where.format(since=_WHENEVER)}", values
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
        spent = connection.execute(
            f"SELECT sum(amount) FROM spending WHERE settled = 1 AND {where.format(since='')}",
            values,
        ).fetchone()[0]
        running = connection.execute(  # CROSS: from the few unfinished tasks, not the whole ledger
            "SELECT spending.engine, amount FROM tasks CROSS JOIN spending USING (message_id) "
            "WHERE tasks.status IN ('pending', 'processing') AND tasks.intent IS NOT NULL "
            f"AND settled = 0 AND {where.format(since=_WHENEVER)} AND message_id <> :message_id",
            {**values, "message_id": message_id},
        )
        taken = (spent or 0.0) + sum(
            _likely(connection, one, cost, budget.currency) for one, cost in running.fetchall()
        )
        _refuse_beyond(budget, taken, _likely(connection, engine, amount, budget.currency))


def _likely(connection: sqlite3.Connection, engine: str, expected: float, currency: str) -> float:
    """Return an expected cost, raised as far as an engine's recent videos cost more than expected.

    Estimates can be too low: what a provider counts is known only afterwards. It is raised to no
    more than the most expensive of them, so that one wrong estimate does not stop all others.
    """
    factor, most = connection.execute(
        "SELECT max(amount / expected), max(amount) FROM (SELECT amount, expected FROM spending "
        "WHERE engine = ? AND currency = ? AND settled AND expected > 0 "
        "ORDER BY spent_at DESC LIMIT ?)",
        [engine, currency, _RECENT],
    ).fetchone()
    return max(expected, min(expected * (factor or 1.0), most or 0.0))


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

"""What a new task counts against: its owner's limits, those of all people, an engine's budget."""

from __future__ import annotations

from ...engines import Engine
from ...engines.remote import RemoteEngine
from ...people.person import Limits
from ...people.registry import People
from .budgets import DAY_S, Allowance, Budget


def allowance_of(people: People, owner: str, engine: Engine) -> Allowance:
    """Return what a task of a person on an engine counts against, as limits are at this moment."""
    limits, total = people.named(owner).limits, people.total
    budgets = budgets_of(people, owner, engine)
    return Allowance(budgets, limits.videos_per_day, total.videos_per_day)


def budgets_of(people: People, owner: str, engine: Engine) -> tuple[Budget, ...]:
    """Return all budgets that a person's paid video counts against; none of a free engine's.

    Where an engine has no price, what is spent cannot be counted: only limits of money stand.
    """
    if not isinstance(engine, RemoteEngine) or not engine.paid:
        return ()
    person, price, budget = people.named(owner), engine.price, engine.instance.budget
    currency = price.currency if price is not None else ""
    found = [
        *_of(person.limits, currency, owner=owner),
        *_of(people.total, currency, told=person.sees_all),
    ]
    if price is not None and budget is not None:
        found.append(Budget(budget, currency, engine=engine.name, told=person.sees_all))
    return tuple(found)


def _of(
    limits: Limits, currency: str, *, owner: str | None = None, told: bool = True
) -> list[Budget]:
    return [
        Budget(amounts.get(currency, 0.0), currency, owner=owner, within_s=within_s, told=told)
        for amounts, within_s in ((limits.spend_per_day, DAY_S), (limits.spend_total, None))
        if amounts is not None
    ]

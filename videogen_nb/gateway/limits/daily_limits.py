"""The limits for a new task: videos per day and budgets of its owner, of everyone, of an engine."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from ...engines import Engine
from ...engines.pool import PoolEngine
from ...engines.remote import RemoteEngine
from ...people.person import Limits
from ...people.registry import People
from ..refusals import Refusal
from .budgets import DAY_S, Budget


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a new task counts against; ``per_day`` videos of its owner, ``all_per_day`` of all."""

    budgets: tuple[Budget, ...] = ()
    per_day: int | None = None
    all_per_day: int | None = None


NO_ALLOWANCE: Final = Allowance()  # nothing is limited


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


def allowance_of(people: People, owner: str, engine: Engine) -> Allowance:
    """Return the current limits for a person's task on an engine."""
    limits, total = people.named(owner).limits, people.total
    budgets = budgets_of(people, owner, engine)
    return Allowance(budgets, limits.videos_per_day, total.videos_per_day)


def budgets_of(people: People, owner: str, engine: Engine) -> tuple[Budget, ...]:
    """Return all budgets for a person's paid video; none for a free engine.

    Without a price, an engine's spending cannot be computed: only people's budgets apply. The
    budget of a pool's member is looked at when that member is about to be sent the task.
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

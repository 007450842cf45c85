"""What a request to an engine costs before it is sent, and by what an identical one is known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from ...engines import Engine, InputImage, Plan
from ...engines.remote import RemoteEngine
from ...protocol.models import Spending
from ..refusal import Refusal
from ..storage.ledger import Budget, Cost, Spent


@dataclass(frozen=True, slots=True)
class Terms:
    """``digest`` is the same for identical requests; None of an engine that costs nothing."""

    digest: str | None = None
    cost: Cost | None = None
    budget: Budget | None = None


def terms(engine: Engine, prompt: str, plan: Plan, images: Sequence[InputImage]) -> Terms:
    """Return the terms of a planned request.

    Raises:
        Refusal: there is a budget, and its cost cannot be counted.
    """
    if not isinstance(engine, RemoteEngine) or not engine.paid:
        return Terms()
    price, amount, limit = engine.price, engine.expected_cost(plan), engine.instance.budget
    cost = None if price is None or amount is None else Cost(amount, price.currency)
    budget = None if price is None or limit is None else Budget(limit, price.currency)
    if budget is not None and cost is None:
        raise Refusal("cost_unknown", name=engine.name)
    return Terms(_digest(engine.name, prompt, plan, images), cost, budget)


def spendings(engines: Sequence[Engine], spent: Sequence[Spent]) -> list[Spending]:
    """What each engine has cost so far; also those that have a budget and cost nothing yet."""
    told = {(one.engine, one.currency): one for one in spent}
    budgets = {
        (engine.name, engine.price.currency): engine.instance.budget
        for engine in engines
        if isinstance(engine, RemoteEngine) and engine.price is not None
    }
    found = []
    for engine, currency in sorted({*told, *budgets}):
        one = told.get((engine, currency), Spent(engine, currency, 0.0, 0.0))
        budget = budgets.get((engine, currency))
        found.append(
            Spending(
                engine=engine,
                currency=currency,
                spent=round(one.spent, 6),
                expected=round(one.expected, 6),
                budget=budget,
            )
        )
    return found


def _digest(name: str, prompt: str, plan: Plan, images: Sequence[InputImage]) -> str:
    told = [name, prompt, plan.parameters, plan.seed, [[i.sha256, i.role] for i in images]]
    words = json.dumps(told, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(words.encode()).hexdigest()

"""The expected cost of a request, and recognizing identical requests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ...engines import Engine, InputImage, Plan
from ...engines.remote import RemoteEngine
from ...protocol.models import Spending
from ..jobs.expected_cost import cost_of
from ..limits.budgets import payees
from ..limits.daily_limits import NO_ALLOWANCE, Allowance
from ..refusals import Refusal
from ..storage.ledger import Cost, Spent

FREE: Final = "free"
UNKNOWN: Final = "unknown"  # the provider charges, and no price is set


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a request. ``digest`` is the same for identical ones; None for free engines."""

    digest: str | None = None
    cost: Cost | None = None
    allowance: Allowance = NO_ALLOWANCE


def cost_words(costs: Mapping[str, float], unpriced: int = 0) -> str:
    """Return a cost in the form that must be repeated to agree to it: ``1.63 CNY``.

    Args:
        costs: amounts by currency.
        unpriced: the number of videos with unknown cost.
    """
    known = [f"{amount:.4f}".rstrip("0").rstrip(".") + f" {c}" for c, amount in costs.items()]
    return " + ".join([*sorted(known), *([UNKNOWN] if unpriced else [])]) or FREE


@dataclass(frozen=True, slots=True)
class Consent:
    """The cost that a client has agreed to; None = nothing."""

    said: str | None

    def check(self, costs: Mapping[str, float], unpriced: int) -> None:
        """Raise Refusal if it costs money and the amount does not match."""
        expected = cost_words(costs, unpriced)
        if expected != FREE and " ".join((self.said or "").split()) != expected:
            raise Refusal("cost_not_agreed", cost=expected)

    def check_terms(self, terms: Terms) -> None:
        """Check the cost of one video."""
        if terms.digest is not None:
            cost = terms.cost
            self.check({cost.currency: cost.amount} if cost else {}, int(cost is None))


def terms(
    engine: Engine,
    prompt: str,
    plan: Plan,
    images: Sequence[InputImage],
    allowance: Allowance,
) -> Terms:
    """Return the terms of a planned request under ``allowance``.

    Raises:
        Refusal: there is a budget, and the cost is unknown.
    """
    if not payees(engine):
        return Terms(allowance=allowance)
    cost = cost_of(engine, plan)
    if allowance.budgets and cost is None:
        raise Refusal("cost_unknown", name=engine.name)
    return Terms(_digest(engine.name, prompt, plan, images), cost, allowance)


def spendings(
    engines: Sequence[Engine], spent: Sequence[Spent], *, budgets_told: bool
) -> list[Spending]:
    """Return what each engine has cost, including those with only a budget."""
    told = {(one.engine, one.currency): one for one in spent}
    budgets = {
        (engine.name, engine.price.currency): engine.instance.budget if budgets_told else None
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

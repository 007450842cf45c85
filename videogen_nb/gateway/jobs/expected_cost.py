"""The expected cost of a planned video."""

from __future__ import annotations

from ...engines import Engine, Plan
from ...engines.remote import RemoteEngine
from ..limits.budgets import payees
from ..storage.ledger import Cost


def cost_of(engine: Engine, plan: Plan) -> Cost | None:
    """Return the maximum cost of a planned video; None if it is unknown or free."""
    costs = [_cost(one, plan) for one in payees(engine)]
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(costs) or len({cost.currency for cost in known}) > 1:
        return None
    return max(known, key=lambda cost: cost.amount, default=None)


def _cost(engine: RemoteEngine, plan: Plan) -> Cost | None:
    price, amount = engine.price, engine.expected_cost(plan)
    return None if price is None or amount is None else Cost(amount, price.currency)

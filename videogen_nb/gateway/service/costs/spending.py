"""What engines have cost so far, with their budgets."""

from __future__ import annotations

from collections.abc import Sequence

from ....engines import Engine
from ....engines.remote import RemoteEngine
from ....protocol.models import Spending
from ...storage.ledger import Spent


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

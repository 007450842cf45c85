"""The terms of a request: what it is expected to cost, and how identical ones are recognized."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from ....engines import Engine, InputImage, Plan
from ...jobs.expected_cost import cost_of, why_unknown
from ...limits.budgets import payees
from ...limits.videos_per_day import NO_ALLOWANCE, Allowance
from ...refusals import Refusal
from ...storage.ledger import Cost


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a request. ``digest`` is the same for identical ones; None for free engines."""

    digest: str | None = None
    cost: Cost | None = None
    allowance: Allowance = NO_ALLOWANCE


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
        raise Refusal("cost_unknown", why_unknown(engine, plan))
    return Terms(_digest(engine.name, prompt, plan, images), cost, allowance)


def _digest(name: str, prompt: str, plan: Plan, images: Sequence[InputImage]) -> str:
    told = [name, prompt, plan.parameters, plan.seed, [[i.sha256, i.role] for i in images]]
    words = json.dumps(told, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(words.encode()).hexdigest()

"""Agreeing to a cost: a paid request repeats what it is expected to cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ...refusals import Refusal
from .terms import Terms

FREE: Final = "free"
UNKNOWN: Final = "unknown"  # the provider charges, and no price is set


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

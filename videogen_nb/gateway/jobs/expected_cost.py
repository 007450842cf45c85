"""The expected cost of a planned video, or why it is unknown."""

from __future__ import annotations

from ...engines import Engine, Plan
from ...engines.remote import RemoteEngine
from ...i18n import Text
from ..limits.budgets import payees
from ..refusals import SENTENCES
from ..storage.ledger import Cost


def cost_of(engine: Engine, plan: Plan) -> Cost | None:
    """Return the expected cost of a planned video; None if it is unknown or free.

    For a pool, that of its most expensive member.
    """
    costs = [_cost(one, plan) for one in payees(engine)]
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(costs) or len({cost.currency for cost in known}) > 1:
        return None
    return max(known, key=lambda cost: cost.amount, default=None)


def _cost(engine: RemoteEngine, plan: Plan) -> Cost | None:
    price, amount = engine.price, engine.expected_cost(plan)
    return None if price is None or amount is None else Cost(amount, price.currency)


def why_unknown(engine: Engine, plan: Plan) -> Text:
    """Return why the cost of a planned video is unknown, and what to set."""
    payable = payees(engine)
    if unpriced := [one.name for one in payable if one.price is None]:
        return _UNPRICED(name=unpriced[0])
    if None in (one.expected_cost(plan) for one in payable):
        return SENTENCES["cost_unknown"](name=engine.name)
    told = ", ".join(f"{one.name}: {one.price.currency}" for one in payable if one.price)
    return _CURRENCIES(name=engine.name, told=told)


_UNPRICED = Text(
    "The cost of this video cannot be computed, and a budget or limit applies. Set price, per and "
    "currency under [{name}] in engines.toml. Nothing was sent.",
    "无法计算该视频的费用，而此处设有预算或额度。请在 engines.toml 的 [{name}] 中设置 "
    "price、per 和 currency。未发送任何请求。",
)
_CURRENCIES = Text(
    "The cost of this video cannot be computed, and a budget or limit applies: the members of "
    "{name!r} have prices in different currencies ({told}). Use one currency in engines.toml, or "
    "request one of the members. Nothing was sent.",
    "无法计算该视频的费用，而此处设有预算或额度：{name!r} 的成员使用不同的货币（{told}）。"
    "请在 engines.toml 中统一货币，或直接使用其中一个成员。未发送任何请求。",
)

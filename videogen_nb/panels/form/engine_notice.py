"""Notices about the chosen engine: what it needs, what it costs, its key."""

from __future__ import annotations

import asyncio
from typing import Final

from ...engines.keys import Keyring
from ...errors import BadParameter
from ...i18n import Text
from ...local.discovery import find_gateway
from ...protocol.models import EngineInfo
from ...settings import Settings

MISSING: Final = Text(
    "The engine {title} is not ready: {missing}", "引擎 {title} 未就绪：{missing}"
)
_KEY_OF: Final = Text("Key for {title}", "{title} 的密钥")
_COSTS: Final = Text("{title}: {cost}.", "{title}：{cost}。")
_SPENT: Final = Text("{costs} Spent so far: {spent}.", "{costs}已花费：{spent}。")
_ELSEWHERE: Final = Text(
    "This gateway ({url}) runs on another machine or under another account. Set the key there "
    "with “videogen-nb key {name}”.",
    "该网关（{url}）在别处运行，请在其所在机器上执行“videogen-nb key {name}”设置密钥。",
)


def notice_of(engine: EngineInfo | None) -> Text:
    """Return the notice for an engine; empty if there is nothing to say."""
    if engine is None:
        return Text.same("")
    if not engine.ready:
        return MISSING(title=engine.title, missing=engine.missing or "?")
    if engine.cost is None:
        return Text.same("")
    costs = _COSTS(title=engine.title, cost=engine.cost)
    if not engine.spending:
        return costs
    return _SPENT(costs=costs, spent=engine.spending[0].words)


def key_label(engine: EngineInfo | None) -> Text:
    """Return the label of the field for an engine's key; empty if it needs none."""
    if engine is None or engine.key != "missing":
        return Text.same("")
    return _KEY_OF(title=engine.title)


async def keep_key(url: str, name: str, key: str) -> None:
    """Save a key for the user's own gateway, if ``url`` is that gateway.

    Raises:
        BadParameter: it is not a key, or the gateway is on another machine.
    """
    await asyncio.to_thread(_keep, url, name, key)


def _keep(url: str, name: str, key: str) -> None:
    settings = Settings.from_environment()
    running = find_gateway(settings)
    if running is None or running.url.rstrip("/") != url.rstrip("/"):
        raise BadParameter(_ELSEWHERE(url=url, name=name), code="gateway_elsewhere")
    Keyring(settings.data_folder).write(name, key)

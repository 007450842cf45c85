"""What there is to know about the chosen engine: what it lacks, what it costs, its key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import anywidget
from traitlets import Dict

from ..engines.keys import Keyring
from ..errors import BadParameter
from ..i18n import Text
from ..local.discovery import find_gateway
from ..protocol.models import EngineInfo
from ..settings import Settings
from .base import line, stack, visible
from .theme import script
from .wording import Wording

MISSING = Text("The engine {title} is not ready: {missing}", "引擎 {title} 未就绪：{missing}")
_COSTS = Text("{title}: {cost}.", "{title}：{cost}。")
_SPENT = Text("{costs} Spent so far: {spent}.", "{costs}已花费：{spent}。")
_LABEL = Text("Key of {title}", "{title} 的密钥")
_KEEP = Text("Save the key", "保存密钥")
_ELSEWHERE = Text(
    "This gateway ({url}) runs elsewhere, or under another name: set the key there, with "
    "“videogen-nb key {name}”.",
    "该网关（{url}）在别处运行，请在其所在机器上执行“videogen-nb key {name}”设置密钥。",
)


class KeyField(anywidget.AnyWidget):
    """A hidden field. What is typed arrives as a message: no trait, and so no notebook, has it."""

    _esm: Any = script("dom", "key")
    words = Dict().tag(sync=True)

    def __init__(self, typed: Callable[[str], object]) -> None:
        super().__init__()
        self._typed = typed
        self.on_msg(self._hear)

    def _hear(self, _widget: Any, message: dict[str, Any], _buffers: Any) -> None:
        if message.get("op") == "key":
            self._typed(str(message.get("key", "")))


class EngineNotice:
    """Lines under the fields of a prompt. ``typed(name, key)`` is told of a key."""

    def __init__(self, wording: Wording, typed: Callable[[str, str], object]) -> None:
        self._wording = wording
        self._engine: EngineInfo | None = None
        self._typed = typed
        self.words = line("vnb-small", "vnb-status")
        self.key = KeyField(self._keep)
        self.widget = stack(self.words, self.key)
        self.show(None)

    def show(self, engine: EngineInfo | None) -> None:
        """Say what there is to know of an engine."""
        self._engine = engine
        text = _text(engine) if engine is not None else None
        lacks_key = engine is not None and engine.key == "missing"
        visible(self.widget, text is not None)
        visible(self.key, lacks_key)
        self._wording.say(self.words, "value", text or Text.same(""))
        if engine is not None and lacks_key:
            words = {"label": _LABEL(title=engine.title), "keep": _KEEP}
            self._wording.say(self.key, "words", words)

    def _keep(self, key: str) -> None:
        if self._engine is not None:
            self._typed(self._engine.name, key)


async def keep_key(url: str, name: str, key: str) -> None:
    """Keep a key for the person's own gateway, if ``url`` is that.

    Raises:
        BadParameter: it is no key, or that gateway is another machine's.
    """
    await asyncio.to_thread(_keep, url, name, key)


def _keep(url: str, name: str, key: str) -> None:
    settings = Settings.from_environment()
    running = find_gateway(settings)
    if running is None or running.url.rstrip("/") != url.rstrip("/"):
        raise BadParameter(_ELSEWHERE(url=url, name=name), code="gateway_elsewhere")
    Keyring(settings.data_folder).write(name, key)


def _text(engine: EngineInfo) -> Text | None:
    if not engine.ready:
        return MISSING(title=engine.title, missing=engine.missing or "?")
    if engine.cost is None:
        return None
    costs = _COSTS(title=engine.title, cost=engine.cost)
    if not engine.spending:
        return costs
    return _SPENT(costs=costs, spent=engine.spending[0].words)

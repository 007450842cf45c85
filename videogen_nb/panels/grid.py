"""The gallery's cards: what is on them comes as plain values, thumbnails on request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anywidget
from traitlets import Dict, List, Unicode

from ..i18n import Text
from .theme import script
from .transfer import Content, Outbox

GRID_WORDS = {
    "list": Text("Tasks of this gateway", "该网关的任务"),
    "choose": Text("Choose: {title}", "选择：{title}"),
    "open": Text("Open ({state}): {title}", "打开（{state}）：{title}"),
    "attach": Text("Watch ({state}): {title}", "查看进度（{state}）：{title}"),
}


class Grid(anywidget.AnyWidget):
    """``items``: id, title, about, state, status, live, progress, thumb. ``chosen``: ids."""

    _esm: Any = script("dom", "pull", "grid")
    words = Dict().tag(sync=True)
    items = List(Dict()).tag(sync=True)
    chosen = List(Unicode()).tag(sync=True)

    def __init__(self, opened: Callable[[str], object], **traits: Any) -> None:
        super().__init__(**traits)
        self._outbox = Outbox()
        self._opened = opened
        self.on_msg(self._hear)

    def offer_thumbnail(self, key: str, jpeg: bytes) -> None:
        """Let the browser ask for a thumbnail."""
        self._outbox.put(key, Content(jpeg, "image/jpeg"))

    def save(self, path: Path, kind: str) -> None:
        """Hand a file to the browser's downloads."""
        self._outbox.put(path.name, Content(path, kind))
        self.send({"op": "save", "key": path.name, "name": path.name})

    def _hear(self, _widget: Any, message: dict[str, Any], _buffers: Sequence[Any]) -> None:
        if (asked := self._outbox.hear(message)) is not None:
            self.send(*asked)
        elif message.get("op") == "open":
            self._opened(str(message.get("id")))

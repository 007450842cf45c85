"""The film player: one film with its poster, or several side by side in step.

The bytes go through the widget's own connection, piece by piece, and play from a blob: that holds
in JupyterLab, Notebook and Voilà alike, behind a hub's URL prefix, for films outside the server's
folder, and with no route to a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import anywidget
from traitlets import Dict, Instance, List

from ..i18n import Text
from ..media.probe import poster_jpeg
from ..media.video import Film
from .theme import script
from .transfer import Content, Outbox

PLAYER_WORDS = {
    "film": Text("Film: {title}", "视频：{title}"),
    "loading": Text("Loading {percent}%", "加载中 {percent}%"),
    "save": Text("Save film", "保存视频"),
    "copy": Text("Copy path", "复制路径"),
    "copied": Text("Copied.", "已复制。"),
    "selected": Text("Selected: press Ctrl+C or ⌘C.", "已选中，请按 Ctrl+C 或 ⌘C。"),
    "play": Text("Play together", "同步播放"),
    "pause": Text("Pause", "暂停"),
    "restart": Text("From the start", "从头播放"),
    "position": Text("Position in the films", "播放位置"),
}


class Player(anywidget.AnyWidget):
    """``films`` are described by plain values; their bytes are asked for by the browser."""

    _esm: Any = script("dom", "pull", "player")
    words = Dict().tag(sync=True)
    films = List(Dict()).tag(sync=True)
    posters = List(Instance(bytes)).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._outbox = Outbox()
        self.on_msg(self._hear)

    def load(self, films: Sequence[Film]) -> None:
        """Show these films. Decodes one picture of each, not the whole.

        Raises:
            NotAFilm: one cannot be decoded. OSError: it cannot be read.
        """
        described = []
        posters: list[bytes] = []
        for film in films:
            posters.append(poster_jpeg(film.path))
            described.append(_describe(film))
            self._outbox.put(str(film.task.id), Content(film.path, "video/mp4"))
        self._outbox.keep_only({one["key"] for one in described})
        with self.hold_sync():
            self.posters = posters
            self.films = described

    def _hear(self, _widget: Any, message: dict[str, Any], _buffers: Sequence[Any]) -> None:
        if (asked := self._outbox.hear(message)) is not None:
            self.send(*asked)


def _describe(film: Film) -> dict[str, Any]:
    return {
        "key": str(film.task.id),
        "title": film.task.prompt or film.path.stem,
        "name": film.path.name,
        "path": str(film.path),
        "width": film.facts.width,
        "height": film.facts.height,
    }

"""The video player: one video with its poster, or several side by side in step.

The bytes go through the widget's own connection, piece by piece, and play from a blob: that holds
in JupyterLab, Notebook and Voilà alike, behind a hub's URL prefix, for videos outside the server's
folder, and with no route to a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import anywidget
from traitlets import Dict, Instance, List

from ..i18n import Text
from ..media.probe import poster_jpeg
from ..media.video import Video
from .theme import script
from .transfer import Content, Outbox

PLAYER_WORDS = {
    "video": Text("Video: {title}", "视频：{title}"),
    "loading": Text("Loading {percent}%", "加载中 {percent}%"),
    "save": Text("Save video", "保存视频"),
    "copy": Text("Copy path", "复制路径"),
    "copied": Text("Copied.", "已复制。"),
    "selected": Text("Selected: press Ctrl+C or ⌘C.", "已选中，请按 Ctrl+C 或 ⌘C。"),
    "play": Text("Play together", "同步播放"),
    "pause": Text("Pause", "暂停"),
    "restart": Text("From the start", "从头播放"),
    "position": Text("Position in the videos", "播放位置"),
}


class Player(anywidget.AnyWidget):
    """``videos`` are described by plain values; their bytes are asked for by the browser."""

    _esm: Any = script("dom", "pull", "player")
    words = Dict().tag(sync=True)
    videos = List(Dict()).tag(sync=True)
    posters = List(Instance(bytes)).tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._outbox = Outbox()
        self.on_msg(self._hear)

    def load(self, videos: Sequence[Video]) -> None:
        """Show these videos. Decodes one image of each, not the whole.

        Raises:
            NotAVideo: one cannot be decoded. OSError: it cannot be read.
        """
        described = []
        posters: list[bytes] = []
        for video in videos:
            posters.append(poster_jpeg(video.path))
            described.append(_describe(video))
            self._outbox.put(str(video.task.id), Content(video.path, "video/mp4"))
        self._outbox.keep_only({one["key"] for one in described})
        with self.hold_sync():
            self.posters = posters
            self.videos = described

    def _hear(self, _widget: Any, message: dict[str, Any], _buffers: Sequence[Any]) -> None:
        if (asked := self._outbox.hear(message)) is not None:
            self.send(*asked)


def _describe(video: Video) -> dict[str, Any]:
    return {
        "key": str(video.task.id),
        "title": video.task.prompt or video.path.stem,
        "name": video.path.name,
        "path": str(video.path),
        "width": video.facts.width,
        "height": video.facts.height,
    }

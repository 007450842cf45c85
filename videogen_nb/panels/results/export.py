"""``ExportPanel``: export a video for a platform, as an animation, or as a cover image."""

from __future__ import annotations

import asyncio
import warnings
from pathlib import Path
from typing import Any, ClassVar, Final

from traitlets import Unicode

from ...blocking import Connection
from ...blocking.call import Call
from ...errors import EditWarning
from ...i18n import Text
from ...media.editing.presets import PRESETS
from ...media.provenance import provenance
from ...media.video import Video
from ..browser.transfer import Message
from ..gateway_link import Link
from ..widget import Panel

#: What there is beside the platforms' sizes, by the name of its file's format.
_IMAGES: Final = {
    "gif": Text("GIF", "GIF 动图"),
    "webp": Text("WebP, smaller than a GIF", "WebP 动图（比 GIF 小）"),
    "jpg": Text("Cover image", "封面图"),
}
_KINDS: Final = {
    ".mp4": "video/mp4", ".gif": "image/gif", ".webp": "image/webp", ".jpg": "image/jpeg",
}  # fmt: skip


class ExportPanel(Panel):
    """Exports a video. ``target`` is a platform (``"reels"``), ``"gif"``, ``"webp"`` or ``"jpg"``.

    ``export()`` is the button: the file is saved next to the video, and the browser downloads it.
    """

    target = Unicode("youtube")
    title = Text("Export", "导出")
    part = "export"
    fields = ("target",)
    texts: ClassVar = {
        "open": Text("Export…", "导出…"),
        "target": Text("For", "用途"),
        "export": Text("Export", "导出"),
        "working": Text("Exporting…", "正在导出……"),
    }

    def __init__(self, video: Video, connection: Connection | Link | None = None) -> None:
        self.video = video
        self._share: float | None = None
        self._said: list[Text] = []
        self._exporting: Call[Path] | None = None
        super().__init__(connection)

    def export(self) -> Call[Path]:
        """Write the file for ``target``; repeated calls while it is running have no effect."""
        if self._exporting is None or self._exporting.done():
            self._exporting = self.run(self._export)
        return self._exporting

    def view(self) -> dict[str, Any]:
        return {
            "target": self.target,
            "targets": [
                *([self.text(preset.title), name] for name, preset in PRESETS.items()),
                *([self.text(text), name] for name, text in _IMAGES.items()),
            ],
            "share": self._share,
            "said": " ".join(map(self.text, self._said)),
        }

    async def _export(self) -> Path:
        self.busy, self._share, self._said = True, None, []
        self.clear_error()
        try:
            path = await asyncio.to_thread(self._write, self.target)
            self._said = [_SAVED(path=path), *await asyncio.to_thread(_losses, path)]
            self.send_file(path, _KINDS[path.suffix])
            return path
        finally:
            self.busy = False

    def _write(self, target: str) -> Path:
        if target == "gif":
            return self.video.gif()
        if target == "webp":
            return self.video.webp()
        if target == "jpg":
            return self.video.cover()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", EditWarning)  # the panel tells what was lost
            return self.video.export(preset=target, on_progress=self._progress).path

    def _progress(self, done: int, total: int) -> None:
        self._share = done / max(1, total)
        self.touch()

    def _on_export(self, _message: Message) -> None:
        self.export()


def _losses(path: Path) -> list[Text]:
    """Return what could not be kept, such as a signature."""
    if path.suffix != ".mp4":
        return []
    return [Text.from_json(note) for note in provenance(path).get("notes", [])]


_SAVED: Final = Text("Saved as {path}.", "已保存为 {path}。")

"""Choosing an image: pick, drop or paste it; see what it is before anything is sent on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import ipywidgets
from traitlets import Float, Instance

from ..blocking import Connection
from ..blocking.loop import Call
from ..client.image_input import LoadedImage
from ..client.image_input import load as load_image
from ..errors import BadImage, VideogenError
from ..i18n import Text
from ..media.images import ImageFacts
from ..protocol.models import Attachment
from .base import Panel, line, stack
from .dropzone import DropZone
from .link import Link
from .transfer import Received

#: A stock Jupyter server drops the connection on a message of 10 MiB; base64 takes a third of it.
_PLAIN_LIMIT = 7 * 2**20

_ZONE_WORDS = {
    "label": Text("Image", "图片"),
    "title": Text("Drop an image here, or click to choose one", "将图片拖到此处，或点击选择"),
    "hint": Text(
        "You can paste one, too (Ctrl+V or ⌘V). JPG, PNG, WEBP or HEIC; "
        "one of more than 10 MiB is shrunk",
        "也可以直接粘贴（Ctrl+V 或 ⌘V）。支持 JPG、PNG、WEBP、HEIC，超过 10 MiB 会自动缩小",
    ),
    "change": Text("Choose another", "换一张"),
    "remove": Text("Remove", "移除"),
    "stop": Text("Stop", "停止"),
    "progress": Text("Upload progress", "上传进度"),
    "sending": Text("Sending {name} … {percent}%", "正在发送 {name}……{percent}%"),
    "silent": Text(
        "Waiting for the kernel. It is probably busy with another cell; this goes on by itself.",
        "正在等待内核。内核可能在执行其他单元，完成后会自动继续。",
    ),
    "unreadable": Text(
        "{name} cannot be read. Is it a folder, or a file that was moved? Choose an image.",
        "无法读取 {name}，可能是文件夹或文件已被移动，请选择图片文件。",
    ),
    "too_large": Text(
        "{name} has {size} MiB; up to {limit} MiB are taken. Save it smaller, or as JPG.",
        "{name} 大小为 {size} MiB，上限为 {limit} MiB。请缩小图片或另存为 JPG。",
    ),
    "alt": Text("The chosen image: {name}", "已选图片：{name}"),
}
_PLAIN = Text(
    "Choose an image (JPG, PNG, WEBP or HEIC, up to {limit} MiB here: this page shows no drop "
    "zone, and a larger file would break the connection).",
    "选择图片（JPG、PNG、WEBP、HEIC；此页面无法显示拖放区，限 {limit} MiB，"
    "更大的文件会使连接中断）。",
)
_PLAIN_BUTTON = Text("Choose an image", "选择图片")
_FACTS = Text(
    "{format} · {width} × {height} pixels · {size}", "{format} · {width} × {height} 像素 · {size}"
)


@dataclass(frozen=True, slots=True)
class Image:
    """An image at the kernel, looked at but not yet sent to a gateway."""

    name: str
    data: bytes
    facts: ImageFacts
    sha256: str
    loaded: LoadedImage


class UploadPanel(Panel):
    """``value`` is the chosen :class:`Image` or None; ``progress`` (0-1) the way to the gateway.

    ``load(path or bytes)`` does what a drop does; ``upload()`` sends it to the gateway and gives
    the attachment. Alone it is used as ``panel.upload()``; a prompt panel takes it as its source.
    """

    value = Instance(Image, allow_none=True)
    progress = Float(0.0)
    title = Text("Choose an image", "选择图片")

    def __init__(self, connection: Connection | Link | None = None) -> None:
        super().__init__(connection)
        self._sent: dict[str, Attachment] = {}
        self.zone = DropZone(self._received, self.clear)
        self.say(self.zone, "words", _ZONE_WORDS)
        self.zone.observe(self._refused, "message")
        self.fill(
            stack(self.zone, self._plain_part(), classes=("vnb-stack", "vnb-either", "vnb-sheet"))
        )

    def _plain_part(self) -> Any:
        """What stands in where the drop zone cannot load."""
        self.plain = ipywidgets.FileUpload(accept=self.zone.accept, multiple=False)
        self._plain_about = line("vnb-small", "vnb-status")
        hint = line("vnb-small")
        self.say(hint, "value", _PLAIN(limit=_PLAIN_LIMIT // 2**20))
        self.say(self.plain, "description", _PLAIN_BUTTON)
        self.say(self.plain, "tooltip", _PLAIN_BUTTON)
        self.plain.observe(self._picked_plainly, "value")
        return stack(
            hint, self.plain, self._plain_about, self.alert, classes=("vnb-stack", "vnb-plain")
        )

    def load(self, image: Any, name: str | None = None) -> Image:
        """Choose an image by path, as bytes or as a Pillow image, as a drop would.

        Raises:
            BadImage: it does not fit or cannot be read; the text says why. The image chosen
                before stays.
        """
        try:
            loaded = load_image(image, name)
        except BadImage as problem:
            self.fail(problem)
            raise
        self.clear_error()
        digest = hashlib.sha256(loaded.data).hexdigest()
        chosen = Image(loaded.name, loaded.data, loaded.facts, digest, loaded)
        self.progress = 0.0
        self.value = chosen
        self._show(chosen)
        return chosen

    def clear(self) -> None:
        """Choose nothing."""
        self.clear_error()
        self.value = None
        self.zone.clear()
        self._plain_about.value = ""

    def upload(self) -> Call[Attachment]:
        """Send the chosen image to the gateway; once, however often it is asked for.

        Raises (when the call's result is taken):
            BadImage: nothing is chosen, or the gateway refused it. GatewayError: no answer.
        """
        return self.run(self.send())

    async def send(self) -> Attachment:
        """As ``upload``, on the private loop."""
        chosen = self.value
        if chosen is None:
            raise BadImage(Text("Choose an image first.", "请先选择图片。"))
        if chosen.sha256 not in self._sent:
            client = await self.link.client()
            self._sent[chosen.sha256] = await client.upload_image(
                chosen.loaded, on_progress=self._moved
            )
        self.progress = 1.0
        return self._sent[chosen.sha256]

    async def inputs(self) -> dict[str, Any]:
        """What a task made from this panel's image takes."""
        return {"attachment": await self.send()}

    def _moved(self, done: int, total: int | None) -> None:
        share = done / total if total else 0.0
        if share >= 1 or share - self.progress >= 0.05:
            self.progress = share

    def _received(self, file: Received) -> None:
        self._try(file.data, file.name)

    def _picked_plainly(self, change: Any) -> None:
        for file in change["new"]:
            self._try(bytes(file["content"]), file["name"])

    def _try(self, data: bytes, name: str) -> None:
        try:
            self.load(data, name)
        except VideogenError:
            return  # load() has shown it; there is nobody above to raise it to

    def _refused(self, change: Any) -> None:
        if change["new"] != self.error:
            self.error = change["new"]

    def _tell(self, text: Text) -> None:
        super()._tell(text)
        self.zone.message = self.error

    def clear_error(self) -> None:
        super().clear_error()
        self.zone.message = ""

    def _show(self, chosen: Image) -> None:
        facts = self.wording.render(facts_line(chosen.facts, len(chosen.data)))
        if chosen.loaded.note is not None:
            facts = f"{facts}. {self.wording.render(chosen.loaded.note)}"
        self.zone.show(chosen.name, facts, chosen.loaded.for_everyone().data, chosen.sha256)
        self.say(self._plain_about, "value", Text.same(f"{chosen.name} · {facts}"))

    def respeak(self) -> None:
        if self.value is not None:
            self._show(self.value)


def facts_line(facts: ImageFacts, size: int) -> Text:
    """An image's format, pixels and size in bytes, in one line."""
    return _FACTS(
        format=facts.format, width=facts.width, height=facts.height, size=size_in_words(size)
    )


def size_in_words(n: int) -> str:
    """Bytes as people say them: ``"812 KB"``, ``"3.4 MB"``."""
    return f"{max(1, round(n / 1e3))} KB" if n < 1e6 else f"{n / 1e6:.1f} MB"

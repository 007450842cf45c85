"""``UploadPanel``: choose, drop or paste an image and preview it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from traitlets import Float, Instance

from ..blocking import Connection
from ..blocking.call import Call
from ..client.images.loading import LoadedImage
from ..client.images.loading import load as load_image
from ..errors import BadImage, VideogenError
from ..i18n import Text
from ..media.images import MAX_MIB, ImageFacts
from ..media.images.convert import SOURCE
from ..protocol.models import Attachment, VideoTask
from ..text.byte_sizes import size_words
from .browser.transfer import Content, Inbox, Message, Received
from .gateway_link import Link
from .widget import Panel

_PATIENCE_S: Final = 30.0  # without a piece, an image on its way is given up
_REMEMBERED: Final = 6  # images that were sent, to be chosen again with a task's settings
_ACCEPT: Final = "image/jpeg,image/png,image/webp,image/heic,.jpg,.jpeg,.png,.webp,.heic,.heif"


@dataclass(frozen=True, slots=True)
class Image:
    """A checked image in the kernel, not yet sent to a gateway."""

    name: str
    data: bytes
    facts: ImageFacts
    sha256: str
    loaded: LoadedImage
    shown: bytes  # the same in a format that browsers know


class UploadPanel(Panel):
    """A panel to choose an image. ``value`` is an :class:`Image` or None; ``progress`` is 0-1.

    ``load(path or bytes)`` does the same as dropping a file; ``upload()`` sends it to the gateway
    and returns the attachment. Use it alone with ``panel.upload()``, or as the source of a prompt
    panel.
    """

    value = Instance(Image, allow_none=True)
    progress = Float(0.0)
    title = Text("Choose an image", "选择图片")
    part = "upload"
    texts: ClassVar = {
        "label": Text("Image", "图片"),
        "title": Text("Drop an image here, or click to choose one", "将图片拖到此处，或点击选择"),
        "hint": Text(
            "or paste it (Ctrl+V or ⌘V). JPG, PNG, WEBP or HEIC; images over {shrunk} MiB "
            "are shrunk",
            "也可以粘贴（Ctrl+V 或 ⌘V）。支持 JPG、PNG、WEBP、HEIC，超过 {shrunk} MiB 会自动缩小",
        ),
        "change": Text("Choose another", "换一张"),
        "remove": Text("Remove", "移除"),
        "stop": Text("Stop", "停止"),
        "progress": Text("Upload progress", "上传进度"),
        "sending": Text("Uploading {name}… {percent}%", "正在上传 {name}……{percent}%"),
        "unreadable": Text(
            "{name} cannot be read. Is it a folder, or was the file moved? Choose an image file.",
            "无法读取 {name}，它可能是文件夹，或者文件已被移动。请选择图片文件。",
        ),
        "too_large": Text(
            "{name} is {size} MiB; the limit is {limit} MiB. Make it smaller, or save it as JPG.",
            "{name} 大小为 {size} MiB，上限为 {limit} MiB。请缩小图片或另存为 JPG。",
        ),
        "alt": Text("The chosen image: {name}", "已选图片：{name}"),
    }

    def __init__(self, connection: Connection | Link | None = None) -> None:
        self._sent: dict[str, Attachment] = {}
        self._before: dict[str, Image] = {}
        self._frames: dict[str, VideoTask] = {}  # whose last frame an image is, by its digest
        #: Where the image of the last frame is chosen, if anywhere.
        self.last: UploadPanel | None = None
        self._inbox = Inbox(SOURCE.size, self._received)
        super().__init__(connection)

    def load(self, image: Any, name: str | None = None) -> Image:
        """Choose an image by path, as bytes or as a Pillow image.

        Raises:
            BadImage: it cannot be used; the message says why. The previous image is kept.
        """
        try:
            loaded = load_image(image, name)
            shown = loaded.for_everyone()
        except BadImage as problem:
            self.fail(problem)
            raise
        digest = hashlib.sha256(loaded.data).hexdigest()
        chosen = Image(loaded.name, loaded.data, loaded.facts, digest, loaded, shown.data)
        self._choose(chosen)
        return chosen

    def continue_from(self, task: VideoTask, image: Any) -> Image:
        """Choose a task's last frame; ``image`` is its preview.

        Raises:
            BadImage: it cannot be shown.
        """
        title = task.title or task.prompt or task.id
        chosen = self.load(image, self.text(_LAST_FRAME(title=title)))
        self._frames[chosen.sha256] = task
        self._remember(chosen)
        return chosen

    def bring_back_frame(self, task: VideoTask) -> bool:
        """Choose a task's last frame again; return False if it is no longer available."""
        digests = [digest for digest, known in self._frames.items() if known.id == task.id]
        known = next((self._before[one] for one in digests if one in self._before), None)
        if known is not None:
            self._choose(known)
        return known is not None

    def bring_back(self, attachment: Attachment | Mapping[str, Any]) -> bool:
        """Choose a recently sent image again; return False if it is no longer available."""
        key = attachment.key if isinstance(attachment, Attachment) else attachment["key"]
        digests = [digest for digest, sent in self._sent.items() if sent.key == key]
        known = next((self._before[one] for one in digests if one in self._before), None)
        if known is not None:
            self._choose(known)
        return known is not None

    def _choose(self, image: Image) -> None:
        self.clear_error()
        self.outbox.keep_only(set())
        self.outbox.put(image.sha256, Content(image.shown))
        self.progress = 0.0
        self.value = image

    def clear(self) -> None:
        """Remove the chosen image."""
        self.clear_error()
        self.outbox.keep_only(set())
        self.value = None

    def upload(self) -> Call[Attachment]:
        """Send the chosen image to the gateway, only once.

        Raises (when the call's result is retrieved):
            BadImage: nothing is chosen, or the gateway refused it. GatewayError: no response.
        """
        return self.run(self._upload)

    async def inputs(self) -> dict[str, Any]:
        """Return the arguments for a task from this panel's image and, if any, its last frame.

        Waits for an image that is still being received from the browser.
        """
        await self._wait_for_browser()
        before = self._frames.get(self.value.sha256) if self.value is not None else None
        first = await self._upload() if before is None else None
        if self.last is not None:
            await self.last._wait_for_browser()
        images = []
        if self.last is not None and self.last.value is not None:
            last = await self.last.upload()
            images = [{"attachment": last.to_wire(), "role": "last"}]
        if first is None:
            return {"after": before, **({"images": images} if images else {})}
        if not images:
            return {"attachment": first}
        return {"images": [{"attachment": first.to_wire(), "role": "first"}, *images]}

    def view(self) -> dict[str, Any]:
        limits = {"limit": SOURCE.size, "shrunk": MAX_MIB}
        return {"accept": _ACCEPT, **limits, "image": self._described()}

    def hear(self, message: Message, buffers: Sequence[Any]) -> Message | None:
        return self._inbox.hear(message, buffers) or super().hear(message, buffers)

    def _described(self) -> dict[str, Any] | None:
        chosen = self.value
        if chosen is None:
            return None
        facts = self.text(facts_line(chosen.facts, len(chosen.data)))
        if chosen.loaded.note is not None:
            facts = f"{facts}. {self.text(chosen.loaded.note)}"
        size = len(chosen.shown)  # by which a browser knows that its own copy can be shown
        return {"name": chosen.name, "facts": facts, "key": chosen.sha256, "size": size}

    async def _upload(self) -> Attachment:
        await self._wait_for_browser()
        chosen = self.value
        if chosen is None:
            raise BadImage(_CHOOSE_FIRST)
        if chosen.sha256 not in self._sent:
            client = await self.link.client()
            self._sent[chosen.sha256] = await client.upload_image(
                chosen.loaded, on_progress=self._moved
            )
        self.progress = 1.0
        self._remember(chosen)
        return self._sent[chosen.sha256]

    def _remember(self, chosen: Image) -> None:
        self._before = {**self._before, chosen.sha256: chosen}
        for oldest in list(self._before)[:-_REMEMBERED]:
            del self._before[oldest]

    async def _wait_for_browser(self) -> None:
        if not await self._inbox.arrived(_PATIENCE_S):
            raise BadImage(_STOPPED_COMING(s=round(_PATIENCE_S)))

    def _moved(self, done: int, total: int | None) -> None:
        share = done / total if total else 0.0
        if share >= 1 or share - self.progress >= 0.05:
            self.progress = share

    def _received(self, file: Received) -> None:
        try:
            self.load(file.data, file.name)
        except VideogenError:
            return  # load() has shown it; there is nobody above to raise it to

    def _on_clear(self, _message: Message) -> None:
        self.clear()

    def _on_refuse(self, message: Message) -> None:
        """Show why the page refused a file."""
        self.problem = None
        self.error = str(message.get("message", ""))


class LastFramePanel(UploadPanel):
    """A panel to choose the last frame of a video."""

    title = Text("Choose the last frame", "选择尾帧")
    part = "last_frame"
    texts: ClassVar = {
        **UploadPanel.texts,
        "label": Text("Last frame", "尾帧"),
        "title": Text("Last frame (optional)", "尾帧（可选）"),
        "hint": Text("The video ends with this image", "视频以这张图片结束"),
        "alt": Text("The last frame: {name}", "尾帧：{name}"),
    }


def facts_line(facts: ImageFacts, size: int) -> Text:
    """Return an image's format, pixels and size in bytes on one line."""
    return _FACTS(
        format=facts.format, width=facts.width, height=facts.height, size=size_words(size)
    )


_LAST_FRAME: Final = Text("Last frame of “{title}”.png", "“{title}”的尾帧.png")
_CHOOSE_FIRST: Final = Text("Choose an image first.", "请先选择图片。")
_STOPPED_COMING: Final = Text(
    "The image did not arrive: no data was received for {s} s. Choose it again.",
    "图片还没有传完，已有 {s} 秒没有收到数据。请重新选择图片。",
)
_FACTS: Final = Text(
    "{format} · {width} × {height} pixels · {size}", "{format} · {width} × {height} 像素 · {size}"
)

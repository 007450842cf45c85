"""``UrlPanel``: an image URL, checked while it is typed, with a preview."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from traitlets import Instance, Unicode, observe

from ..blocking import Connection
from ..blocking.call import Call
from ..client.images.loading import load
from ..client.images.references import name_in
from ..errors import BadInput, VideogenError
from ..i18n import Text
from ..media.images import ImageFacts
from ..network import path_at
from ..security.public_addresses import is_public_host
from .browser.transfer import Content
from .gateway_link import Link
from .upload import facts_line
from .widget import Panel

_PAUSE_S: Final = 0.6  # of typing, before the address is tried


@dataclass(frozen=True, slots=True)
class SeenImage:
    """The image found at a URL, and its properties."""

    url: str
    data: bytes
    facts: ImageFacts


class UrlPanel(Panel):
    """A panel for an image URL. ``value`` is the URL; ``seen`` is what was found there, or None.

    Setting ``value`` is like typing; ``check()`` downloads it now and returns what it found.
    """

    value = Unicode("")
    seen = Instance(SeenImage, allow_none=True)
    title = Text("Image from a URL", "链接中的图片")
    part = "url"
    fields = ("value",)
    texts: ClassVar = {
        "label": Text("Image URL", "图片链接"),
        "placeholder": Text.same("https://…"),
        "alt": Text("The image at that URL", "该链接的图片"),
    }

    def __init__(self, connection: Connection | Link | None = None, *, value: str = "") -> None:
        self._looking: Call[Any] | None = None
        self._looks = 0
        self._status = _START
        self._wrong = False
        super().__init__(connection)
        self.value = value

    def check(self) -> Call[SeenImage]:
        """Check the URL now.

        Raises (when the call's result is retrieved):
            BadInput: it is not a URL, or there is no image. GatewayError: it cannot be reached.
        """
        self._stop_looking()
        call = self.follow(self._look, 0)
        self._looking = call
        return call

    async def inputs(self) -> dict[str, Any]:
        """Return the arguments for a task from this URL."""
        url = self.value.strip()
        if (wrong := wrong_with(url)) is not None:
            raise BadInput(wrong, code="bad_url")
        return {"image_url": url}

    def view(self) -> dict[str, Any]:
        alarming = self.problem is None or isinstance(self.problem, BadInput)
        return {
            "value": self.value,
            "status": self.text(self._status),
            "wrong": self._wrong,
            "alert": self.error if alarming else "",
            "seen": self._described(),
        }

    @observe("value")
    def _typed(self, change: Any) -> None:
        self._stop_looking()
        self.clear_error()
        self.seen = None
        self.outbox.keep_only(set())
        url = change["new"].strip()
        wrong = wrong_with(url)
        begun = any(scheme.startswith(url.lower()) for scheme in ("http://", "https://"))
        self._wrong = wrong is not None and not begun
        self._say(_START if begun else wrong or _TRYING)
        if wrong is None:
            self._looking = self.follow(self._look, _PAUSE_S)

    def _stop_looking(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def _look(self, pause_s: float) -> SeenImage:
        await asyncio.sleep(pause_s)
        url = self.value.strip()
        if (wrong := wrong_with(url)) is not None:
            raise BadInput(wrong, code="bad_url")
        self.busy = True
        try:
            client = await self.link.client()
            if path_at(url, client.url) is None and (host := private_host(url)):
                raise BadInput(_PRIVATE(host=host), code="private_address")
            data = await client.download_image(url)
            loaded = await asyncio.to_thread(load, data, name_in(url))
            shown = await asyncio.to_thread(loaded.for_everyone)
        finally:
            self.busy = False
        return self._found(SeenImage(url, shown.data, shown.facts))

    def _found(self, seen: SeenImage) -> SeenImage:
        self._looks += 1
        self.outbox.put(self._key, Content(seen.data, f"image/{seen.facts.format.lower()}"))
        self.seen = seen
        self._say(_GOOD)
        return seen

    @property
    def _key(self) -> str:
        return f"seen-{self._looks}"

    def _described(self) -> dict[str, str] | None:
        seen = self.seen
        if seen is None:
            return None
        facts = self.text(facts_line(seen.facts, len(seen.data)))
        return {"key": self._key, "name": name_in(seen.url), "facts": facts}

    def _say(self, status: Text) -> None:
        self._status = status
        self.touch()

    def fail(self, problem: Exception) -> None:
        """Show the problem. The gateway may still be able to download the image."""
        super().fail(problem)
        if isinstance(problem, VideogenError) and not isinstance(problem, BadInput):
            self._say(_UNSEEN(reason=problem.text))
        else:
            self._say(Text.same(""))


def wrong_with(url: str) -> Text | None:
    """Return why a text is not an image URL; None = no problem found."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return _HOST
    if parts.scheme.lower() not in ("http", "https"):
        return _SCHEME
    if any(c.isspace() for c in url):
        return _SPACE
    return None if host else _HOST


def private_host(url: str) -> str | None:
    """Return the host of a URL that is obviously not on the public internet."""
    host = urlsplit(url).hostname or ""
    return None if is_public_host(host) else host


_START: Final = Text(
    "A link to a JPG, PNG, WEBP or HEIC image. The gateway downloads it.",
    "填写 JPG、PNG、WEBP 或 HEIC 图片的链接，由网关下载。",
)
_SCHEME: Final = Text(
    "The URL must start with http:// or https://.", "链接必须以 http:// 或 https:// 开头。"
)
_HOST: Final = Text("The URL has no host name.", "链接中缺少主机名。")
_SPACE: Final = Text("The URL contains a space.", "链接中含有空格，请检查。")
_TRYING: Final = Text("Checking the link…", "正在检查链接……")
_GOOD: Final = Text("This image will be used.", "将使用这张图片。")
_UNSEEN: Final = Text(
    "No preview available: {reason} You can still generate the video: the gateway downloads the "
    "image itself and may be able to reach it.",
    "无法从此处预览：{reason}仍可生成：网关会自行下载，也许能够访问该链接。",
)
_PRIVATE: Final = Text(
    "{host} is a private or local address. Gateways do not download from there unless "
    "their owner allows it (VIDEOGEN_ALLOW_NETWORKS). Upload the image instead.",
    "{host} 属于内网或本机地址，除非网关管理者允许（VIDEOGEN_ALLOW_NETWORKS），"
    "否则网关不会从中下载。请改为上传图片。",
)

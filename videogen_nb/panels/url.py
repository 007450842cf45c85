"""An image by its address: checked while it is typed, and looked at before it is used."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlsplit

import ipywidgets
from traitlets import Instance, Unicode, observe

from ..blocking import Connection
from ..blocking.loop import Call
from ..client.image_input import load
from ..client.image_refs import name_in
from ..errors import BadInput, VideogenError
from ..i18n import Text
from ..media.images import ImageFacts
from .base import Panel, line, stack
from .link import Link
from .upload import facts_line

_PAUSE_S = 0.6  # of typing, before the address is tried

_LABEL = Text("Address of an image", "图片链接")
_PLACEHOLDER = Text("https://…", "https://……")
_START = Text(
    "A link to a JPG, PNG, WEBP or HEIC. The gateway fetches it.",
    "填写 JPG、PNG、WEBP 或 HEIC 图片的链接，由网关下载。",
)
_SCHEME = Text("It has to begin with http:// or https://.", "链接必须以 http:// 或 https:// 开头。")
_HOST = Text("The name of the site is missing.", "链接中缺少网站域名。")
_SPACE = Text("There is a space in it; an address has none.", "链接中含有空格，请检查。")
_TRYING = Text("Looking at it …", "正在检查链接……")
_GOOD = Text("This image will be used.", "将使用这张图片。")
_UNSEEN = Text(
    "It could not be looked at from here: {reason} The gateway will try for itself.",
    "无法从此处预览：{reason}提交后网关会自行尝试下载。",
)
_PRIVATE = Text(
    "{host} belongs to a private network or to one machine. Gateways fetch nothing from there, "
    "unless their owner allows it (VIDEOGEN_ALLOW_NETWORKS). Upload the image instead.",
    "{host} 属于内网或本机地址，除非网关所有者允许（VIDEOGEN_ALLOW_NETWORKS），"
    "否则网关不会从中下载。请改为上传图片。",
)
_ALT = Text("The image at that address", "该链接的图片")


@dataclass(frozen=True, slots=True)
class SeenImage:
    """What was found at an address: its bytes and what its header says."""

    url: str
    data: bytes
    facts: ImageFacts


class UrlPanel(Panel):
    """``value`` is the address as typed; ``seen`` what was found there (None until looked at).

    Set ``value`` to do what typing does; ``check()`` looks at once and gives what it found.
    """

    value = Unicode("")
    seen = Instance(SeenImage, allow_none=True)
    title = Text("Image from a link", "链接图片")

    def __init__(self, connection: Connection | Link | None = None, *, value: str = "") -> None:
        super().__init__(connection)
        self._looking: Call[Any] | None = None
        self.field = ipywidgets.Text(continuous_update=True)
        self.field.add_class("vnb-url")
        self.say(self.field, "description", _LABEL)
        self.say(self.field, "placeholder", _PLACEHOLDER)
        self._status = line("vnb-status", "vnb-small")
        self.say(self._status, "value", _START)
        self._preview = line()
        parts = (self.field, self._status, self.alert, self._preview)
        self.fill(stack(*parts, classes=("vnb-stack", "vnb-sheet")))
        self.field.observe(lambda change: self.set_trait("value", change["new"]), "value")
        self.value = value

    def check(self) -> Call[SeenImage]:
        """Look at the address now.

        Raises (when the call's result is taken):
            BadInput: not an address, or no image there. GatewayError: it cannot be reached.
        """
        self._stop_looking()
        call = self.follow(self._look(0))
        self._looking = call
        return call

    async def inputs(self) -> dict[str, Any]:
        """What a task made from this address takes."""
        url = self.value.strip()
        if (wrong := wrong_with(url)) is not None:
            raise BadInput(wrong, code="bad_url")
        return {"image_url": url}

    @observe("value")
    def _typed(self, change: Any) -> None:
        self._stop_looking()
        self.clear_error()
        self.seen = None
        self._preview.value = ""
        if self.field.value != change["new"]:
            self.field.value = change["new"]
        url = change["new"].strip()
        wrong = wrong_with(url)
        begun = any(scheme.startswith(url.lower()) for scheme in ("http://", "https://"))
        self.say(self._status, "value", _START if begun else wrong or _TRYING)
        bad = wrong is not None and not begun
        (self._status.add_class if bad else self._status.remove_class)("vnb-wrong")
        if wrong is None:
            self._looking = self.follow(self._look(_PAUSE_S))

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
            if not url.startswith(f"{client.url}/") and (host := private_host(url)):
                raise BadInput(_PRIVATE(host=host), code="private_address")
            data = await client.download_image(url)
            loaded = await asyncio.to_thread(load, data, name_in(url))
            shown = await asyncio.to_thread(loaded.for_everyone)
        finally:
            self.busy = False
        self._found(SeenImage(url, shown.data, shown.facts))
        assert self.seen is not None
        return self.seen

    def _found(self, seen: SeenImage) -> None:
        self.seen = seen
        self.say(self._status, "value", _GOOD)
        self.respeak()

    def fail(self, problem: Exception) -> None:
        """An address that cannot be looked at from here may still be good for the gateway."""
        if isinstance(problem, VideogenError) and not isinstance(problem, BadInput):
            self.problem = problem
            self.error = str(problem)
            self.say(self._status, "value", _UNSEEN(reason=problem.text))
            return
        super().fail(problem)
        self.say(self._status, "value", Text.same(""))

    def respeak(self) -> None:
        if self.seen is None:
            return
        facts = self.wording.render(facts_line(self.seen.facts, len(self.seen.data)))
        kind = f"image/{self.seen.facts.format.lower()}"
        source = f"data:{kind};base64,{base64.b64encode(self.seen.data).decode('ascii')}"
        alt = escape(self.wording.render(_ALT), quote=True)
        self._preview.value = (
            f'<div class="vnb-imaged"><img src="{source}" alt="{alt}">'
            f'<div><div class="vnb-drop-name">{escape(name_in(self.seen.url))}</div>'
            f'<div class="vnb-drop-facts">{escape(facts)}</div></div></div>'
        )


def wrong_with(url: str) -> Text | None:
    """What keeps a text from being an image's address; None = nothing that can be seen."""
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
    """The host of an address that says by itself that it is not on the open internet."""
    host = urlsplit(url).hostname or ""
    try:
        private = not ipaddress.ip_address(host).is_global
    except ValueError:
        private = host == "localhost" or host.endswith(".localhost")
    return host if private else None

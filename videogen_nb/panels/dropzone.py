"""The place to drop, paste or pick an image; it arrives in acknowledged pieces of 1 MiB."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import anywidget
from traitlets import Dict, Int, Unicode

from ..media.images.convert import SOURCE
from .theme import script
from .transfer import Content, Inbox, Outbox, Received

_ACCEPT = "image/jpeg,image/png,image/webp,image/heic,.jpg,.jpeg,.png,.webp,.heic,.heif"


class DropZone(anywidget.AnyWidget):
    """``image`` says what is shown as chosen (empty = nothing); ``message`` what does not fit."""

    _esm: Any = script("dom", "pull", "dropzone")
    words = Dict().tag(sync=True)
    accept = Unicode(_ACCEPT).tag(sync=True)
    limit = Int(SOURCE.size).tag(sync=True)
    image = Dict().tag(sync=True)
    message = Unicode("").tag(sync=True)

    def __init__(
        self, received: Callable[[Received], None], cleared: Callable[[], None], **traits: Any
    ) -> None:
        super().__init__(**traits)
        self._inbox = Inbox(self.limit, received)
        self._outbox = Outbox()
        self._cleared = cleared
        self.on_msg(self._hear)

    def show(self, name: str, facts: str, data: bytes, key: str) -> None:
        """Show an image as the chosen one; the browser asks for its bytes where it lacks them."""
        self._outbox.keep_only(set())
        self._outbox.put(key, Content(data))
        self.image = {"name": name, "facts": facts, "key": key, "size": len(data)}

    def clear(self) -> None:
        """Show that nothing is chosen."""
        self._outbox.keep_only(set())
        self.image = {}

    def _hear(self, _widget: Any, message: dict[str, Any], buffers: Sequence[Any]) -> None:
        if message.get("op") == "clear":
            self._cleared()
        elif (asked := self._outbox.hear(message)) is not None:
            self.send(*asked)
        elif (reply := self._inbox.hear(message, buffers)) is not None:
            self.send(reply)

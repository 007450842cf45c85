"""``ComparePanel``: videos side by side, played in sync."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from traitlets import Instance, List

from ..blocking import Connection
from ..blocking.call import Call
from ..i18n import Text
from ..media.video import Video
from .gateway_link import Link
from .video import PLAYER_TEXTS, offer, poster_in
from .widget import Panel


class ComparePanel(Panel):
    """A panel with several videos and one timeline for all. ``value`` is the list of videos."""

    value = List(Instance(Video))
    title = Text("Videos side by side", "并排比较")
    part = "compare"
    texts = PLAYER_TEXTS

    def __init__(
        self, videos: Sequence[Video], connection: Connection | Link | None = None
    ) -> None:
        self._videos: list[dict[str, Any]] = []
        super().__init__(connection)
        self.ready: Call[list[Video]] = self.follow(self._load, list(videos))

    def view(self) -> dict[str, Any]:
        return {"videos": self._videos}

    def poster(self) -> bytes | None:
        return poster_in(self.outbox, self._videos)

    async def _load(self, videos: list[Video]) -> list[Video]:
        self.busy = True
        try:
            self._videos = await asyncio.to_thread(offer, self.outbox, videos)
            self.value = videos
            return videos
        finally:
            self.busy = False

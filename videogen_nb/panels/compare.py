"""Videos side by side, played in step."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from traitlets import Instance, List

from ..blocking import Connection
from ..blocking.loop import Call
from ..i18n import Text
from ..media.video import Video
from .base import Panel, stack
from .link import Link
from .player import PLAYER_WORDS, Player


class ComparePanel(Panel):
    """``value`` are the videos; one time line moves them all."""

    value = List(Instance(Video))
    title = Text("Videos side by side", "并排比较")

    def __init__(
        self, videos: Sequence[Video], connection: Connection | Link | None = None
    ) -> None:
        super().__init__(connection)
        self.player = Player()
        self.say(self.player, "words", PLAYER_WORDS)
        self.fill(stack(self.player, self.alert, classes=("vnb-stack", "vnb-sheet")))
        self.ready: Call[list[Video]] = self.follow(self._load(list(videos)))

    async def _load(self, videos: list[Video]) -> list[Video]:
        self.busy = True
        try:
            await asyncio.to_thread(self.player.load, videos)
            self.value = videos
            return videos
        finally:
            self.busy = False

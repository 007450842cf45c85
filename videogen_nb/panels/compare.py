"""Films side by side, played in step."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from traitlets import Instance, List

from ..blocking import Connection
from ..blocking.loop import Call
from ..i18n import Text
from ..media.video import Film
from .base import Panel, stack
from .link import Link
from .player import PLAYER_WORDS, Player


class ComparePanel(Panel):
    """``value`` are the films; one time line moves them all."""

    value = List(Instance(Film))
    title = Text("Films side by side", "并排比较")

    def __init__(self, films: Sequence[Film], connection: Connection | Link | None = None) -> None:
        super().__init__(connection)
        self.player = Player()
        self.say(self.player, "words", PLAYER_WORDS)
        self.fill(stack(self.player, self.alert, classes=("vnb-stack", "vnb-sheet")))
        self.ready: Call[list[Film]] = self.follow(self._load(list(films)))

    async def _load(self, films: list[Film]) -> list[Film]:
        self.busy = True
        try:
            await asyncio.to_thread(self.player.load, films)
            self.value = films
            return films
        finally:
            self.busy = False

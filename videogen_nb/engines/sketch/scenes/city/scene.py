"""City lights: a skyline across a river, or, when it rains, a wet avenue out of focus."""

from __future__ import annotations

from typing import ClassVar

from .....i18n import Text
from ...noise import Array
from ..base import Mood, Scene
from .avenue import Avenue
from .riverside import Riverside
from .sky import choose_look


class CityScene(Scene):
    name: ClassVar[str] = "city"
    title: ClassVar[Text] = Text("City lights", "城市夜景")
    example: ClassVar[Text] = Text("City lights at night", "夜晚的城市灯火")

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        look = choose_look(mood, seed)
        self._view: Avenue | Riverside
        if mood.rain and mood.time != "day":
            self._view = Avenue(width, height, seed, look)
        else:
            self._view = Riverside(width, height, seed, mood, look)

    def frame(self, t: float) -> Array:
        out = self.buffer("out", (self.height, self.width, 3))
        self._view.draw(t, out)
        return out

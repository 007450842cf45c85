"""City lights: a skyline across a river, or, when it rains, a wet street out of focus."""

from __future__ import annotations

import cv2

from ...drawing.colour import choose
from ...drawing.noise import Array
from ...layers.outdoors import Outdoors, street_look
from ...mood import Mood
from ..base import Scene
from .place import LOOKS
from .riverside import Riverside

_SMALL = 2  # what is out of focus is worked out at half the size


class CityScene(Scene):
    """A city by night, dusk or day."""

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        self._view: Riverside | Street
        if mood.rain and mood.time != "day":
            self._view = Street(width, height, seed, mood)
            self.exposure = self._view.exposure
        else:
            look = choose(LOOKS, mood.time, "night", seed)
            self._view = Riverside(width, height, seed, mood, look)

    def frame(self, t: float) -> Array:
        out = self.buffer("out", (self.height, self.width, 3))
        self._view.draw(t, out)
        return out


class Street:
    """A wet street out of focus."""

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        look = street_look(mood.time or "night", seed)
        self.exposure = look.exposure
        self._outdoors = Outdoors(width // _SMALL, height // _SMALL, look, seed)

    def draw(self, t: float, out: Array) -> None:
        """Draw the image at ``t`` into ``out``, ``(height, width, 3)``."""
        cv2.resize(self._outdoors.at(t), out.shape[1::-1], dst=out, interpolation=cv2.INTER_LINEAR)

"""Abstract motion whose colours and movement are derived from the prompt."""

from __future__ import annotations

from typing import Final

from ...catalogue import Mood
from ...drawing.noise import Array
from ...language.phrases import book, normalised
from ..base import Scene
from .motions import Ink, Silk
from .palette import number_of, palette_of

_KINDS: Final[dict[str, type[Silk | Ink]]] = {"silk": Silk, "ink": Ink}


class AbstractScene(Scene):
    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        number = number_of(mood.prompt)
        asked = [found.tags[0] for found in book("motions").find(normalised(mood.prompt))]
        kinds = [tag for tag in asked if tag in _KINDS] or list(_KINDS)
        kind = kinds[(number + seed) % len(kinds)]
        pace = 0.65 if "slow" in asked else 1.6 if "quick" in asked else 1.0
        palette = palette_of(mood.prompt)
        self._motion = _KINDS[kind](width, height, palette, pace, seed + number % 9973)

    def frame(self, t: float) -> Array:
        out = self.buffer("out", (self.height, self.width, 3))
        self._motion.draw(t, out)
        return out

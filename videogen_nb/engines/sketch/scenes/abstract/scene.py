"""Abstract motion whose colours and movement come from the prompt's words."""

from __future__ import annotations

from typing import Final

from ...drawing.noise import Array
from ...language.phrases import Phrasebook, normalised
from ...mood import Mood
from ..base import Scene
from .ink import Ink
from .palette import number_of, palette_of
from .silk import Silk

_KINDS: Final[dict[str, type[Silk | Ink]]] = {"silk": Silk, "ink": Ink}
#: Words that ask for a kind of motion, and for its pace.
_MOTION: Final = (
    (
        "silk",
        "silk|satin|cloth|fabric|wave|fold|ribbon|thread|light|glow|丝绸|绸|缎|布|波|浪|褶|丝带|光",
    ),
    ("ink", "ink|smoke|cloud|fog|mist|liquid|fluid|marble|paint|墨|烟|云|雾|液|流体|颜料"),
    ("slow", "slow|slowly|calm|gentle|quiet|peaceful|soft|缓|慢|静|轻柔|温柔"),
    ("quick", "fast|quick|wild|dance|dancing|storm|energy|passion|快|激|舞|狂|热烈|奔"),
)


class AbstractScene(Scene):
    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        number = number_of(mood.prompt)
        asked = [found.tags[0] for found in Phrasebook(_MOTION).find(normalised(mood.prompt))]
        kinds = [tag for tag in asked if tag in _KINDS] or list(_KINDS)
        kind = kinds[(number + seed) % len(kinds)]
        pace = 0.65 if "slow" in asked else 1.6 if "quick" in asked else 1.0
        palette = palette_of(mood.prompt)
        self._motion = _KINDS[kind](width, height, palette, pace, seed + number % 9973)

    def frame(self, t: float) -> Array:
        out = self.buffer("out", (self.height, self.width, 3))
        self._motion.draw(t, out)
        return out

"""Abstract motion whose colours and movement come from the prompt's words."""

from __future__ import annotations

from typing import ClassVar, Final

from .....i18n import Text
from ...noise import Array
from ...phrases import Phrasebook, normalised
from ..base import Mood, Scene
from .ink import Ink
from .palette import number_of, palette_of
from .silk import Silk
from .veils import Veils

_KINDS: Final[dict[str, type[Silk | Ink | Veils]]] = {
    "silk": Silk,
    "ink": Ink,
    "veils": Veils,
}
#: Words that ask for a kind of motion, and for its pace.
_MOTION: Final = (
    ("silk", "silk|satin|cloth|fabric|wave|fold|丝绸|绸|缎|布|波|浪|褶"),
    ("ink", "ink|smoke|cloud|fog|mist|liquid|fluid|marble|paint|墨|烟|云|雾|液|流体|颜料"),
    ("veils", "light|ray|line|ribbon|string|thread|glow|music|aurora|光|线|丝带|弦|音|极光"),
    ("slow", "slow|slowly|calm|gentle|quiet|peaceful|soft|缓|慢|静|轻柔|温柔"),
    ("quick", "fast|quick|wild|dance|dancing|storm|energy|passion|快|激|舞|狂|热烈|奔"),
)


class AbstractScene(Scene):
    name: ClassVar[str] = "abstract"
    title: ClassVar[Text] = Text("Abstract colours", "抽象色彩")
    example: ClassVar[Text] = Text("Slow waves of teal and gold", "青色与金色缓缓流动")
    understands: ClassVar[frozenset[str]] = frozenset()  # its colours are the words' own

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        number = number_of(mood.words)
        asked = [found.tags[0] for found in Phrasebook(_MOTION).find(normalised(mood.words))]
        kinds = [tag for tag in asked if tag in _KINDS] or list(_KINDS)
        kind = kinds[(number + seed) % len(kinds)]
        pace = 0.65 if "slow" in asked else 1.6 if "quick" in asked else 1.0
        palette = palette_of(mood.words)
        self._motion = _KINDS[kind](width, height, palette, pace, seed + number % 9973)

    def frame(self, t: float) -> Array:
        out = self.buffer("out", (self.height, self.width, 3))
        self._motion.draw(t, out)
        return out

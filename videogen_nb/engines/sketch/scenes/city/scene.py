"""City lights: a skyline across a river."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...catalogue import Mood
from ...drawing.colour import Light, choose, linear, load_looks
from ...drawing.compositing import glow, over, strips
from ...drawing.noise import Array, F, rng
from ...drawing.points import add_spots
from ...layers.sky import HighVeil, clear_sky
from ...layers.water import River
from ..base import Scene
from .skyline import AWAY, Daylight, build_skyline


@dataclass(frozen=True, slots=True)
class CityLook:
    """Colours (sRGB) of the sky from the top to the roofs, and brightness levels."""

    sky: str
    level: float
    lit: float  # fraction of lit windows relative to night
    facade: float  # reflectance of a grey facade
    street: float  # street light at the foot of the facades
    cloud: Light
    haze: float = 0.9  # brightness of the haze in front of distant buildings


_LOOKS = load_looks(CityLook, __package__)


class CityScene(Scene):
    """A city by night, at dusk or by day."""

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        look = choose(_LOOKS, mood.time, "night", seed)
        unit, landscape = min(height, 1.2 * width), width >= height
        self._bank = bank = round(height * (0.635 if landscape else 0.66))
        focal = 1.1 * unit
        self._sky = clear_sky(look.sky, bank, width, bank, look.level)
        self._veil = self._clouds(look)
        daylight = Daylight(
            lit=look.lit,
            facade=self._sky[int(bank * 0.55), 0] * F(look.facade) + 0.006,
            air=self._sky[int(bank * 0.88), 0] * F(look.haze),
            street=linear("#ff9a48", look.street),
        )
        tallest = bank * (0.80 if landscape else 0.60)
        light, cover = build_skyline(width, bank, focal, tallest, daylight, seed)
        if look.lit > 0.3:
            self._light_lamps(light, focal / AWAY)
        light += glow(np.minimum(light, 4), ((unit / 110, 0.28), (unit / 18, 0.42)), 0.10)
        self._city, self._open = light, 1 - cover
        rough, dark = 1.4 if mood.wind or mood.rain else 1.0, linear("#081420", 0.12)
        mirrored = self._sky * self._open[..., None] + light
        self._river = River(mirrored, height - bank, unit, seed, rough, dark)

    def _light_lamps(self, light: Array, scale: float) -> None:
        """Add the lamps along the far bank; ``scale`` is in pixels per metre."""
        count = max(2, int(self.width / (16 * scale)))
        x = (np.arange(count) + 0.5) * self.width / count
        y, sigma = np.full(count, self._bank - 6.5 * scale), np.full(count, 0.8 * scale)
        add_spots(light, x, y, sigma, np.tile(linear("#ffc070", 2.2), (count, 1)))

    def _clouds(self, look: CityLook) -> HighVeil:
        side = 1 if rng(self.seed, 24).random() < 0.5 else -1
        return HighVeil(
            self.width,
            self._bank,
            min(self.width, 1.5 * self.height),
            turn=0.25 * np.pi * side,
            strength=0.75,
            colour=linear(*look.cloud),
            speed=5.0 * side,
            seed=self.seed,
            combed=1.6,
        )

    def frame(self, t: float) -> Array:
        out = self.buffer("out", (self.height, self.width, 3))
        veil = self._veil.at(t)
        for rows in strips(self._bank, self.width):
            np.copyto(out[rows], self._sky[rows])
            self._veil.over(out, rows, veil)
            over(out[rows], self._city[rows], self._open[rows])
        self._river(t, out[self._bank :])
        return out

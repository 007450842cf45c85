"""A lake at night: the scene's own sky, dark land below it, and the reflection of both."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import cv2
import numpy as np

from ..catalogue import Mood
from ..drawing.colour import linear
from ..drawing.compositing import darken, grid, vignette
from ..drawing.lens import reference_length
from ..drawing.noise import Array, F, rng
from ..layers.night_land import Growth, Landscape, Massif, Tone
from ..layers.sky import clear_sky
from ..layers.water import Lake, LakeLook
from .base import Scene


@dataclass(frozen=True, slots=True)
class LandTones:
    """The tones of the land; ``laden`` is for snow on trees, None if there is none."""

    rock: Tone
    snow: Tone
    air: Tone
    mist: Tone
    shore: Tone
    needles: Tone
    laden: Tone | None


class LakesideScene(Scene):
    """A scene with the sky of :meth:`_draw_sky` and the land and lake of :meth:`_settle`."""

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        self._random = rng(seed, 1)
        self._unit = reference_length(width, height)
        self._horizon = 2 * round(height * float(self._random.uniform(0.71, 0.76)) / 2)
        self._half = (width + 1) // 2, self._horizon // 2
        self._shade = vignette(width, height, 0.32, 0.45)

    @abstractmethod
    def _draw_sky(self, sky: Array, t: float) -> Array | None:
        """Draw into ``sky`` in place; return its light on the land, ``(width, 3)``, or None."""

    def frame(self, t: float) -> Array:
        out = self.buffer("image", (self.height, self.width, 3))
        sky = out[: self._horizon]
        self._land.over(sky, self._draw_sky(sky, t))
        small = cv2.resize(sky, self._half, interpolation=cv2.INTER_AREA)
        self._lake.below(cv2.cvtColor(small, cv2.COLOR_RGB2RGBA), out[self._horizon :], t)
        darken(out, self._shade)
        return out

    def _settle(
        self, massif: Massif, woods: tuple[Growth, ...], tones: LandTones, water: LakeLook
    ) -> None:
        """Paint the land, and create the lake below it."""
        land, seed = Landscape(self.width, self._horizon, self._unit), self.seed
        side = 1.0 if seed % 2 else -1.0
        land.add_mountains(massif, tones.rock, tones.snow, tones.air, side, seed)
        land.add_mist(0.033, 0.55, tones.mist)
        land.add_hills(0.004, 0.008, 2.2, tones.shore, rng(seed, 82))
        for part, growth in enumerate(woods):
            land.add_wood(growth, tones.needles, tones.laden, seed * 7 + part)
        self._land = land.finished()
        self._lake = Lake(self.width, self.height, self._horizon, self._unit, water, seed)

    def _air(self, stops: str, glow: str, strength: float) -> Array:
        """Return the bare sky at half size, from the zenith to a glow at the horizon."""
        columns, rows = self._half
        air = clear_sky(stops, rows, columns, rows)
        x, y = grid(rows, columns)
        middle = F(self._random.uniform(0.25, 0.75))
        spot = np.exp((y / F(rows) - 1) / 0.14) * np.exp(-(((x / F(columns) - middle) / 0.35) ** 2))
        return np.ascontiguousarray(air + spot[..., None] * linear(glow, strength), F)

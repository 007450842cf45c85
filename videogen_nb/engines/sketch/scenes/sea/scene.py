"""The sea seen from the beach: a sunset, a bright day, the moon, or a storm."""

from __future__ import annotations

import cv2
import numpy as np

from ...catalogue import Mood
from ...drawing.colour import choose
from ...drawing.compositing import darken, glow, vignette
from ...drawing.lens import reference_length
from ...drawing.noise import Array, rng
from ..base import Scene
from .shore import Shore
from .sky import SeaSky
from .view import LOOKS, SeaLook, SeaView
from .water import SeaWater


class SeaScene(Scene):
    """Waves coming in under a drifting sky, and their wash on the sand."""

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        look = choose(LOOKS, "storm" if mood.storm or mood.rain else mood.time, "dusk", seed)
        self.exposure = look.exposure * (0.6 if mood.storm and mood.time == "night" else 1.0)
        self._view = view = _compose(width, height, seed, look)
        self._sky = SeaSky(view, look, seed)
        self._water = SeaWater(view, look, seed, _roughness(mood))
        self._shore = Shore(view, look, seed)
        shade = vignette(view.half_width, height, 0.30)
        self._shade_sky = cv2.resize(shade[: view.horizon], view.sky_shape[::-1])
        self._shade_water = shade[view.horizon :]

    def frame(self, t: float) -> Array:
        view = self._view
        sky = self._sky(t, self.buffer)
        water, mirrored = self._water(t, sky, self.buffer)
        self._shore.over(water, mirrored, t)
        self._develop(sky, water)
        out = self.buffer("image", (self.height, self.width, 3))
        cv2.resize(sky, (self.width, view.horizon), dst=out[: view.horizon])
        cv2.resize(water, (self.width, view.water_shape[0]), dst=out[view.horizon :])
        return out

    def _develop(self, sky: Array, water: Array) -> None:
        """Add bloom and vignette in place, while the images are still small."""
        w, above = self._view.half_width // 2, self._view.sky_shape[0] // 2
        below = self._view.water_shape[0] // 4
        parts = (
            cv2.resize(sky, (w, above), interpolation=cv2.INTER_AREA),
            cv2.resize(water, (w, below), interpolation=cv2.INTER_AREA),
        )
        unit = self._view.unit / 4
        light = glow(np.concatenate(parts), ((unit / 40, 0.32), (unit / 11, 0.16)), 1.1, 2)
        cv2.add(sky, cv2.resize(light[:above], sky.shape[1::-1]), dst=sky)
        cv2.add(water, cv2.resize(light[above:], water.shape[1::-1]), dst=water)
        darken(sky, self._shade_sky)
        darken(water, self._shade_water)


def _roughness(mood: Mood) -> float:
    """Return the relative steepness of the waves, 1 in a light breeze."""
    return 2.6 if mood.storm else 1.7 if mood.wind else 0.4 if mood.calm else 1.0


def _compose(width: int, height: int, seed: int, look: SeaLook) -> SeaView:
    """Compose the view: the sun left, centre or right in turn; above the frame by day."""
    random = rng(seed, 1)
    horizon = float(random.uniform(0.44, 0.50))
    across = (0.5, 0.68, 0.32)[seed % 3] + float(random.uniform(-0.05, 0.05))
    up = float(random.uniform(0.030, 0.068))
    if look.hour == "night":
        # a large moon that has just risen
        up = float(random.uniform(0.105, 0.16)) * (0.020 / look.sun[2])
    elif look.hour != "dusk":
        up = horizon * height / reference_length(width, height) + 0.12
    return SeaView(width, height, horizon, (across, up))

"""The distant, out-of-focus background of a bough: light between leaves, shimmering discs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from ...drawing.colour import Light, linear
from ...drawing.noise import Array, F, fbm_tile, rng, smoothstep
from ...drawing.points import add_discs
from ...layers.sky import add_glow, away_from, clear_sky

_GROUPS = 4  # groups of discs that brighten and darken together


@dataclass(frozen=True, slots=True)
class GladeLook:
    """Background colours: from the top down, and of the dark foliage, the discs and the sun.

    ``light`` falls on the foreground.
    """

    stops: str
    masses: str
    discs: tuple[str, ...]
    sun: Light
    light: tuple[float, float, float] = (1.0, 1.0, 1.0)


class Glade:
    """A blurred background, ``(height, width)``; half the image's size is enough.

    Args:
        sun: position of the light, as fractions of the width and the height.
    """

    def __init__(
        self, width: int, height: int, look: GladeLook, sun: tuple[float, float], seed: int
    ) -> None:
        unit = min(height, 1.2 * width)
        x, y = sun[0] * width, sun[1] * height
        base = clear_sky(look.stops, height, width, height)
        mass = cv2.resize(fbm_tile(256, 3.2, rng(seed, 47), 2, 14), (width, height))
        mass = smoothstep(-0.4, 1.6, mass)[..., None] * 0.75
        base += (linear(look.masses) - base) * mass
        near = unit / height
        add_glow(base, away_from(base, x, y), look.sun, ((0.22 * near, 0.9), (0.7 * near, 0.5)))
        self._base = np.ascontiguousarray(base, F)
        self._groups = [np.zeros((height, width, 3), F) for _ in range(_GROUPS)]
        self._scatter(look, unit, x, y, rng(seed, 46))

    def _scatter(
        self, look: GladeLook, unit: float, x: float, y: float, random: np.random.Generator
    ) -> None:
        """Draw discs, brighter near the sun."""
        height, width = self._base.shape[:2]
        count = round(150 * width * height / (unit * unit) / 1.8 / _GROUPS)
        tints = np.array([linear(disc) for disc in look.discs])
        for group in self._groups:
            across = width * random.random(count)
            down = height * random.random(count) ** 0.9
            near = np.exp(-np.hypot(across - x, down - y) / unit / 0.5)
            level = random.lognormal(-1.6, 0.6, count) * (0.45 + 1.3 * near)
            colour = tints[random.integers(len(tints), size=count)] * level[:, None]
            radius = unit * random.uniform(0.016, 0.058, count)
            add_discs(group, across, down, radius, colour, max(1.0, 0.004 * unit))

    def draw(self, t: float, out: Array) -> None:
        """Draw the background at ``t`` seconds into ``out``, ``(height, width, 3)``."""
        source = self._base
        for k, group in enumerate(self._groups):
            level = 1 + 0.30 * math.sin((0.8 + 0.23 * k) * t + 1.9 * k)
            cv2.scaleAdd(group, level, source, dst=out)
            source = out

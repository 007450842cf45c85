"""What is far behind a bough, out of focus: light between leaves, discs that shimmer."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from ...noise import Array, F, fbm_tile, gradient, linear, rng, smoothstep
from ..bokeh import add_discs

_GROUPS = 4  # of discs that brighten and darken together


@dataclass(frozen=True)
class GladeLook:
    """Colours of what is far: from the top down, of the dark foliage, of the discs, of the sun."""

    stops: tuple[tuple[float, str], ...]
    masses: str
    discs: tuple[str, ...]
    sun: str
    sun_level: float
    level: float = 1.0
    disc_level: float = 1.0


class Glade:
    """``(height, width)``; soft, so that half the picture's size does.

    Args:
        sun: where the light comes from, in parts of the width and the height.
    """

    def __init__(
        self, width: int, height: int, look: GladeLook, sun: tuple[float, float], seed: int
    ) -> None:
        random = rng(seed, 46)
        y, x = np.mgrid[0:height, 0:width].astype(F)
        unit = min(height, 1.2 * width)
        far = np.hypot(x - F(sun[0] * width), y - F(sun[1] * height)) / F(unit)
        base = gradient(look.stops, (y[:, 0] + 0.5) / height)[:, None] * F(look.level)
        mass = cv2.resize(fbm_tile(256, 3.2, rng(seed, 47), 2, 14), (width, height))
        mass = smoothstep(-0.4, 1.6, mass)[..., None] * F(0.75)
        base = base * (1 - mass) + linear(look.masses) * F(look.level) * mass
        glow = 0.9 * np.exp(-far / 0.22) + 0.5 * np.exp(-far / 0.7)
        base = base + glow[..., None] * linear(look.sun) * F(look.sun_level)
        self._base = np.asarray(base, F)
        self._groups = [np.zeros((height, width, 3), F) for _ in range(_GROUPS)]
        self._scatter(look, unit, sun, random)

    def _scatter(
        self, look: GladeLook, unit: float, sun: tuple[float, float], random: np.random.Generator
    ) -> None:
        height, width = self._base.shape[:2]
        count = int(150 * width * height / (unit * unit) / 1.8)
        for k in range(count):
            x, y = random.uniform(0, width), height * random.uniform(0, 1) ** 0.9
            radius = unit * random.uniform(0.016, 0.058)
            near = math.exp(-math.hypot(x - sun[0] * width, y - sun[1] * height) / unit / 0.5)
            level = random.lognormal(-1.6, 0.6) * (0.45 + 1.3 * near) * look.disc_level
            colour = linear(look.discs[int(random.integers(len(look.discs)))]) * F(level)
            at = np.array([x]), np.array([y]), np.array([radius])
            add_discs(self._groups[k % _GROUPS], *at, colour[None], soft=max(1.0, radius * 0.10))

    def draw(self, t: float, out: Array) -> None:
        """Draw it at ``t`` into ``out``, ``(height, width, 3)``."""
        source = self._base
        for k, group in enumerate(self._groups):
            level = 1 + 0.30 * math.sin((0.8 + 0.23 * k) * t + 1.9 * k)
            cv2.scaleAdd(group, level, source, dst=out)
            source = out

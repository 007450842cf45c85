"""The air over a city: its gradient, its low clouds lit from below, a moon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ...mood import Mood
from ...noise import Array, F, ScrollingTile, fbm_tile, gradient, linear, rng, smoothstep

_TILE = 256


@dataclass(frozen=True)
class SkyLook:
    """One light of the day over the city."""

    stops: tuple[tuple[float, str], ...]  # from the top down to the roofs
    level: float
    lit: float  # share of windows with light
    facade: float
    street: float
    cloud: tuple[str, float]  # colour and brightness of clouds
    haze: float = 0.9  # brightness of the air before far buildings


NIGHT: Final = (
    SkyLook(
        ((0, "#070f28"), (0.45, "#13244e"), (0.8, "#2e3f70"), (1, "#64586c")),
        1.0,
        1.0,
        0.22,
        0.16,
        ("#8a7a86", 0.16),
    ),
    SkyLook(
        ((0, "#0c0a2a"), (0.4, "#241c52"), (0.75, "#53306c"), (1, "#96566a")),
        1.0,
        1.0,
        0.18,
        0.16,
        ("#b0708c", 0.20),
    ),
    SkyLook(
        ((0, "#0a1c46"), (0.45, "#1f447e"), (0.8, "#4c78a4"), (1, "#b0988e")),
        1.0,
        0.9,
        0.24,
        0.14,
        ("#c8a0a8", 0.30),
    ),
)
DUSK: Final = SkyLook(
    ((0, "#1b2a5e"), (0.4, "#5a4a86"), (0.7, "#c86a78"), (0.9, "#f49a5c"), (1, "#ffc070")),
    1.2,
    0.65,
    0.10,
    0.12,
    ("#ff9a80", 0.8),
    0.38,
)
DAY: Final = SkyLook(
    ((0, "#3f7cc4"), (0.5, "#86b4e0"), (0.85, "#c6dcee"), (1, "#e6ecec")),
    1.15,
    0.05,
    0.42,
    0.0,
    ("#ffffff", 1.1),
    0.75,
)


def choose_look(mood: Mood, seed: int) -> SkyLook:
    """The light that the mood asks for; of nights, the seed's."""
    if mood.time == "day":
        return DAY
    if mood.time == "dusk":
        return DUSK
    return NIGHT[seed % len(NIGHT)]


class CitySky:
    """``(rows, width)`` of sky with slow clouds.

    Attributes:
        base: ``(rows, 1, 3)`` float32: the gradient without clouds.
    """

    def __init__(self, width: int, rows: int, look: SkyLook, seed: int) -> None:
        y = (np.arange(rows) + 0.5) / rows
        self.base = (gradient(look.stops, y) * F(look.level))[:, None]
        self._size = (width, rows)
        # Clouds are soft: a quarter of the size does.
        h, w = max(2, rows // 4), max(2, width // 4)
        v, u = np.mgrid[0:h, 0:w].astype(F)
        up = 1 - (v + 0.5) / h
        depth = 1 / (up + 0.7)
        tile = fbm_tile(_TILE, 2.9, rng(seed, 23), 2, 60, 2.0)
        unit = min(width, rows) / 4
        self._clouds = ScrollingTile(tile, (u - w / 2) * depth / unit * 60, depth * 150)
        self._fade = (smoothstep(0.02, 0.3, up) * smoothstep(1.1, 0.5, up)).astype(F)
        base = cv2.resize(self.base, (1, h), interpolation=cv2.INTER_AREA).reshape(h, 1, 3)
        self._small = np.ascontiguousarray(np.broadcast_to(base, (h, w, 3)))
        colour = linear(look.cloud[0]) * F(look.cloud[1])
        self._colour = [float(c) for c in colour]

    def __call__(self, t: float, out: Array) -> None:
        """Draw the sky at ``t`` into ``out``, ``(rows, width, 3)``."""
        cover = self._clouds(1.5 * t, -0.4 * t)
        cover = np.clip((cover - 0.1) * 0.55, 0, 1)
        cv2.multiply(cover, self._fade, dst=cover)
        small = np.empty_like(self._small)
        for k, c in enumerate(self._colour):
            channel = self._small[..., k]
            small[..., k] = channel + cv2.multiply(cover, c * 0.9 - channel * 0.35)
        cv2.resize(small, self._size, dst=out, interpolation=cv2.INTER_LINEAR)

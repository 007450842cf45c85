"""Embers: sparks that leave the fire, dance upwards, cool and go out."""

from __future__ import annotations

import numpy as np

from ...drawing.colour import linear
from ...drawing.noise import Array, F, rng
from ...drawing.points import add_spots

_HOT, _COOL = linear("#ffb040"), linear("#ff3c08")
_COUNT = 120
_TRAIL = 4  # spots that make up one frame's streak
_SHUTTER_S = 1 / 40


class Embers:
    """Sparks; each is born again and again, every time on another path.

    Args:
        seat: where they come from, pixels (x, y).
        spread: half the width of the fire, pixels.
        rise: how high the highest get, pixels.
        scale: pixels of a point at 720p.
    """

    def __init__(
        self, seat: tuple[float, float], spread: float, rise: float, scale: float, seed: int
    ) -> None:
        random = rng(seed, 61)
        self._seat, self._spread, self._rise, self._scale = seat, spread, rise, scale
        self._life = random.uniform(1.6, 4.6, _COUNT)
        self._birth = random.uniform(0, 1, _COUNT) * self._life
        self._key = random.uniform(0, 1, (_COUNT, 8))
        self._sway = random.uniform(0.5, 1.9, (_COUNT, 2))

    def __call__(self, image: Array, t: float) -> None:
        """Add them as they are at ``t`` to ``image`` (float32, linear light)."""
        trail = [self._at(t - _SHUTTER_S * k / (_TRAIL - 1)) for k in range(_TRAIL)]
        x, y, light = (np.concatenate(part) for part in zip(*trail, strict=True))
        sigma = np.tile(self._scale * (0.62 + 0.55 * self._key[:, 5] ** 3), _TRAIL)
        add_spots(image, x, y, sigma, light)

    def _at(self, t: float) -> tuple[Array, Array, Array]:
        turns = np.floor((t + self._birth) / self._life)
        age = (t + self._birth) / self._life - turns
        # Another path at every life, from the spark's own numbers.
        key = (self._key + turns[:, None] * 0.618034) % 1.0
        height = self._rise * (0.35 + 0.65 * key[:, 0] ** 1.5)
        begins = (key[:, 1] + key[:, 2] - 1) * self._spread
        seconds = age * self._life
        sway = self._sway * seconds[:, None] * 2.2 + key[:, 3:5] * 6.28
        drift = (key[:, 6] - 0.45) * 0.45 * height * age**1.3
        wander = (np.sin(sway[:, 0]) - np.sin(key[:, 3] * 6.28)) * 0.6
        wander += (np.sin(sway[:, 1] * 2.3) - np.sin(key[:, 4] * 6.28)) * 0.22
        x = self._seat[0] + begins * (1 - 0.5 * age) + drift + wander * self._spread * 0.6
        flicker = 0.75 + 0.25 * np.sin(seconds * (9 + 8 * key[:, 7]) + key[:, 0] * 40)
        bright = np.clip(age / 0.04, 0, 1) * (1 - age) ** 1.4 * flicker * (9.0 / _TRAIL)
        hot = np.clip(1 - 1.5 * age, 0, 1)[:, None]
        light = (_HOT * hot + _COOL * (1 - hot)) * bright[:, None]
        return x, self._seat[1] - height * age**0.8, light.astype(F)

"""Embers: sparks that leave the fire, dance upwards, cool and go out."""

from __future__ import annotations

import numpy as np

from ...noise import Array, F, linear, rng
from ..spots import add_spots

_HOT, _COOL = linear("#ffb040"), linear("#ff3c08")
_TRAIL = 4  # spots that make up one frame's streak
_SHUTTER_S = 1 / 40


class Embers:
    """``count`` sparks; each is born again and again, every time on another path.

    Args:
        seat: where they come from, pixels (x, y).
        spread: half the width of the fire, pixels.
        rise: how high the highest get, pixels.
        scale: pixels of a point at 720p.
    """

    def __init__(
        self,
        count: int,
        seat: tuple[float, float],
        spread: float,
        rise: float,
        scale: float,
        seed: int,
    ) -> None:
        random = rng(seed, 61)
        self._seat, self._spread, self._rise, self._scale = seat, spread, rise, scale
        self._life = random.uniform(1.6, 4.6, count)
        self._birth = random.uniform(0, 1, count) * self._life
        self._key = random.uniform(0, 1, (count, 8))
        self._sway = random.uniform(0.5, 1.9, (count, 2))

    def __call__(self, picture: Array, t: float) -> None:
        """Add them as they are at ``t`` to ``picture`` (float32, linear light)."""
        x, y, light = zip(
            *(self._at(t - _SHUTTER_S * k / (_TRAIL - 1)) for k in range(_TRAIL)), strict=True
        )
        sigma = np.tile(self._scale * (0.62 + 0.55 * self._key[:, 5] ** 3), _TRAIL)
        add_spots(picture, np.concatenate(x), np.concatenate(y), sigma, np.concatenate(light))

    def _at(self, t: float) -> tuple[Array, Array, Array]:
        turns = np.floor((t + self._birth) / self._life)
        age = (t + self._birth) / self._life - turns
        # Another path at every life, from the spark's own numbers.
        key = np.modf(self._key + turns[:, None] * 0.618034)[0] % 1.0
        height = self._rise * (0.35 + 0.65 * key[:, 0] ** 1.5)
        up = height * age**0.8
        begins = (key[:, 1] + key[:, 2] - 1) * self._spread
        seconds = age * self._life
        sway = self._sway * seconds[:, None] * 2.2 + key[:, 3:5] * 6.28
        drift = (key[:, 6] - 0.45) * 0.45 * height * age**1.3
        wander = (np.sin(sway[:, 0]) - np.sin(key[:, 3] * 6.28)) * 0.6
        wander += (np.sin(sway[:, 1] * 2.3) - np.sin(key[:, 4] * 6.28)) * 0.22
        x = self._seat[0] + begins * (1 - 0.5 * age) + drift + wander * self._spread * 0.6
        y = self._seat[1] - up
        flicker = 0.75 + 0.25 * np.sin(seconds * (9 + 8 * key[:, 7]) + key[:, 0] * 40)
        bright = np.clip(age / 0.04, 0, 1) * (1 - age) ** 1.4 * flicker
        hot = np.clip(1 - 1.5 * age, 0, 1)[:, None]
        colour = _HOT * hot + _COOL * (1 - hot)
        return x, y, (colour * (bright * (9.0 / _TRAIL))[:, None]).astype(F)

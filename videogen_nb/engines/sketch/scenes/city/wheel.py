"""A Ferris wheel of lights that turns on the far bank."""

from __future__ import annotations

from typing import Final

import numpy as np

from ...noise import Array, F, linear, rng
from .riverview import RiverView

_RADIUS, _SPOKES, _RIM = 56.0, 16, 96
_TURN: Final = 0.10  # radians a second
_HUES: Final = (("#ff4fa0", "#ffb0d8"), ("#48b8ff", "#c8f0ff"), ("#ffb040", "#fff0c0"))


class Wheel:
    """``lights(t)``: the wheel as spots, to be added to the picture and to its mirror."""

    def __init__(self, view: RiverView, place: float, seed: int) -> None:
        random = rng(seed, 34)
        self._scale = view.focal / view.away
        self._x = view.width * place
        self._y = view.bank - (_RADIUS + 8) * self._scale
        self._colours = [linear(c) for c in _HUES[int(random.integers(len(_HUES)))]]
        along = np.linspace(0.06, 0.94, max(8, round(_RADIUS * self._scale / 5)))
        rim = np.arange(_RIM) * (2 * np.pi / _RIM)
        spoke = np.arange(_SPOKES) * (2 * np.pi / _SPOKES)
        self._angle = np.concatenate([rim, np.repeat(spoke, along.size)])
        self._far = np.concatenate([np.ones(_RIM), np.tile(along, _SPOKES)])
        self._cars = np.arange(_SPOKES * 2) * (np.pi / _SPOKES)

    def lights(self, t: float) -> tuple[Array, Array, Array, Array]:
        """x, y, sigma in pixels, light."""
        turn = _TURN * t
        # Waves of brightness run outwards along the spokes and around the rim.
        wave = 0.6 + 0.4 * np.sin(5 * self._far - 2.2 * t + 3 * self._angle)
        light = np.where(self._far[:, None] == 1, self._colours[1], self._colours[0])
        light = light * wave[:, None] * np.where(self._far == 1, 1.3, 0.55)[:, None]
        angle = np.concatenate([self._angle, self._cars]) + turn
        far = np.concatenate([self._far, np.full(self._cars.size, 1.06)])
        drop = np.concatenate([np.zeros(self._far.size), np.full(self._cars.size, 2.5)])
        x = self._x + np.cos(angle) * far * _RADIUS * self._scale
        y = self._y + (np.sin(angle) * far * _RADIUS + drop) * self._scale
        cabins = np.tile(linear("#ffe2b0") * F(1.6), (self._cars.size, 1))
        sigma = np.full(far.size, 0.62 * self._scale)
        return x, y, sigma, np.concatenate([light, cabins]) * F(1.4)

"""What shines on the far bank of the river: lamps along it, and the cars behind them."""

from __future__ import annotations

import numpy as np

from ...drawing.colour import linear
from ...drawing.noise import Array, F, rng

#: Lights to be added to an image: x, y and sigma in pixels, colour.
Spots = tuple[Array, Array, Array, Array]

_CARS = 46
_HEAD, _TAIL = linear("#fff0d0"), linear("#ff2a18")


def promenade(width: int, bank: int, scale: float) -> Spots:
    """Lamps along the far bank, which is at row ``bank``; ``scale`` is in pixels a metre."""
    count = max(2, int(width / (16 * scale)))
    x = (np.arange(count) + 0.5) * width / count
    y = np.full(count, bank - 6.5 * scale)
    return x, y, np.full(count, 0.8 * scale), np.tile(linear("#ffc070", 2.2), (count, 1))


class BankTraffic:
    """A road on the far bank: lights to the right are white, those to the left red."""

    def __init__(self, width: int, bank: int, scale: float, seed: int) -> None:
        random = rng(seed, 32)
        self._reach = width + 40.0
        self._start = random.uniform(0, self._reach, _CARS)
        right = random.random(_CARS) < 0.5
        self._speed = random.uniform(9, 19, _CARS) * scale * np.where(right, 1, -1)
        self._y = bank + (random.choice([-0.7, 0.7], _CARS) - 4.5) * scale
        self._sigma = np.full(_CARS, 0.55 * scale)
        colour = np.where(right[:, None], _HEAD, _TAIL)
        self._colour = colour * random.uniform(1.4, 3.2, _CARS)[:, None].astype(F)

    def __call__(self, t: float) -> Spots:
        x = np.mod(self._start + self._speed * t, self._reach) - 20
        return x, self._y, self._sigma, self._colour

"""Cars along the far bank, as pairs of small lights."""

from __future__ import annotations

from typing import Final

import numpy as np

from ...noise import Array, F, linear, rng
from .riverview import RiverView

HEAD: Final = linear("#fff0d0")
TAIL: Final = linear("#ff2a18")
_CARS = 46


class BankTraffic:
    """A road on the far bank: lights to the right are white, those to the left red."""

    def __init__(self, view: RiverView, seed: int) -> None:
        random = rng(seed, 32)
        self._reach = view.width + 40.0
        self._y = view.bank - 4.5 * view.focal / view.away
        scale = view.focal / view.away
        self._start = random.uniform(0, self._reach, _CARS)
        self._right = random.random(_CARS) < 0.5
        speed = random.uniform(9, 19, _CARS) * scale
        self._speed = np.where(self._right, speed, -speed)
        self._lift = random.choice([-0.7, 0.7], _CARS) * scale
        self._sigma = np.full(_CARS, 0.55 * scale)
        self._bright = random.uniform(0.7, 1.6, _CARS)

    def cars(self, t: float) -> tuple[Array, Array, Array, Array]:
        """x, y, sigma in pixels, light."""
        x = np.mod(self._start + self._speed * t, self._reach) - 20
        colour = np.where(self._right[:, None], HEAD, TAIL)
        return x, self._y + self._lift, self._sigma, colour * self._bright[:, None] * F(2.0)

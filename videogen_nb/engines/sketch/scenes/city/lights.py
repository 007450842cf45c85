"""What shines and moves on the far bank: lamps, cars, a Ferris wheel, beacons."""

from __future__ import annotations

import numpy as np

from ...drawing.colour import linear
from ...drawing.noise import Array, F, rng
from .place import HEAD, TAIL, Place, Spots

_CARS = 46
_RADIUS, _SPOKES, _RIM = 56.0, 16, 96  # of the wheel, in metres and lights
_TURN = 0.10  # radians a second
_HUES = (("#ff4fa0", "#ffb0d8"), ("#48b8ff", "#c8f0ff"), ("#ffb040", "#fff0c0"))
_BEACON = linear("#ff2010", 2.5)


def promenade(place: Place) -> Spots:
    """Lamps along the far bank."""
    scale, width = place.scale, place.lens.width
    count = max(2, int(width / (16 * scale)))
    x = (np.arange(count) + 0.5) * width / count
    y = np.full(count, place.bank - 6.5 * scale)
    return x, y, np.full(count, 0.8 * scale), np.tile(linear("#ffc070", 2.2), (count, 1))


def beacons(place: Place, tops: Array, t: float) -> Spots:
    """Red lights on the ``tops`` ``(n, 2)`` of spires, which come and go."""
    x, y = tops.T
    pulse = np.maximum(np.sin(2.1 * t + x * 0.37), 0) ** 2
    return x, y, np.full(x.size, 1.1 * place.thin), _BEACON * pulse[:, None].astype(F)


class BankTraffic:
    """A road on the far bank: lights to the right are white, those to the left red."""

    def __init__(self, place: Place, seed: int) -> None:
        random, scale = rng(seed, 32), place.scale
        self._reach = place.lens.width + 40.0
        self._start = random.uniform(0, self._reach, _CARS)
        self._right = random.random(_CARS) < 0.5
        self._speed = random.uniform(9, 19, _CARS) * scale * np.where(self._right, 1, -1)
        self._y = place.bank + (random.choice([-0.7, 0.7], _CARS) - 4.5) * scale
        self._sigma = np.full(_CARS, 0.55 * scale)
        colour = np.where(self._right[:, None], HEAD, TAIL)
        self._colour = colour * random.uniform(1.4, 3.2, _CARS)[:, None].astype(F)

    def __call__(self, t: float) -> Spots:
        x = np.mod(self._start + self._speed * t, self._reach) - 20
        return x, self._y, self._sigma, self._colour


class Wheel:
    """A Ferris wheel of lights that turns on the far bank; ``at`` is in parts of the width."""

    def __init__(self, place: Place, at: float, seed: int) -> None:
        random = rng(seed, 34)
        self._scale = place.scale
        self._x = place.lens.width * at
        self._y = place.bank - (_RADIUS + 8) * self._scale
        self._colours = [linear(c) for c in _HUES[int(random.integers(len(_HUES)))]]
        along = np.linspace(0.06, 0.94, max(8, round(_RADIUS * self._scale / 5)))
        rim = np.arange(_RIM) * (2 * np.pi / _RIM)
        spoke = np.arange(_SPOKES) * (2 * np.pi / _SPOKES)
        self._angle = np.concatenate([rim, np.repeat(spoke, along.size)])
        self._far = np.concatenate([np.ones(_RIM), np.tile(along, _SPOKES)])
        self._cabins = np.arange(_SPOKES * 2) * (np.pi / _SPOKES)

    def __call__(self, t: float) -> Spots:
        # Waves of brightness run outwards along the spokes and around the rim.
        wave = 0.6 + 0.4 * np.sin(5 * self._far - 2.2 * t + 3 * self._angle)
        light = np.where(self._far[:, None] == 1, self._colours[1], self._colours[0])
        light = light * wave[:, None] * np.where(self._far == 1, 1.3, 0.55)[:, None]
        count = self._cabins.size
        angle = np.concatenate([self._angle, self._cabins]) + _TURN * t
        far = np.concatenate([self._far, np.full(count, 1.06)])
        drop = np.concatenate([np.zeros(self._far.size), np.full(count, 2.5)])
        x = self._x + np.cos(angle) * far * _RADIUS * self._scale
        y = self._y + (np.sin(angle) * far * _RADIUS + drop) * self._scale
        light = np.concatenate([light, np.tile(linear("#ffe2b0", 1.6), (count, 1))])
        return x, y, np.full(far.size, 0.62 * self._scale), light * 1.4

"""Leaves or petals that fall: closed paths of time, born again above the image."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...drawing.noise import Array, rng
from .turning import Pose, TurningSprite


@dataclass(frozen=True, slots=True)
class DriftStyle:
    """How they fall. Lengths in parts of the image's unit, angles in radians."""

    count: int
    size: tuple[float, float]
    fall: tuple[float, float]  # a second
    wind: float  # sideways, a second
    sway: float  # how far they swing from side to side
    spin: float  # how fast they turn over, a second
    light: tuple[float, float] = (0.8, 1.2)


class Drift:
    """One layer of falling things in an image of ``width`` × ``height`` pixels."""

    def __init__(
        self,
        width: int,
        height: int,
        sprites: list[TurningSprite],
        style: DriftStyle,
        seed: int,
        k: int,
    ) -> None:
        random = rng(seed, 48, k)
        n = style.count
        self._sprites, self._style = sprites, style
        self._width, self._height = width, height
        self._unit = min(height, 1.2 * width)
        self._size = random.uniform(*style.size, n) * self._unit
        self._speed = random.uniform(*style.fall, n) * self._unit
        self._life = (height + 2 * self._size) / self._speed
        self._start = random.random(n) * self._life
        self._key = random.random((n, 8))
        self._light = random.uniform(*style.light, n)

    def draw(self, image: Array, t: float) -> None:
        """Lay them as they are at ``t`` over ``image``."""
        turns = np.floor((t + self._start) / self._life)
        age = t + self._start - turns * self._life  # seconds
        key = np.mod(self._key + turns[:, None] * 0.618034, 1.0)
        x, y, swing = self._path(age, key)
        for k in range(len(age)):
            spin = self._style.spin * (0.6 + 0.8 * key[k, 5])
            tilt = spin * age[k] + 6.28 * key[k, 4]
            turn = 6.28 * key[k, 6] + 0.9 * swing[k] + (key[k, 7] - 0.5) * 1.6 * age[k]
            # A leaf that shows its edge to the light is darker.
            light = self._light[k] * (0.72 + 0.28 * abs(math.cos(tilt)))
            pose = Pose(x[k], y[k], self._size[k], turn, tilt, 3.14 * key[k, 3])
            self._sprites[k % len(self._sprites)].lay(image, pose, light)

    def _path(self, age: Array, key: Array) -> tuple[Array, Array, Array]:
        """x, y in pixels, and -1 – 1: where it is in its swing."""
        style = self._style
        drift = style.wind * self._unit
        # With the wind they cross the image while they fall: start farther upwind.
        room = abs(drift) * self._height / self._speed
        x = key[:, 0] * (self._width + room) - (room if drift > 0 else 0)
        rate = 1.3 + 1.5 * key[:, 1]
        swing = np.sin(rate * age + 6.28 * key[:, 2])
        x = x + drift * (0.7 + 0.6 * key[:, 1]) * age + style.sway * self._unit * swing
        bob = 0.25 * style.sway * self._unit * np.cos(2 * (rate * age + 6.28 * key[:, 2]))
        return x, self._speed * age - self._size + bob, swing

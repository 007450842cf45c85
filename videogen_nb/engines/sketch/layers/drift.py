"""Leaf and petal sprites that turn and tilt as they fall."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from ..drawing.noise import Array, F, rng

_SMALLEST = 12  # pixels


class Pose(NamedTuple):
    """The position and rotation of a sprite. Angles are in radians."""

    x: float  # pixels
    y: float
    size: float  # side of the sprite's square, in pixels
    turn: float = 0.0  # rotation in the image plane
    tilt: float = 0.0  # rotation out of that plane, about an axis in the sprite
    axis: float = 0.0  # direction of that axis


class TurningSprite:
    """A square sprite with a mipmap, premultiplied: ``(n, n, 4)`` linear light."""

    def __init__(self, rgba: Array) -> None:
        levels = [np.ascontiguousarray(rgba, F)]
        while levels[-1].shape[0] > _SMALLEST:
            n = levels[-1].shape[0] // 2
            levels.append(cv2.resize(levels[-1], (n, n), interpolation=cv2.INTER_AREA))
        self._levels = levels

    def blurred(self, fraction: float) -> TurningSprite:
        """Return the sprite out of focus, blurred over ``fraction`` of its size."""
        full = self._levels[0]
        return TurningSprite(cv2.GaussianBlur(full, (0, 0), fraction * full.shape[0]))

    def tinted(self, light: Array) -> TurningSprite:
        """Return the sprite tinted by ``light``, linear RGB."""
        return TurningSprite(self._levels[0] * np.append(light, 1.0).astype(F))

    def draw(self, image: Array, pose: Pose, light: float = 1.0) -> None:
        """Draw the sprite over ``image``: ``(h, w, 3)``, or ``(h, w, 4)`` premultiplied."""
        source = self._level(pose.size)
        inverse, box = _place(source.shape[0], pose, image.shape[1], image.shape[0])
        if box is None:
            return
        x0, y0, x1, y1 = box
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        turned = cv2.warpAffine(source, inverse, (x1 - x0, y1 - y0), flags=flags)
        part = image[y0:y1, x0:x1]
        cover = turned[..., 3:]
        part *= 1 - cover
        part[..., :3] += turned[..., :3] * F(light)
        if part.shape[2] == 4:
            part[..., 3:] += cover

    def _level(self, size: float) -> Array:
        for level in self._levels:
            if level.shape[0] < 2 * size:
                return level
        return self._levels[-1]


def _place(
    n: int, pose: Pose, width: int, height: int
) -> tuple[Array, tuple[int, int, int, int] | None]:
    """Return the map from a box of the image to a sprite of ``n`` pixels, and that box."""
    c, s = math.cos(pose.axis), math.sin(pose.axis)
    flat = np.array([[c, -s], [s, c]]) @ np.diag([1.0, _thin(math.cos(pose.tilt))])
    flat = flat @ np.array([[c, s], [-s, c]])
    c, s = math.cos(pose.turn), math.sin(pose.turn)
    forward = np.array([[c, -s], [s, c]]) @ flat * (pose.size / n)
    reach = np.abs(forward).sum(1) * n / 2 + 1
    x0, x1 = max(0, math.floor(pose.x - reach[0])), min(width, math.ceil(pose.x + reach[0]))
    y0, y1 = max(0, math.floor(pose.y - reach[1])), min(height, math.ceil(pose.y + reach[1]))
    back = np.linalg.inv(forward)
    # Pixel centres lie at half-integers in both.
    shift = n / 2 - 0.5 - back @ np.array([pose.x - x0 - 0.5, pose.y - y0 - 0.5])
    box = (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None
    return np.hstack([back, shift[:, None]]), box


def _thin(cosine: float) -> float:
    """Limit foreshortening: even edge-on, a leaf keeps a little breadth."""
    return math.copysign(max(abs(cosine), 0.12), cosine)


@dataclass(frozen=True, slots=True)
class DriftStyle:
    """How sprites fall. Lengths are in units of the image, angles in radians."""

    count: int
    size: tuple[float, float]
    fall: tuple[float, float]  # slowest and fastest speed, per second
    wind: float  # sideways speed, per second
    sway: float  # amplitude of their swing from side to side
    spin: float  # tumbling speed, per second


class Drift:
    """One layer of falling sprites in an image of ``width`` × ``height`` pixels."""

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
        self._light = random.uniform(0.8, 1.2, n)

    def draw(self, image: Array, t: float) -> None:
        """Draw the sprites over ``image`` in place, as they are at ``t`` seconds."""
        turns = np.floor((t + self._start) / self._life)
        age = t + self._start - turns * self._life  # seconds
        key = np.mod(self._key + turns[:, None] * 0.618034, 1.0)
        x, y, swing = self._path(age, key)
        for k in range(len(age)):
            spin = self._style.spin * (0.6 + 0.8 * key[k, 5])
            tilt = spin * age[k] + 6.28 * key[k, 4]
            turn = 6.28 * key[k, 6] + 0.9 * swing[k] + (key[k, 7] - 0.5) * 1.6 * age[k]
            # A leaf seen edge-on catches less light.
            light = self._light[k] * (0.72 + 0.28 * abs(math.cos(tilt)))
            pose = Pose(x[k], y[k], self._size[k], turn, tilt, 3.14 * key[k, 3])
            self._sprites[k % len(self._sprites)].draw(image, pose, light)

    def _path(self, age: Array, key: Array) -> tuple[Array, Array, Array]:
        """Return x and y in pixels, and the phase of the swing, -1 to 1."""
        style = self._style
        drift = style.wind * self._unit
        # The wind carries them across the image while they fall, so they start farther upwind.
        room = abs(drift) * self._height / self._speed
        x = key[:, 0] * (self._width + room) - (room if drift > 0 else 0)
        rate = 1.3 + 1.5 * key[:, 1]
        swing = np.sin(rate * age + 6.28 * key[:, 2])
        x = x + drift * (0.7 + 0.6 * key[:, 1]) * age + style.sway * self._unit * swing
        bob = 0.25 * style.sway * self._unit * np.cos(2 * (rate * age + 6.28 * key[:, 2]))
        return x, self._speed * age - self._size + bob, swing

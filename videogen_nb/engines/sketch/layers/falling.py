"""Falling snow and rain, drawn over any scene's image.

Both are particle systems in depth: near particles are larger, faster and softer. A particle's
position depends only on its constants and the time, so frames can be drawn in any order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np

from ..drawing.noise import Array, F, rng
from ..drawing.points import Marks, surrounding_light

_GOLDEN = 0.6180339887498949
_SHUTTER_S = 1 / 60
#: (count, nearest and farthest depth): a few near, blurred ones and many distant, fine ones.
_SNOW_DEPTHS = ((1150, 3.4, 8.0), (420, 1.7, 3.4), (90, 0.9, 1.7), (9, 0.42, 0.75))
_RAIN_DEPTHS = ((560, 3.2, 8.0), (190, 1.6, 3.2), (36, 0.75, 1.6))


def _depths(table: tuple[tuple[int, float, float], ...], random: np.random.Generator) -> Array:
    """Return a depth for each particle, log-uniform within each row of ``table``."""
    return np.concatenate([near * (far / near) ** random.random(n) for n, near, far in table])


def _batches(size: Array, ratio: float) -> Iterator[Array]:
    """Yield indices of particles of similar size, so that their common box wastes little."""
    step = np.ceil(np.log(np.maximum(size, 1)) / math.log(ratio)).astype(int)
    for k in np.unique(step):
        yield np.flatnonzero(step == k)


class _Fall:
    """Points that fall through the frame and re-enter above it, each time in a new column."""

    def __init__(self, width: int, height: int, margin: Array, random: np.random.Generator) -> None:
        n = len(margin)
        self._margin = margin
        self._across = width + 2 * margin
        self._down = height + 2 * margin
        self._x, self._y = random.random(n) * self._across, random.random(n) * self._down

    def at(self, dx: Array, dy: Array) -> tuple[Array, Array]:
        """Return positions in pixels after moving by (dx, dy) from the start."""
        turns, y = np.divmod(self._y + dy, self._down)
        x = np.mod(self._x + dx + turns * (_GOLDEN * self._across), self._across)
        return x - self._margin, y - self._margin


class SnowFall:
    """Falling snow for images of one size.

    Args:
        wind: 0 for snow that falls almost straight down, 1 (or True) for a snowstorm.
    """

    def __init__(self, width: int, height: int, seed: int, wind: float = 0.0) -> None:
        unit = math.sqrt(width * height / (1280 * 720))
        random = rng(seed, 901)
        depth = _depths(_SNOW_DEPTHS, random)
        n = len(depth)
        radius = random.uniform(0.75, 1.25, n) * 3.7 * unit / depth
        out_of_focus = unit * 5.0 * np.maximum(1 / depth - 1.0, 0)
        self._sigma = np.hypot(np.maximum(radius, 0.6), out_of_focus)
        self._peak = np.minimum(0.95, 1.2 * (radius / self._sigma) ** 1.5)
        self._speed = random.uniform(0.8, 1.2, n) * 190 * unit * (1 + 0.7 * wind) / depth
        side = 1.0 if random.random() < 0.5 else -1.0
        self._drift = side * (0.16 + 1.3 * wind) * self._speed
        self._gust = (0.22 + 0.35 * wind) * self._drift
        self._gust_phase = random.uniform(0, 2 * math.pi)
        self._sway = random.uniform(4, 13, n) * unit / depth
        self._pace = random.uniform(1.2, 3.4, n)
        self._phase = random.uniform(0, 2 * math.pi, n)
        longest = np.hypot(self._speed, 1.4 * self._drift) * _SHUTTER_S
        reach = np.maximum(2, 2.4 * np.hypot(self._sigma, longest / math.sqrt(12)))
        self._batches = [(b, math.ceil(reach[b].max())) for b in _batches(reach, 1.4)]
        self._fall = _Fall(width, height, reach + 2, random)
        self._marks = Marks(width, height, 2 * math.ceil(reach.max()) + 8)

    def draw(self, image: Array, t: float) -> None:
        """Draw the snow at ``t`` seconds over ``image`` in place. Thread-safe.

        ``image`` is a contiguous ``(height, width, 3)`` float32 in linear light.
        """
        swing = self._pace * t + self._phase
        gust = 0.9 * t + self._gust_phase
        dx = self._drift * t + self._gust * math.sin(gust) + self._sway * np.sin(swing)
        x, y = self._fall.at(dx, self._speed * t)
        vx = self._drift + 0.9 * self._gust * math.cos(gust)
        vx = vx + self._sway * self._pace * np.cos(swing)
        self._marks.clear()
        for batch, reach in self._batches:
            self._spots(batch, reach, x[batch], y[batch], vx[batch] * _SHUTTER_S)
        self._marks.blend(image, surrounding_light(image, 0.65, 0.85, 0.11))

    def _spots(self, batch: Array, reach: int, x: Array, y: Array, smear: Array) -> None:
        """Add motion-blurred Gaussians at (x, y): a box filter of length L has variance L²/12."""
        own, fall = self._sigma[batch] ** 2, self._speed[batch] * _SHUTTER_S
        var_x, var_y = own + smear * smear / 12, own + fall * fall / 12
        box = np.arange(-reach, reach + 1)
        ix, iy = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
        across = np.exp(np.square(box - (x - ix)[:, None]) * (-0.5 / var_x)[:, None]).astype(F)
        down = np.exp(np.square(box - (y - iy)[:, None]) * (-0.5 / var_y)[:, None])
        down *= (self._peak[batch] * own / np.sqrt(var_x * var_y))[:, None]
        cover = down.astype(F)[:, :, None] * across[:, None, :]
        self._marks.add((iy[:, None] + box)[:, :, None], (ix[:, None] + box)[:, None], cover)


class RainFall:
    """Falling rain for images of one size: motion-blurred streaks at many depths.

    Args:
        wind: 0 for rain that falls almost straight, 1 (or True) for wind-driven, slanting rain.
    """

    def __init__(self, width: int, height: int, seed: int, wind: float = 0.0) -> None:
        unit = math.sqrt(width * height / (1280 * 720))
        random = rng(seed, 902)
        depth = _depths(_RAIN_DEPTHS, random)
        n = len(depth)
        side = 1.0 if random.random() < 0.5 else -1.0
        slant = side * (random.uniform(0.05, 0.11) + 0.36 * wind)
        self._slant = slant + random.normal(0, 0.008, n)
        self._length = random.uniform(0.8, 1.2, n) * 120 * unit / depth**0.85
        fine = 1.1 * unit / depth**0.6
        self._sigma = np.maximum(fine, 0.5)
        # a streak finer than a pixel has less coverage, so that small images do not look rainier
        self._cover = random.uniform(0.19, 0.32, n) * np.minimum(fine / 0.36, 1)
        self._speed = random.uniform(0.9, 1.1, n) * 2600 * unit / depth**0.75
        self._batches = list(_batches(self._length, 1.3))
        self._fall = _Fall(width, height, self._length + 4, random)
        self._marks = Marks(width, height, 2 * math.ceil(self._length.max()) + 12)

    def draw(self, image: Array, t: float) -> None:
        """Draw the rain at ``t`` seconds over ``image`` in place, like :meth:`SnowFall.draw`."""
        way = self._speed * t
        x, y = self._fall.at(self._slant * way, way)
        self._marks.clear()
        for batch in self._batches:
            self._streaks(batch, x[batch], y[batch])
        self._marks.blend(image, surrounding_light(image, 0.9, 0.9, 0.13))

    def _streaks(self, batch: Array, x: Array, y: Array) -> None:
        """Add slanted streaks downwards from (x, y), brightest near the lower end."""
        slant, length, sigma = self._slant[batch], self._length[batch], self._sigma[batch]
        rows = np.arange(math.ceil(length.max()) + 1)
        reach = math.ceil(2.0 * sigma.max())
        columns = np.arange(-reach, reach + 1)
        iy = np.floor(y).astype(np.intp)
        below = rows.astype(F) - (y - iy).astype(F)[:, None]
        along = below / length.astype(F)[:, None]
        fade = np.maximum(6.75 * along * along * (1 - along), 0)
        middle = x.astype(F)[:, None] + slant.astype(F)[:, None] * below
        ix = np.floor(middle + 0.5).astype(np.intp)
        off = columns.astype(F) - (middle - ix.astype(F))[:, :, None]
        off *= off
        off *= (-0.5 / sigma**2).astype(F)[:, None, None]
        cover = cv2.exp(off.reshape(len(batch), -1)).reshape(off.shape)
        cover *= (fade * self._cover[batch].astype(F)[:, None])[:, :, None]
        self._marks.add((iy[:, None] + rows)[:, :, None], ix[:, :, None] + columns, cover)

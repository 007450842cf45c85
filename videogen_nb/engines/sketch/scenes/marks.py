"""Many small soft marks laid over a picture at once: flakes, streaks, splashes."""

from __future__ import annotations

import threading

import cv2
import numpy as np

from ..noise import Array, F
from .enlarge import bands


class Marks:
    """Gathers the coverage of many marks, then blends it over a picture of this size.

    Marks that overlap add up before the blending, so that none cuts a hole into another.
    Safe from several threads: each has a sheet of its own.

    Args:
        margin: how far, in pixels, a mark's pixels may lie outside the picture.
    """

    def __init__(self, width: int, height: int, margin: int) -> None:
        self._width, self._height, self._margin = width, height, margin
        self._pitch = width + 2 * margin
        self._local = threading.local()

    def clear(self) -> None:
        """Begin a new picture."""
        if not hasattr(self._local, "sheet"):
            shape = (self._height + 2 * self._margin, self._pitch)
            self._local.sheet = np.empty(shape, F)
        self._local.sheet[...] = 0

    def add(self, rows: Array, columns: Array, coverage: Array) -> None:
        """Add the coverage (0 to 1) of some pixels; whole ``rows`` and ``columns`` broadcast."""
        index = (rows + self._margin) * self._pitch + (columns + self._margin)
        np.add.at(self._local.sheet.reshape(-1), index.reshape(-1), coverage.reshape(-1))

    def blend(self, picture: Array, light: Array) -> None:
        """Lay all marks over ``picture`` in place, in the colours of the coarse map ``light``."""
        m, (h, w) = self._margin, (self._height, self._width)
        sheet = self._local.sheet[m : m + h, m : m + w]
        wide = cv2.resize(light, (w, len(light)), interpolation=cv2.INTER_LINEAR)
        place = np.clip((np.arange(h) + 0.5) * len(light) / h - 0.5, 0, len(light) - 1)
        for rows in bands(0, h):
            part = picture[rows]
            over = _between(wide, place[rows])
            _, cover = cv2.threshold(sheet[rows], 1.0, 0, cv2.THRESH_TRUNC)
            cv2.subtract(over, part, dst=over)
            cv2.multiply(over, cv2.merge([cover, cover, cover]), dst=over)
            cv2.add(part, over, dst=part)


def _between(lines: Array, place: Array) -> Array:
    """The lines at fractional places (rising): ``(len(place), width, 3)``."""
    first, last = int(place[0]), min(int(place[-1]) + 2, len(lines))
    known = np.arange(first, last)
    weight = np.maximum(1 - np.abs(place[:, None] - known[None]), 0).astype(F)
    mixed = cv2.gemm(weight, lines[first:last].reshape(last - first, -1), 1.0, None, 0.0)
    return mixed.reshape(len(place), *lines.shape[1:])


def surrounding_light(picture: Array, own: float, all_round: float, least: float) -> Array:
    """The light that falls on something small in the air: a coarse, greyish map of the picture.

    A mix of ``own`` parts of the light behind each place, ``all_round`` parts of the whole
    picture's mean, and ``least``. Returns ``(18, 32, 3)`` float32.
    """
    step = max(1, picture.shape[0] // 90)
    sparse = np.minimum(picture[step // 2 :: step, step // 2 :: step], 1.6)
    local = cv2.resize(sparse, (32, 18), interpolation=cv2.INTER_AREA)
    local = cv2.GaussianBlur(local, (0, 0), 2.0, borderType=cv2.BORDER_REPLICATE)
    light = local * F(own) + local.mean((0, 1)) * F(all_round)
    grey = light.mean(2, keepdims=True)
    return np.asarray(light * F(0.45) + grey * F(0.55) + F(least), F)

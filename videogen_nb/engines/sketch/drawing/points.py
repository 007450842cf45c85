"""Many small lights and marks added to an image at sub-pixel positions, drawn all at once."""

from __future__ import annotations

import threading

import cv2
import numpy as np

from .compositing import box_around, strips
from .noise import Array, F

_LEAST = 0.55  # standard deviation, in pixels, of the smallest visible spot


def add_spots(image: Array, x: Array, y: Array, sigma: Array, colour: Array) -> None:
    """Add Gaussian spots in place: embers, lamps, stars. They are clipped at the image's edges.

    A spot too small for the pixel grid is dimmed instead of shrunk.

    Args:
        image: ``(height, width, 3)`` float32, C-contiguous.
        x, y: ``(n,)`` centres in pixels; pixel (0, 0) has its centre at (0.5, 0.5).
        sigma: ``(n,)`` standard deviations in pixels; the largest determines the cost of all.
        colour: ``(n, 3)`` linear light at the centre.
    """
    if not len(x):
        return
    height, width = image.shape[:2]
    colour = colour * np.square(np.minimum(sigma / _LEAST, 1))[:, None]
    sigma = np.maximum(sigma, _LEAST)
    reach = max(2, int(np.ceil(3 * float(np.max(sigma)))))
    offset = np.arange(-reach, reach + 1, dtype=np.int32)
    column = np.floor(x).astype(np.int32)[:, None] + offset
    row = np.floor(y).astype(np.int32)[:, None] + offset
    fall = (-0.5 / np.square(sigma))[:, None]
    along_x = np.exp(np.square(column + 0.5 - x[:, None]) * fall).astype(F)
    along_y = np.exp(np.square(row + 0.5 - y[:, None]) * fall).astype(F)
    along_x[(column < 0) | (column >= width)] = 0
    along_y[(row < 0) | (row >= height)] = 0
    light = np.einsum("ni,nj,nc->nijc", along_y, along_x, colour.astype(F), optimize=False)
    first = np.clip(row, 0, height - 1)[:, :, None] * width
    first = 3 * (first + np.clip(column, 0, width - 1)[:, None, :])
    # np.add.at is fast only with a flat index; it also handles pixels that occur more than once.
    index = first[..., None] + np.arange(3, dtype=np.int32)
    np.add.at(image.reshape(-1), index.ravel(), light.ravel())


def add_discs(
    image: Array, x: Array, y: Array, radius: Array, colour: Array, soft: float = 1.2
) -> None:
    """Add out-of-focus lights in place: discs with a soft edge and a slightly brighter rim.

    As :func:`add_spots`, but with ``radius``, ``(n,)`` pixels, and ``soft``, the edge's width.
    """
    for at_x, at_y, r, light in zip(x, y, radius.astype(F), colour.astype(F), strict=True):
        box = box_around(image, at_x, at_y, r + soft, r + soft)
        if box is None:
            continue
        distance = np.hypot(box.x - F(at_x), box.y - F(at_y))
        weight = np.clip((r - distance) / F(soft) + 0.5, 0, 1)
        weight *= 0.75 + 0.35 * np.square(np.minimum(distance / r, 1))
        image[box.where] += weight[..., None] * light


class Marks:
    """A sheet that collects the coverage of many marks and blends it over an image of this size.

    Overlapping marks add up before blending, so that none cuts a hole into another. Thread-safe:
    each thread has its own sheet.

    Args:
        margin: how far, in pixels, a mark may extend beyond the image.
    """

    def __init__(self, width: int, height: int, margin: int) -> None:
        self._width, self._height, self._margin = width, height, margin
        self._pitch = width + 2 * margin
        self._local = threading.local()

    def clear(self) -> None:
        """Start a new image."""
        if not hasattr(self._local, "sheet"):
            self._local.sheet = np.empty((self._height + 2 * self._margin, self._pitch), F)
        self._local.sheet[...] = 0

    def add(self, rows: Array, columns: Array, coverage: Array) -> None:
        """Add coverage (0 to 1) at integer ``rows`` and ``columns``, which broadcast."""
        index = (rows + self._margin) * self._pitch + (columns + self._margin)
        np.add.at(self._local.sheet.reshape(-1), index.reshape(-1), coverage.reshape(-1))

    def blend(self, image: Array, light: Array) -> None:
        """Blend all marks over ``image`` in place, coloured by the coarse map ``light``."""
        m, (h, w) = self._margin, (self._height, self._width)
        sheet = self._local.sheet[m : m + h, m : m + w]
        stretched = cv2.resize(light, (w, len(light)), interpolation=cv2.INTER_LINEAR)
        place = np.clip((np.arange(h) + 0.5) * len(light) / h - 0.5, 0, len(light) - 1)
        for rows in strips(h, w):
            part = image[rows]
            colour = _between(stretched, place[rows])
            _, cover = cv2.threshold(sheet[rows], 1.0, 0, cv2.THRESH_TRUNC)
            cv2.subtract(colour, part, dst=colour)
            cv2.multiply(colour, cv2.merge([cover, cover, cover]), dst=colour)
            cv2.add(part, colour, dst=part)


def _between(lines: Array, place: Array) -> Array:
    """Interpolate the lines at fractional, increasing ``place``: ``(len(place), width, 3)``."""
    first, last = int(place[0]), min(int(place[-1]) + 2, len(lines))
    known = np.arange(first, last)
    weight = np.maximum(1 - np.abs(place[:, None] - known[None]), 0).astype(F)
    mixed = cv2.gemm(weight, lines[first:last].reshape(last - first, -1), 1.0, None, 0.0)
    return mixed.reshape(len(place), *lines.shape[1:])


def surrounding_light(image: Array, own: float, all_round: float, least: float) -> Array:
    """Return a coarse, greyish map of the light that reaches small things in the air.

    Mixes ``own`` parts of the light behind each position, ``all_round`` parts of the whole image's
    mean, and ``least``. The map is ``(18, 32, 3)`` float32.
    """
    step = max(1, image.shape[0] // 90)
    sparse = np.minimum(image[step // 2 :: step, step // 2 :: step], 1.6)
    local = cv2.resize(sparse, (32, 18), interpolation=cv2.INTER_AREA)
    local = cv2.GaussianBlur(local, (0, 0), 2.0, borderType=cv2.BORDER_REPLICATE)
    light = local * F(own) + local.mean((0, 1)) * F(all_round)
    grey = light.mean(2, keepdims=True)
    return np.asarray(light * 0.45 + grey * 0.55 + F(least), F)

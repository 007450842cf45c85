"""What a lens adds to a picture: the glow around lights, and corners a little darker."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from ..noise import Array, F

#: A scene's own ``buffer``: large arrays are reused, for fresh memory costs more than the sums.
Scratch = Callable[[str, tuple[int, ...]], Array]


def vignette(width: int, height: int, strength: float, centre: float = 0.5) -> Array:
    """Factors ``(height, width)`` that fall from 1 at ``centre`` (of the height) to the corners."""
    x = ((np.arange(width, dtype=F) + F(0.5)) / F(width) - F(0.5)) * F(1.15)
    y = ((np.arange(height, dtype=F) + F(0.5)) / F(height) - F(centre)) * F(1.05)
    return np.asarray(1 - F(1.6 * strength) * (y[:, None] ** 2 + x[None] ** 2), F)


def stack3(grey: Array) -> Array:
    """``(h, w)`` → ``(h, w, 3)``: one weight for all three colours, contiguous."""
    return cv2.merge([grey, grey, grey])


def bloom(small: Array, unit: float, threshold: float = 1.1) -> Array:
    """The glow of everything brighter than ``threshold``, at the size of ``small``.

    Args:
        small: ``(h, w, 3)``, the picture reduced to about a quarter.
        unit: the picture's reference length in pixels of ``small``; radii follow it.
    """
    light = cv2.max(cv2.subtract(small, (threshold,) * 4), 0)
    h, w = light.shape[:2]
    half = cv2.resize(light, (max(1, w // 2), max(1, h // 2)), interpolation=cv2.INTER_AREA)
    near = cv2.GaussianBlur(half, (0, 0), unit / 80)
    far = cv2.GaussianBlur(half, (0, 0), unit / 22)
    return cv2.resize(cv2.addWeighted(near, 0.32, far, 0.16, 0), (w, h))


def strips(rows: int, columns: int) -> list[slice]:
    """Row ranges small enough that a chain of operations on one stays in the processor's cache."""
    tall = max(8, 48_000 // columns)
    return [slice(top, min(top + tall, rows)) for top in range(0, rows, tall)]


def darken(picture: Array, factors: Array) -> None:
    """Multiplies ``picture`` ``(h, w, 3)`` by ``factors`` ``(h, w)`` in place."""
    for rows in strips(*factors.shape):
        cv2.multiply(picture[rows], stack3(factors[rows]), dst=picture[rows])

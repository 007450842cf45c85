"""Strip-by-strip compositing, and lens effects.

A strip's intermediate arrays stay in the CPU cache and are soon reused; image-sized arrays would
cost a page fault per 4 KB, and memory for each thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from .noise import Array, F

#: A scene's ``buffer`` method: large arrays are reused, since allocating costs more than computing.
Scratch = Callable[[str, tuple[int, ...]], Array]


def strips(rows: int, columns: int, first: int = 0) -> list[slice]:
    """Split rows ``first`` to ``rows`` into ranges small enough for the CPU cache."""
    step = max(8, 48_000 // columns)
    return [slice(top, min(top + step, rows)) for top in range(first, rows, step)]


def stack3(grey: Array) -> Array:
    """Repeat ``(h, w)`` as contiguous ``(h, w, 3)``: one weight for all three colours."""
    return cv2.merge([grey, grey, grey])


def over(image: Array, colour: Array, clear: Array) -> None:
    """Composite premultiplied ``colour`` over ``image`` in place; ``clear`` is 1 minus alpha."""
    cv2.multiply(image, stack3(clear) if clear.ndim == 2 else clear, dst=image)
    cv2.add(image, colour, dst=image)


def blend(image: Array, colour: Array, cover: Array) -> None:
    """Blend ``colour`` into ``image`` in place by the alpha mask ``cover``, ``(h, w)``, 0 to 1."""
    image += (colour - image) * cover[..., None]


def darken(image: Array, factors: Array) -> None:
    """Multiply ``image`` ``(h, w, 3)`` by ``factors`` ``(h, w)`` in place."""
    for rows in strips(*factors.shape):
        cv2.multiply(image[rows], stack3(factors[rows]), dst=image[rows])


def enlarged(small: Array, factor: int, rows: slice, width: int) -> Array:
    """Return ``rows`` of ``small`` enlarged ``factor`` times with linear interpolation.

    They equal those of the whole image, so strips join without a seam. Columns beyond ``width`` are
    cut off.
    """
    first = max(rows.start // factor - 1, 0)
    last = min(-(-rows.stop // factor) + 1, len(small))
    size = (small.shape[1] * factor, (last - first) * factor)
    part = cv2.resize(small[first:last], size, interpolation=cv2.INTER_LINEAR)
    top = rows.start - first * factor
    return part[top : top + rows.stop - rows.start, :width]


def grid(height: int, width: int, step: float = 1.0) -> tuple[Array, Array]:
    """Return x ``(1, width)`` and y ``(height, 1)`` of pixel centres, ``step`` apart."""
    x, y = (((np.arange(n, dtype=F) + 0.5) * F(step)) for n in (width, height))
    return x[None], y[:, None]


class Box(NamedTuple):
    """A region of an image: its slices, and its pixel centres, ``(1, w)`` and ``(h, 1)``."""

    where: tuple[slice, slice]
    x: Array
    y: Array


def box_around(image: Array, x: float, y: float, half_w: float, half_h: float) -> Box | None:
    """Return the region of ``image`` around (x, y) in pixels, or None if it is outside."""
    left, right = max(0, int(x - half_w)), min(image.shape[1], int(x + half_w) + 2)
    top, bottom = max(0, int(y - half_h)), min(image.shape[0], int(y + half_h) + 2)
    if right <= left or bottom <= top:
        return None
    px, py = grid(bottom - top, right - left)
    return Box(np.s_[top:bottom, left:right], px + F(left), py + F(top))


def vignette(width: int, height: int, strength: float, centre: float = 0.5) -> Array:
    """Return factors ``(height, width)`` that fall off from 1 at ``centre`` (0 to 1, vertical)."""
    x, y = grid(height, width)
    x, y = (x / F(width) - 0.5) * 1.15, (y / F(height) - F(centre)) * 1.05
    return np.asarray(1 - F(1.6 * strength) * (y**2 + x**2), F)


def glow(
    light: Array, spreads: Sequence[tuple[float, float]], threshold: float = 0.0, shrink: int = 4
) -> Array:
    """Return the bloom of everything brighter than ``threshold``, as from a lens or misty air.

    ``spreads`` are (standard deviation in pixels of ``light``, fraction of the light). The blur
    runs at 1/``shrink`` of the size.
    """
    h, w = light.shape[:2]
    size = (max(1, w // shrink), max(1, h // shrink))
    small = cv2.resize(light, size, interpolation=cv2.INTER_AREA)
    if threshold:
        small = cv2.max(cv2.subtract(small, (threshold,) * 4), 0)
    total = np.zeros_like(small)
    for deviation, amount in spreads:
        cv2.scaleAdd(cv2.GaussianBlur(small, (0, 0), deviation / shrink), amount, total, dst=total)
    return cv2.resize(total, (w, h))

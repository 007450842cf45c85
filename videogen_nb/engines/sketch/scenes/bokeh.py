"""Lights out of focus: discs with a soft edge and a slightly brighter rim."""

from __future__ import annotations

import numpy as np

from ..noise import Array, F

_BATCH = 16  # discs at a time: bounds the memory


def add_discs(
    picture: Array,
    x: Array,
    y: Array,
    radius: Array,
    colour: Array,
    stretch: float = 1.0,
    soft: float = 1.2,
) -> None:
    """Add discs in place, at sub-pixel places; those outside are left out.

    Args:
        picture: ``(height, width, 3)`` float32, C-contiguous.
        x, y: ``(n,)`` centres, pixels.
        radius: ``(n,)`` pixels; the largest sets the cost of all.
        colour: ``(n, 3)`` linear light.
        stretch: height over width.
        soft: width of the edge, pixels.
    """
    height, width = picture.shape[:2]
    reach_x = int(np.ceil(float(np.max(radius)) + soft)) + 1
    reach_y = int(np.ceil(float(np.max(radius)) * stretch + soft * stretch)) + 1
    seen = (x > -reach_x) & (x < width + reach_x) & (y > -reach_y) & (y < height + reach_y)
    x, y, radius, colour = x[seen], y[seen], radius[seen], colour[seen]
    across = np.arange(-reach_x, reach_x + 1, dtype=np.int32)
    down = np.arange(-reach_y, reach_y + 1, dtype=np.int32)
    for first in range(0, len(x), _BATCH):
        k = slice(first, first + _BATCH)
        column = np.floor(x[k]).astype(np.int32)[:, None] + across
        row = np.floor(y[k]).astype(np.int32)[:, None] + down
        dx = (column + 0.5 - x[k, None]).astype(F)
        dy = ((row + 0.5 - y[k, None]) / stretch).astype(F)
        weight = _disc(dx, dy, radius[k].astype(F), soft)
        weight *= ((row >= 0) & (row < height))[:, :, None]
        weight *= ((column >= 0) & (column < width))[:, None]
        _add(picture, weight, row, column, colour[k].astype(F))


def _disc(dx: Array, dy: Array, radius: Array, soft: float) -> Array:
    """Brightness at each (dy, dx) of each disc, ``(n, rows, columns)``."""
    far = np.sqrt(np.square(dy)[:, :, None] + np.square(dx)[:, None, :])
    edge = radius[:, None, None]
    weight = np.clip((edge - far) / F(soft) + F(0.5), 0, 1)
    weight *= F(0.75) + F(0.35) * np.square(np.minimum(far / edge, 1))
    return np.asarray(weight)


def _add(picture: Array, weight: Array, row: Array, column: Array, colour: Array) -> None:
    n, i, j = np.nonzero(weight)
    light = weight[n, i, j][:, None] * colour[n]
    first = (row[n, i] * picture.shape[1] + column[n, j]) * 3
    # A flat index is the one that numpy adds at fast.
    index = first[:, None] + np.arange(3, dtype=np.int32)
    np.add.at(picture.reshape(-1), index.ravel(), light.ravel())

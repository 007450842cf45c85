"""Lights out of focus: discs with a soft edge and a slightly brighter rim."""

from __future__ import annotations

import numpy as np

from ..noise import Array, F


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
    if not seen.any():
        return
    x, y, radius, colour = x[seen], y[seen], radius[seen], colour[seen]
    column = np.floor(x).astype(np.int32)[:, None] + np.arange(
        -reach_x, reach_x + 1, dtype=np.int32
    )
    row = np.floor(y).astype(np.int32)[:, None] + np.arange(-reach_y, reach_y + 1, dtype=np.int32)
    dx = (column + 0.5 - x[:, None]).astype(F)
    dy = ((row + 0.5 - y[:, None]) / stretch).astype(F)
    far = np.sqrt(np.square(dy)[:, :, None] + np.square(dx)[:, None, :])
    edge = radius[:, None, None].astype(F)
    weight = np.clip((edge - far) / F(soft) + F(0.5), 0, 1)
    weight *= F(0.75) + F(0.35) * np.square(np.minimum(far / edge, 1))
    weight *= ((row >= 0) & (row < height))[:, :, None] & ((column >= 0) & (column < width))[
        :, None
    ]
    n, i, j = np.nonzero(weight)
    light = weight[n, i, j][:, None] * colour.astype(F)[n]
    first = (row[n, i] * width + column[n, j]) * 3
    index = first[:, None] + np.arange(3, dtype=np.int32)
    np.add.at(picture.reshape(-1), index.ravel(), light.ravel())

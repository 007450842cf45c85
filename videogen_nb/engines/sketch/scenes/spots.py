"""Soft round lights added to a picture at sub-pixel places: embers, lamps, head lights."""

from __future__ import annotations

import numpy as np

from ..noise import Array, F

_LEAST = 0.55  # pixels


def add_spots(picture: Array, x: Array, y: Array, sigma: Array, colour: Array) -> None:
    """Add Gaussian spots in place. Those out of the picture are left out, smoothly.

    A spot smaller than a pixel can show is made dimmer instead of smaller.

    Args:
        picture: ``(height, width, 3)`` float32, C-contiguous.
        x, y: ``(n,)`` centres in pixels; pixel (0, 0) has its centre at (0.5, 0.5).
        sigma: ``(n,)`` standard deviations in pixels; the largest sets the cost of all.
        colour: ``(n, 3)`` linear light at the centre.
    """
    if not len(x):
        return
    height, width = picture.shape[:2]
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
    first = (first + np.clip(column, 0, width - 1)[:, None, :]) * 3
    # A flat index is the one that numpy adds at fast.
    index = first[..., None] + np.arange(3, dtype=np.int32)
    np.add.at(picture.reshape(-1), index.ravel(), light.ravel())

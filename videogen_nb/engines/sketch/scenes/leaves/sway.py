"""Wind in a painted bough: the image bends about its root and trembles towards its tips."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ...drawing.compositing import over, strips
from ...drawing.noise import Array, F, fbm_tile, rng

_COARSE = 8  # the bend is smooth: it is worked out on every 8th pixel


class SwayingLayer:
    """A painted bough that moves.

    Args:
        layer: ``(h, w, 4)`` premultiplied linear light.
        root: where the bough comes from, pixels.
        reach: its length, pixels.
        strength: how far its tip swings, pixels.
    """

    def __init__(
        self, layer: Array, root: tuple[float, float], reach: float, strength: float, seed: int
    ) -> None:
        rows, columns = _filled(layer[..., 3], math.ceil(2.2 * strength))
        self._where = rows, columns
        self._layer = layer[rows, columns].copy()
        height, width = self._layer.shape[:2]
        h, w = math.ceil(height / _COARSE), math.ceil(width / _COARSE)
        y, x = np.mgrid[0:h, 0:w].astype(F)
        x, y = (x + 0.5) * F(width / w) - 0.5, (y + 0.5) * F(height / h) - 0.5
        self._x, self._y = x, y
        dx, dy = x - F(root[0] - columns.start), y - F(root[1] - rows.start)
        far = np.hypot(dx, dy)
        bend = np.minimum(far / F(reach), 1.3) ** 1.6 * F(strength)
        # The bough turns about its root: what is far moves across.
        self._swing_x, self._swing_y = -dy / (far + 1) * bend, dx / (far + 1) * bend
        phase = cv2.resize(fbm_tile(128, 3.0, rng(seed, 44), 2, 12), (w, h)) * 2.0
        phase += far / F(0.3 * reach)
        tremble = np.minimum(far / F(0.5 * reach), 1) * F(0.16 * strength)
        self._sine, self._cosine = np.sin(phase) * tremble, np.cos(phase) * tremble
        self._start = float(rng(seed, 45).uniform(0, 6.28))

    def over(self, image: Array, t: float) -> None:
        """Blend it, as the wind has bent it at ``t``, over ``image``, ``(h, w, 3)``."""
        x, y = self._maps(t)
        whole = image[self._where]
        for rows in strips(*whole.shape[:2]):
            moved = cv2.remap(
                self._layer, x[rows], y[rows], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
            clear = cv2.subtract(1.0, cv2.extractChannel(moved, 3))
            over(whole[rows], cv2.cvtColor(moved, cv2.COLOR_RGBA2RGB), clear)

    def _maps(self, t: float) -> tuple[Array, Array]:
        """Where each pixel looks at ``t``."""
        a = self._start
        gust = 0.62 * math.sin(0.9 * t + a) + 0.38 * math.sin(1.73 * t + 2.1 * a) + 0.25
        s, c = math.sin(5.1 * t), math.cos(5.1 * t)
        s2, c2 = math.sin(3.7 * t + 1), math.cos(3.7 * t + 1)
        x = self._x + self._swing_x * F(gust) + self._sine * F(c) + self._cosine * F(s)
        y = self._y + self._swing_y * F(gust) + self._sine * F(c2) + self._cosine * F(s2)
        size = self._layer.shape[1::-1]
        return cv2.resize(x, size), cv2.resize(y, size)


def _filled(cover: Array, margin: int) -> tuple[slice, slice]:
    """The box of what is not empty, with a margin."""
    slices = []
    for axis, size in ((1, cover.shape[0]), (0, cover.shape[1])):
        used = np.flatnonzero(cover.any(axis))
        first, last = (int(used[0]), int(used[-1]) + 1) if used.size else (0, 1)
        slices.append(slice(max(0, first - margin), min(size, last + margin)))
    return slices[0], slices[1]

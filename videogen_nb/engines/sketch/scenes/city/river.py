"""A river at night: lights mirrored in rippled water, drawn out into shaking columns."""

from __future__ import annotations

import cv2
import numpy as np

from ...noise import Array, F, ScrollingTile, fbm_tile, rng, smoothstep

_TILE = 512


class River:
    """Water from the far bank to the lower edge of the picture.

    Args:
        bank: ``(rows, width, 3)`` what stands above the far bank, its feet on the last row.
        rows: of water, pixels.
        unit: the scene's unit of length, pixels (720 at 720p).
        rough: 1 = a light breeze.
        dark: light of the water itself.
    """

    def __init__(
        self, bank: Array, rows: int, unit: float, seed: int, rough: float, dark: Array
    ) -> None:
        width = bank.shape[1]
        y, x = np.indices((rows, width), F)
        self._x, self._y = x, y
        down = (y + F(0.5)) / F(rows)
        self.mirror = self._smear(bank, rows, unit, down)
        self.mirror *= (0.88 - 0.38 * down)[..., None]
        self.mirror += dark
        # Perspective, but gentler than the true one: far ripples must not glitter.
        depth = F(0.30 * rows / 0.36) / (y + F(0.035 * rows / 0.36))
        across = (x - F(width / 2)) * depth / F(unit)
        slow = fbm_tile(_TILE, 2.8, rng(seed, 90), 4, 60, 0.5)
        quick = fbm_tile(_TILE, 2.4, rng(seed, 91), 6, 90, 0.5)
        self._slow = ScrollingTile(slow, across * 120, depth * 70)
        self._quick = ScrollingTile(quick, across * 300, depth * 190)
        scale = F(unit / 720 * rough)
        self._shift_x = scale * (F(1.2) + down * F(9))
        self._shift_y = scale * (F(1.0) + down * F(30)) * F(-1)

    @staticmethod
    def _smear(bank: Array, rows: int, unit: float, down: Array) -> Array:
        """The mirrored bank, ever longer columns of light towards the eye."""
        up = np.clip(bank.shape[0] - 1 - np.arange(rows), 0, None)
        mirror = bank[up]
        near = cv2.blur(mirror, (1, max(3, round(unit * 0.012) | 1)))
        long = cv2.blur(mirror, (1, round(unit * 0.09) | 1))
        long = cv2.blur(long, (1, round(unit * 0.07) | 1))
        share = smoothstep(0, 0.5, down)[..., None]
        near += (long - near) * share
        return near

    def __call__(self, t: float, out: Array) -> None:
        """Draw the water as it is at ``t`` into ``out``, ``(rows, width, 3)``."""
        ripple = cv2.addWeighted(
            self._slow(2 * t, 9 * t), 0.6, self._quick(-7 * t, -24 * t), 0.55, 0
        )
        x = cv2.add(cv2.multiply(ripple, self._shift_x), self._x)
        y = cv2.add(cv2.multiply(ripple, self._shift_y), self._y)
        cv2.remap(self.mirror, x, y, cv2.INTER_LINEAR, out, cv2.BORDER_REFLECT_101)

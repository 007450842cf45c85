"""A lake that mirrors what stands above its far shore, a little broken by ripples."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..noise import Array, F, ScrollingTile, fbm_tile, rng
from .optics import stack3

_TILE = 512


@dataclass(frozen=True, slots=True)
class LakeLook:
    """Linear RGB colours."""

    water: Array  # what comes out of the depth
    mist: Array  # over the far shore
    bright: float = 0.80  # of the mirrored light that comes back, at the far shore
    dim: float = 0.40  # and at the near one
    rough: float = 1.0
    taller: float = 1.35  # it shows this many times its own height of what is above


class Lake:
    """The rows below ``horizon``, worked on at half width. Safe from several threads."""

    def __init__(
        self, width: int, height: int, horizon: int, unit: float, look: LakeLook, seed: int
    ) -> None:
        rows, columns = height - horizon, (width + 1) // 2
        self._size, self._unit, self._water = (width, rows), unit, look.water
        down = (np.arange(rows, dtype=F) + F(0.5))[:, None] / F(unit)
        x = (np.arange(columns, dtype=F) * 2 + 1 - F(width)) / F(unit)
        depth = F(0.17) / (down + F(0.0016))
        tile = fbm_tile(_TILE, 2.8, rng(seed, 90), 4, 60, 0.5)
        u, v = x[None] * depth * F(95), np.broadcast_to(depth * F(60), (rows, columns))
        self._broad = ScrollingTile(tile, u, v)
        self._fine = self._broad.elsewhere(u * F(2.7) + 50, v * F(2.8))
        self._swing = np.broadcast_to(
            (F(0.0008) + down * F(0.055)) * F(look.rough * unit / 2), (rows, columns)
        ).copy()
        mirror = (F(horizon) - down * F(unit * look.taller)) / 2 - F(0.5)
        self._mirror = np.broadcast_to(mirror, (rows, columns)).copy()
        self._columns = np.broadcast_to(np.arange(columns, dtype=F), (rows, columns)).copy()
        near = 1 - np.exp(-down / F(0.055))
        bright = F(look.bright) + F(look.dim - look.bright) * near
        self._bright = stack3(np.broadcast_to(bright, (rows, columns)).copy())
        veil = np.exp(-down / F(0.02))
        base = look.water + (look.mist - look.water) * veil[..., None] * F(0.6)
        self._base = np.broadcast_to(base, (rows, columns, 3)).astype(F)

    def below(self, small: Array, out: Array, t: float) -> None:
        """Writes the lake of instant ``t`` into ``out`` ``(rows, width, 3)``.

        ``small``: all that is above it at half size, four channels.
        """
        ripple = self._broad(0.0, 9.0 * t)
        ripple = cv2.scaleAdd(self._fine(5.0 * t, -22.0 * t), 0.6, ripple)
        cv2.multiply(ripple, self._swing, dst=ripple)
        y = cv2.scaleAdd(ripple, -0.85, self._mirror)
        np.clip(y, 0, F(small.shape[0] - 1.01), out=y)
        x = cv2.scaleAdd(ripple, 0.55, self._columns)
        seen = cv2.remap(small, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        lake = cv2.cvtColor(seen, cv2.COLOR_RGBA2RGB)
        lake = cv2.blur(lake, (1, max(3, int(self._unit / 256) | 1)))
        cv2.multiply(lake, self._bright, dst=lake)
        cv2.add(lake, self._base, dst=lake)
        cv2.resize(lake, self._size, dst=out)

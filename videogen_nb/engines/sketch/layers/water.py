"""Still water with a rippled reflection of what is above its far shore."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..drawing.compositing import grid, stack3
from ..drawing.noise import Array, F, ScrollingTile, fbm_tile, rng, smoothstep

_TILE = 512
_FAR, _NEAR = 0.80, 0.40  # reflectance of a lake at its far and near shores


class Ripples:
    """Ripple heights of a water surface; ``across`` and ``depth`` are each pixel's texel."""

    def __init__(self, across: Array, depth: Array, finer: float, seed: int) -> None:
        tile = fbm_tile(_TILE, 2.8, rng(seed, 90), 4, 60, 0.5)
        depth = np.broadcast_to(depth, across.shape)
        self._broad = ScrollingTile(tile, across, depth)
        self._fine = self._broad.elsewhere(across * F(finer) + 50, depth * F(finer + 0.1))

    def __call__(self, t: float) -> Array:
        """Return the heights at ``t`` seconds, about -1 to 1, moving towards the camera."""
        return cv2.scaleAdd(self._fine(5.0 * t, -22.0 * t), 0.6, self._broad(0.0, 9.0 * t))


@dataclass(frozen=True, slots=True)
class LakeLook:
    """Colours of a lake, linear RGB."""

    water: Array  # colour of the water itself
    mist: Array  # mist over the far shore
    taller: float = 1.35  # vertical compression of the reflection


class Lake:
    """A lake below row ``horizon``, computed at half width. Thread-safe."""

    def __init__(
        self, width: int, height: int, horizon: int, unit: float, look: LakeLook, seed: int
    ) -> None:
        rows, columns = height - horizon, (width + 1) // 2
        self._size, self._unit = (width, rows), unit
        x, y = grid(rows, columns)
        down, x = y / F(unit), (2 * x - F(width)) / F(unit)
        depth = 0.17 / (down + 0.0016)
        self._ripples = Ripples(x * depth * 95, depth * 60, 2.7, seed)
        shape = (rows, columns)
        swing = (0.0008 + down * 0.055) * F(unit / 2)
        self._swing = np.broadcast_to(swing, shape).copy()
        mirror = (F(horizon) - down * F(unit * look.taller)) / 2 - 0.5
        self._mirror = np.broadcast_to(mirror, shape).copy()
        self._columns = np.broadcast_to(np.arange(columns, dtype=F), shape).copy()
        near = 1 - np.exp(-down / 0.055)
        bright = F(_FAR) + F(_NEAR - _FAR) * near
        self._bright = stack3(np.broadcast_to(bright, shape).copy())
        veil = np.exp(-down / 0.02)
        base = look.water + (look.mist - look.water) * veil[..., None] * 0.6
        self._base = np.broadcast_to(base, (*shape, 3)).astype(F)

    def below(self, small: Array, out: Array, t: float) -> None:
        """Write the lake at ``t`` seconds into ``out``, ``(rows, width, 3)``.

        ``small`` is the image above the lake at half size, with four channels.
        """
        ripple = cv2.multiply(self._ripples(t), self._swing)
        y = cv2.scaleAdd(ripple, -0.85, self._mirror)
        np.clip(y, 0, F(small.shape[0] - 1.01), out=y)
        x = cv2.scaleAdd(ripple, 0.55, self._columns)
        seen = cv2.remap(small, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        lake = cv2.cvtColor(seen, cv2.COLOR_RGBA2RGB)
        lake = cv2.blur(lake, (1, max(3, int(self._unit / 256) | 1)))
        cv2.multiply(lake, self._bright, dst=lake)
        cv2.add(lake, self._base, dst=lake)
        cv2.resize(lake, self._size, dst=out)


class River:
    """Reflected lights of a distant bank, stretched by the water into wavering columns.

    Args:
        bank: ``(rows, width, 3)`` image of the far bank, its base on the last row.
        rows: height of the water in pixels.
        unit: the scene's unit of length in pixels (720 at 720p).
        rough: roughness of the water; 1 is a light breeze.
        dark: colour of the water itself.
    """

    def __init__(
        self, bank: Array, rows: int, unit: float, seed: int, rough: float, dark: Array
    ) -> None:
        width = bank.shape[1]
        self._y, self._x = np.indices((rows, width), F)
        x, y = grid(rows, width)
        down = y / F(rows)
        self._mirror = _drawn_out(bank, rows, unit, down) * (0.88 - 0.38 * down)[..., None] + dark
        # Perspective, but weaker than in reality, so that distant ripples do not alias.
        depth = F(0.30 * rows / 0.36) / (y + F(0.035 * rows / 0.36))
        across = (x - F(width / 2)) * depth / F(unit)
        self._ripples = Ripples(across * 120, depth * 70, 2.5, seed)
        scale = F(0.85 * unit / 720 * rough)
        shape = (rows, width)
        self._shift_x = np.broadcast_to(scale * (1.2 + down * 9), shape).copy()
        self._shift_y = np.broadcast_to(scale * (1.0 + down * 30) * -1, shape).copy()

    def __call__(self, t: float, out: Array) -> None:
        """Draw the water at ``t`` seconds into ``out``, ``(rows, width, 3)``."""
        ripple = self._ripples(t)
        x = cv2.add(cv2.multiply(ripple, self._shift_x), self._x)
        y = cv2.add(cv2.multiply(ripple, self._shift_y), self._y)
        cv2.remap(self._mirror, x, y, cv2.INTER_LINEAR, out, cv2.BORDER_REFLECT_101)


def _drawn_out(bank: Array, rows: int, unit: float, down: Array) -> Array:
    """Return the reflected bank, with columns of light that lengthen towards the camera."""
    mirror = bank[np.clip(bank.shape[0] - 1 - np.arange(rows), 0, None)]
    near = cv2.blur(mirror, (1, max(3, round(unit * 0.012) | 1)))
    long = cv2.blur(mirror, (1, round(unit * 0.09) | 1))
    long = cv2.blur(long, (1, round(unit * 0.07) | 1))
    near += (long - near) * smoothstep(0, 0.5, down)[..., None]
    return near

"""Where things stand in a picture of the sea: horizon, lens, sun, and the size of a water pixel."""

from __future__ import annotations

import math

import numpy as np

from ..noise import Array, F

EYE_M = 3.0  # height of the eye above the water


def reference_length(width: int, height: int) -> float:
    """The width of a 16:9 frame of the same area, in pixels."""
    return math.sqrt(width * height * 16 / 9)


class SeaView:
    """The composition, in pixels of the whole picture.

    The sky is worked on at half size, the water at half width and full height: what is far away
    is thin in height, never in width. ``unit`` is the reference length.
    """

    def __init__(self, width: int, height: int, horizon: float, sun: tuple[float, float]) -> None:
        """``horizon`` in parts of the height; ``sun`` across (0–1) and above it, in units."""
        self.width, self.height = width, height
        self.unit = reference_length(width, height)
        self.focal = 1.05 * self.unit
        self.horizon = 2 * round(horizon * height / 2)
        self.sun_x = sun[0] * width
        self.sun_up = sun[1]
        self.half_width = (width + 1) // 2
        self.sky_shape = (self.horizon // 2, self.half_width)
        self.water_shape = (height - self.horizon, self.half_width)

    def sky_grid(self) -> tuple[Array, Array]:
        """Across from the sun and up from the horizon, in units, at half size."""
        rows, columns = self.sky_shape
        x = (np.arange(columns, dtype=F) * 2 + 1 - F(self.sun_x)) / F(self.unit)
        y = (F(self.horizon) - np.arange(rows, dtype=F) * 2 - 1) / F(self.unit)
        return np.meshgrid(x, y)

    def sun_distance(self) -> Array:
        """From the sun, in units, at half size; a glow is a little wider than high."""
        x, up = self.sky_grid()
        return np.sqrt(x * x + F(1.25) * (up - F(self.sun_up)) ** 2)

    def row_distance(self, fraction: float) -> float:
        """Metres to the water seen at this part of the height."""
        return self.focal * EYE_M / (fraction * self.height - self.horizon)

    def water_grid(self) -> tuple[Array, Array]:
        """Metres across from the middle and away from the eye, for each water pixel."""
        rows, columns = self.water_shape
        down = np.arange(rows, dtype=F) + F(0.5)
        away = np.broadcast_to((F(self.focal * EYE_M) / down)[:, None], (rows, columns))
        x = (np.arange(columns, dtype=F) * 2 + 1 - F(self.width / 2)) / F(self.focal)
        return x[None] * away, np.ascontiguousarray(away)

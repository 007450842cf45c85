"""The sea's light by the hour, and where things stand: horizon, lens, sun, a water pixel's size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...drawing.colour import Light, load_looks
from ...drawing.compositing import grid
from ...drawing.lens import reference_length
from ...drawing.noise import Array, F


@dataclass(frozen=True, slots=True)
class SeaLook:
    """Colours are sRGB; the sky's stops run over the height above the horizon, the clouds' over the
    distance to the sun, both in units."""

    hour: str
    sky: str
    sun: tuple[str, float, float]  # colour, strength, radius in units
    glow: tuple[tuple[str, float, float], ...]  # colour, strength, reach in units
    band: Light  # light along the horizon
    cloud_lit: str
    cloud_dark: str
    cloud_glow: float  # how much clouds shine close to the sun
    deep: Light
    shallow: Light
    glint: Light
    dry_sand: Light
    wet_sand: Light
    foam: Light
    land: Light
    exposure: float = 1.0
    stars: float = 0.0


LOOKS = load_looks(SeaLook, __package__)

EYE_M = 3.0  # height of the eye above the water


class SeaView:
    """The composition, in pixels of the whole image.

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
        x, y = grid(*self.sky_shape, 2)
        across, up = (x - F(self.sun_x)) / F(self.unit), (F(self.horizon) - y) / F(self.unit)
        across, up = np.broadcast_arrays(across, up)
        return np.ascontiguousarray(across), np.ascontiguousarray(up)

    def sun_distance(self) -> Array:
        """From the sun, in units, at half size; a glow is a little wider than high."""
        x, up = self.sky_grid()
        return np.sqrt(x * x + 1.25 * (up - F(self.sun_up)) ** 2)

    def row_distance(self, fraction: float) -> float:
        """Metres to the water seen at this part of the height."""
        return self.focal * EYE_M / (fraction * self.height - self.horizon)

    def water_grid(self) -> tuple[Array, Array]:
        """Metres across from the middle and away from the eye, for each water pixel."""
        x, down = grid(*self.water_shape)
        away = np.broadcast_to(F(self.focal * EYE_M) / down, self.water_shape)
        across = (2 * x - F(self.width / 2)) / F(self.focal) * away
        return across, np.ascontiguousarray(away)

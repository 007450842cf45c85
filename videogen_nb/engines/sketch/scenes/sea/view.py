"""The sea's light by time of day, and its composition: horizon, lens, sun, water pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...drawing.colour import Light, load_looks
from ...drawing.compositing import grid
from ...drawing.lens import reference_length
from ...drawing.noise import Array, F


@dataclass(frozen=True, slots=True)
class SeaLook:
    """Colours (sRGB); sky stops run over height, cloud stops over distance to the sun, in units."""

    hour: str
    sky: str
    sun: tuple[str, float, float]  # colour, strength, radius in units
    glow: tuple[tuple[str, float, float], ...]  # colour, strength, falloff in units
    band: Light  # light along the horizon
    cloud_lit: str
    cloud_dark: str
    cloud_glow: float  # extra brightness of clouds close to the sun
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

CAMERA_M = 3.0  # height of the camera above the water in metres


class SeaView:
    """The composition, in pixels of the whole image.

    The sky is computed at half size, the water at half width and full height, because distant waves
    are foreshortened vertically only. ``unit`` is the reference length.
    """

    def __init__(self, width: int, height: int, horizon: float, sun: tuple[float, float]) -> None:
        """Place ``horizon`` (fraction of the height) and ``sun`` (x 0 to 1; height in units)."""
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
        """Return x from the sun and height above the horizon, in units, at half size."""
        x, y = grid(*self.sky_shape, 2)
        across, up = (x - F(self.sun_x)) / F(self.unit), (F(self.horizon) - y) / F(self.unit)
        across, up = np.broadcast_arrays(across, up)
        return np.ascontiguousarray(across), np.ascontiguousarray(up)

    def sun_distance(self) -> Array:
        """Return the distance from the sun in units, at half size; glows are wider than tall."""
        x, up = self.sky_grid()
        return np.sqrt(x * x + 1.25 * (up - F(self.sun_up)) ** 2)

    def row_distance(self, fraction: float) -> float:
        """Return the distance in metres of the water at this fraction of the height."""
        return self.focal * CAMERA_M / (fraction * self.height - self.horizon)

    def water_grid(self) -> tuple[Array, Array]:
        """Return each water pixel's x and distance from the camera, in metres."""
        x, down = grid(*self.water_shape)
        away = np.broadcast_to(F(self.focal * CAMERA_M) / down, self.water_shape)
        across = (2 * x - F(self.width / 2)) / F(self.focal) * away
        return across, np.ascontiguousarray(away)

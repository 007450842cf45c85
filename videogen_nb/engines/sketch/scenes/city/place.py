"""Where the eye is in the river scene, and the lights that are spots there."""

from __future__ import annotations

from typing import NamedTuple

from ...drawing.colour import linear
from ...drawing.lens import Lens
from ...drawing.noise import Array

AWAY, _EYE = 640.0, 12.0  # metres to the far bank; of the eye above the water
HEAD, TAIL = linear("#fff0d0"), linear("#ff2a18")  # lights of cars

#: Lights to be added to an image: x, y and sigma in pixels, colour.
Spots = tuple[Array, Array, Array, Array]


class Place(NamedTuple):
    """A level camera above the near bank of a river; metres."""

    lens: Lens
    bank: int  # the row at which the far bank meets the water
    unit: float  # the scene's unit of length, pixels: 720 at 720p

    @classmethod
    def of(cls, width: int, height: int) -> Place:
        unit = min(height, 1.2 * width)
        focal, bank = 1.1 * unit, round(height * (0.635 if width >= height else 0.66))
        return cls(Lens(width, height, focal, bank - focal * _EYE / AWAY, _EYE), bank, unit)

    @property
    def scale(self) -> float:
        """Pixels a metre on the far bank."""
        return self.lens.focal / AWAY

    @property
    def thin(self) -> float:
        """The finest that still shows, in pixels."""
        return self.unit / 720

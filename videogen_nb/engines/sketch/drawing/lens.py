"""A level pinhole camera."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from .noise import Array


def reference_length(width: int, height: int) -> float:
    """Return the width in pixels of a 16:9 frame of the same area; sizes scale with it."""
    return math.sqrt(width * height * 16 / 9)


@dataclass(frozen=True, slots=True)
class Lens:
    """A level pinhole camera looking along z; x to the right, y up, in any unit of length.

    Args:
        focal: focal length in pixels.
        horizon: row of the horizon.
        camera_height: height of the camera above y = 0.
        middle: column straight ahead; None for the image's centre.
    """

    width: int
    height: int
    focal: float
    horizon: float
    camera_height: float
    middle: float | None = None

    @property
    def centre(self) -> float:
        """Return the column straight ahead."""
        return self.width / 2 if self.middle is None else self.middle

    @property
    def half(self) -> float:
        """Return half the visible width at a distance of 1."""
        return self.width / self.focal / 2

    def project(self, x: Any, y: Any, z: Array | float) -> tuple[Any, Any, Any]:
        """Project points at depth ``z``: return column, row, and scale in pixels per unit."""
        scale = self.focal / z
        return self.centre + x * scale, self.horizon + (self.camera_height - y) * scale, scale

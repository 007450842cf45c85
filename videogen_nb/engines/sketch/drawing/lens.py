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
    """A camera that looks level along z; x to the right, y up, any unit of length.

    Args:
        focal: pixels.
        horizon: row of the horizon.
        eye: height of the camera.
        middle: column straight ahead; None for the image's middle.
    """

    width: int
    height: int
    focal: float
    horizon: float
    eye: float
    middle: float | None = None

    @property
    def centre(self) -> float:
        """The column straight ahead."""
        return self.width / 2 if self.middle is None else self.middle

    @property
    def half(self) -> float:
        """Half the width of what is seen at a distance of 1."""
        return self.width / self.focal / 2

    def project(self, x: Any, y: Any, z: Array | float) -> tuple[Any, Any, Any]:
        """Column, row, and pixels a unit, of points ``z`` away."""
        scale = self.focal / z
        return self.centre + x * scale, self.horizon + (self.eye - y) * scale, scale

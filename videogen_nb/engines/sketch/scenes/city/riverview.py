"""Where the eye is in the river scene, and what that makes of metres."""

from __future__ import annotations

from dataclasses import dataclass

from ...noise import Array


@dataclass(frozen=True)
class RiverView:
    """A level pinhole camera above the near bank; x right, y up, z away, metres."""

    width: int
    height: int
    unit: float  # the scene's unit of length, pixels: 720 at 720p
    focal: float  # pixels
    bank: int  # the row at which the far bank meets the water
    up: float = 12.0  # metres above the water
    away: float = 640.0  # metres to the far bank

    @property
    def horizon(self) -> float:
        """Pixels."""
        return self.bank - self.focal * self.up / self.away

    def project(self, x: Array, y: Array, z: Array) -> tuple[Array, Array, Array]:
        """Pixel x, pixel y, pixels a metre."""
        scale = self.focal / z
        return self.width / 2 + x * scale, self.horizon + (self.up - y) * scale, scale

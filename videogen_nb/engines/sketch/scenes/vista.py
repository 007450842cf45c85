"""A view over a land of heights: what is seen in each pixel, how far away and how high."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from ..noise import Array, F

#: (x, z, spacing) in km → heights in km
Heights = Callable[[Array, Array, Array], Array]


@dataclass(frozen=True, slots=True)
class Lens:
    """A camera that looks level over the land.

    Args:
        focal: pixels.
        horizon: row of the horizon.
        eye: height of the camera, km.
    """

    width: int
    height: int
    focal: float
    horizon: float
    eye: float


class Vista:
    """The land sampled along the rays of each column, ``steps`` distances from near to far.

    Attributes:
        distance: ``(steps, 1)`` km.
        x, heights: ``(steps, width)`` km.
        slope_x, slope_z: rise of the ground per km to the right and away.
        top: first row that shows land.
    """

    def __init__(self, lens: Lens, near: float, far: float, steps: int, heights: Heights) -> None:
        self._lens = lens
        self.distance = np.geomspace(near, far, steps).astype(F)[:, None]
        across = (np.arange(lens.width, dtype=F) + F(0.5 - lens.width / 2)) / F(lens.focal)
        self.x = self.distance * across[None]
        away = np.ascontiguousarray(np.broadcast_to(self.distance, self.x.shape))
        spacing = np.gradient(self.distance, axis=0)
        self.heights = heights(self.x, away, spacing)
        self.slope_x, self.slope_z = self._slopes(across)
        rise = (self.heights - F(lens.eye)) / self.distance
        self._skyline = np.maximum.accumulate(rise, axis=0)
        self._step = self._visible_steps(rise)
        self.top = int(np.argmax((self._step >= 0).any(1))) // 2

    def _slopes(self, across: Array) -> tuple[Array, Array]:
        """On the fan of rays a step along a ray also goes sideways; that part is taken off."""
        apart = self.distance * (across[1] - across[0])
        slope_x = np.gradient(self.heights, axis=1) / apart
        along = np.gradient(self.heights, axis=0) / np.gradient(self.distance, axis=0)
        return slope_x, along - slope_x * across[None]

    def _visible_steps(self, rise: Array) -> Array:
        """For twice as many rows as the picture has, the step (with fraction) seen there, or -1."""
        lens, skyline = self._lens, self._skyline
        rows = np.arange(2 * lens.height, dtype=F)
        wanted = ((F(lens.horizon) - (rows + F(0.5)) / 2) / F(lens.focal))[::-1]
        steps = np.full((lens.width, 2 * lens.height), -1, F)
        for column in range(lens.width):
            first = np.searchsorted(skyline[:, column], wanted)
            seen = int(np.searchsorted(first, len(rise)))
            high, low = first[:seen], np.maximum(first[:seen] - 1, 0)
            ray = rise[:, column]
            gap = np.maximum(ray[high] - ray[low], F(1e-7))
            steps[column, :seen] = low + np.clip((wanted[:seen] - ray[low]) / gap, 0, 1)
        return np.ascontiguousarray(steps.T[::-1])

    def seen(self, step: int, column: int) -> tuple[float, bool]:
        """The row at which the ground of a place is, and whether nothing nearer hides it."""
        lens = self._lens
        rise = (self.heights[step, column] - lens.eye) / self.distance[step, 0]
        free = step == 0 or rise > self._skyline[step - 1, column] - 2 / lens.focal
        return float(lens.horizon - lens.focal * rise), bool(free)

    def picture(self, layers: Array) -> tuple[Array, Array]:
        """What ``layers``, ``(steps, width, channels ≤ 4)`` over the land, look like to the eye.

        Returns ``(rows, width, channels)`` from row ``top`` on, zero where the sky shows, and the
        land's cover ``(rows, width)``.
        """
        rows = self._step[2 * self.top :]
        columns = np.broadcast_to(np.arange(rows.shape[1], dtype=F), rows.shape)
        seen = cv2.remap(layers, columns, np.maximum(rows, 0), cv2.INTER_LINEAR)
        land = (rows >= 0).astype(F)
        size = (rows.shape[1], len(rows) // 2)
        seen *= land if seen.ndim == 2 else land[..., None]
        return (
            cv2.resize(seen, size, interpolation=cv2.INTER_AREA),
            cv2.resize(land, size, interpolation=cv2.INTER_AREA),
        )

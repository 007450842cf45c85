"""Small painted things that are turned, tilted and laid over an image: leaves, petals, flowers."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np

from ...drawing.noise import Array, F

_SMALLEST = 12  # pixels


class Pose(NamedTuple):
    """Where a sprite is and how it is turned. Angles in radians."""

    x: float  # pixels
    y: float
    size: float  # pixels, of the sprite's whole square
    turn: float = 0.0  # in the image's plane
    tilt: float = 0.0  # out of it, about an axis in the sprite
    axis: float = 0.0  # the direction of that axis


class TurningSprite:
    """A square image with its smaller versions, premultiplied: ``(n, n, 4)`` linear light."""

    def __init__(self, rgba: Array) -> None:
        levels = [np.ascontiguousarray(rgba, F)]
        while levels[-1].shape[0] > _SMALLEST:
            n = levels[-1].shape[0] // 2
            levels.append(cv2.resize(levels[-1], (n, n), interpolation=cv2.INTER_AREA))
        self._levels = levels

    def blurred(self, share: float) -> TurningSprite:
        """Out of focus: blurred over ``share`` of its size."""
        full = self._levels[0]
        return TurningSprite(cv2.GaussianBlur(full, (0, 0), share * full.shape[0]))

    def tinted(self, light: Array) -> TurningSprite:
        """As it looks in coloured ``light``, linear RGB."""
        return TurningSprite(self._levels[0] * np.append(light, 1.0).astype(F))

    def lay(self, image: Array, pose: Pose, light: float = 1.0) -> None:
        """Blend it over ``image``: ``(h, w, 3)``, or ``(h, w, 4)`` premultiplied."""
        source = self._level(pose.size)
        inverse, box = _place(source.shape[0], pose, image.shape[1], image.shape[0])
        if box is None:
            return
        x0, y0, x1, y1 = box
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        turned = cv2.warpAffine(source, inverse, (x1 - x0, y1 - y0), flags=flags)
        part = image[y0:y1, x0:x1]
        cover = turned[..., 3:]
        part *= 1 - cover
        part[..., :3] += turned[..., :3] * F(light)
        if part.shape[2] == 4:
            part[..., 3:] += cover

    def _level(self, size: float) -> Array:
        for level in self._levels:
            if level.shape[0] < 2 * size:
                return level
        return self._levels[-1]


def _place(
    n: int, pose: Pose, width: int, height: int
) -> tuple[Array, tuple[int, int, int, int] | None]:
    """The map from a box of the image back to a sprite of ``n`` pixels, and that box."""
    c, s = math.cos(pose.axis), math.sin(pose.axis)
    flat = np.array([[c, -s], [s, c]]) @ np.diag([1.0, _thin(math.cos(pose.tilt))])
    flat = flat @ np.array([[c, s], [-s, c]])
    c, s = math.cos(pose.turn), math.sin(pose.turn)
    forward = np.array([[c, -s], [s, c]]) @ flat * (pose.size / n)
    reach = np.abs(forward).sum(1) * n / 2 + 1
    x0, x1 = max(0, math.floor(pose.x - reach[0])), min(width, math.ceil(pose.x + reach[0]))
    y0, y1 = max(0, math.floor(pose.y - reach[1])), min(height, math.ceil(pose.y + reach[1]))
    back = np.linalg.inv(forward)
    # Pixel centres lie at half numbers in both.
    shift = n / 2 - 0.5 - back @ np.array([pose.x - x0 - 0.5, pose.y - y0 - 0.5])
    box = (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None
    return np.hstack([back, shift[:, None]]), box


def _thin(cosine: float) -> float:
    """Even edge on, a leaf keeps a little breadth."""
    return math.copysign(max(abs(cosine), 0.12), cosine)

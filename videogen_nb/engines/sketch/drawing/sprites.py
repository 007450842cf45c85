"""Sprites: drawn once as polygons, then placed at sub-pixel positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from .noise import Array, F

_SHIFT = 4  # fractional bits of a polygon's coordinates


def polygon(sheet: Array, corners: Any, value: Any = 255) -> None:
    """Fill a polygon on a uint8 sheet; pixel centres lie at half-integers."""
    points = np.round((np.asarray(corners) - 0.5) * (1 << _SHIFT)).astype(np.int32)
    cv2.fillPoly(sheet, [points], value, cv2.LINE_AA, _SHIFT)


class Sheet:
    """A sprite being drawn, supersampled ``fine`` times.

    Colours are stored as square roots of light, at most 1, in 8 bits.
    """

    def __init__(self, width: int, height: int, fine: int) -> None:
        self._pixels = np.zeros((height * fine, width * fine, 4), np.uint8)
        self._fine = fine

    def tone(self, light: Array) -> tuple[float, ...]:
        """Convert linear RGB to what :meth:`fill` takes, for reuse by many polygons."""
        return (*(np.sqrt(np.clip(light, 0, 1)) * 255).tolist(), 255.0)

    def fill(self, corners: Any, colour: Array | tuple[float, ...]) -> None:
        """Fill a polygon whose corners are in pixels of the finished sprite."""
        tone = colour if isinstance(colour, tuple) else self.tone(colour)
        polygon(self._pixels, np.asarray(corners) * self._fine, tone)

    def rgba(self) -> Array:
        """Return ``(height, width, 4)`` float32: premultiplied light, and alpha."""
        drawn = self._pixels.astype(F) * F(1 / 255)
        drawn[..., :3] *= drawn[..., :3]
        size = (drawn.shape[1] // self._fine, drawn.shape[0] // self._fine)
        return cv2.resize(drawn, size, interpolation=cv2.INTER_AREA)


@dataclass(frozen=True, slots=True)
class Sprite:
    """A sprite: premultiplied linear RGBA, ``(h, w, 4)``, and its anchor.

    ``foot`` is the (column, row) at which it touches the ground.
    """

    rgba: Array
    foot: tuple[float, float] = (0.0, 0.0)

    def draw(
        self, image: Array, x: float, y: float, air: Array | None = None, haze: float = 0.0
    ) -> None:
        """Draw the sprite with its foot at (x, y), behind ``haze`` (0 to 1) of colour ``air``.

        An image with four channels is premultiplied, and the fourth is its alpha.
        """
        left, top = x - self.foot[0], y - self.foot[1]
        x0, y0 = int(np.floor(left)), int(np.floor(top))
        h, w = self.rgba.shape[:2]
        rows = slice(max(y0, 0), min(y0 + h + 1, image.shape[0]))
        columns = slice(max(x0, 0), min(x0 + w + 1, image.shape[1]))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return
        move = np.array([[1, 0, left - x0], [0, 1, top - y0]], F)
        moved = cv2.warpAffine(self.rgba, move, (w + 1, h + 1))
        part = moved[rows.start - y0 : rows.stop - y0, columns.start - x0 : columns.stop - x0]
        light, cover = part[..., :3], part[..., 3:]
        if air is not None:
            light = light * F(1 - haze) + cover * (air * F(haze))
        here = image[rows, columns]
        here *= 1 - cover
        here[..., :3] += light
        if here.shape[2] == 4:
            here[..., 3:] += cover

    def scaled(self, factor: float, wider: float = 1.0) -> Sprite:
        """Return the sprite scaled by ``factor`` (at most 1 looks best), optionally ``wider``."""
        h, w = self.rgba.shape[:2]
        size = max(1, round(w * factor * wider)), max(1, round(h * factor))
        foot = self.foot[0] * size[0] / w, self.foot[1] * size[1] / h
        return Sprite(cv2.resize(self.rgba, size, interpolation=cv2.INTER_AREA), foot)


def grove(
    stock: Sequence[Sprite], tall: float, sizes: Sequence[float], random: np.random.Generator
) -> list[Sprite]:
    """Return one sprite from ``stock`` (each ``tall`` high) for each of ``sizes``, in pixels."""
    made: dict[tuple[int, int], Sprite] = {}
    picks = random.integers(0, len(stock), len(sizes))
    for pick, size in zip(picks.tolist(), sizes, strict=True):
        key = pick, round(size)
        if key not in made:
            made[key] = stock[pick].scaled(round(size) / tall)
    return [made[pick, round(size)] for pick, size in zip(picks.tolist(), sizes, strict=True)]

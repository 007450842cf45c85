"""A sailing boat far out, which rocks and makes a little way."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ...noise import Array, F, linear
from ..seaview import SeaView
from .looks import SeaLook

_DRAWN = 128  # side of the drawing; the boat stands on its lower edge
_MAIN = ((62, 8), (66, 8), (104, 98), (64, 98))
_JIB = ((59, 20), (58, 98), (27, 98))
_MAST = ((61, 4), (64, 4), (64, 106), (61, 106))
_HULL = ((16, 104), (110, 104), (97, 121), (32, 121))


class Sailboat:
    """Drawn over the sky at half size, its hull at the horizon. Safe from several threads."""

    def __init__(self, view: SeaView, look: SeaLook, random: np.random.Generator) -> None:
        self._sprite = _drawing(look)
        self._size = float(random.uniform(0.034, 0.05)) * view.unit / 2
        side = -1 if view.sun_x > view.width / 2 else 1
        place = 0.5 + side * random.uniform(0.12, 0.3)
        self._x = place * view.half_width
        self._way = -side * view.unit / 2 * 0.0024
        self._phase = float(random.uniform(0, 2 * math.pi))
        self._face = 1 if self._way < 0 else -1

    def over(self, sky: Array, t: float) -> None:
        """Draws the boat of instant ``t`` over ``sky`` in place."""
        rows, columns = sky.shape[:2]
        tall = min(rows, math.ceil(self._size * 1.3))
        wide = math.ceil(self._size * 1.6)
        x = self._x + self._way * t
        left = max(0, min(columns - wide, int(x) - wide // 2))
        scale = self._size / _DRAWN
        rock = 0.022 * math.sin(1.1 * t + self._phase) + 0.012 * math.sin(1.9 * t)
        bob = 0.010 * self._size * math.sin(1.3 * t + 2 + self._phase)
        c, s = math.cos(rock) * scale, math.sin(rock) * scale
        # the keel, at (64, 121) of the drawing, stands at (x - left, tall)
        to_frame = np.array(
            [
                [self._face * c, -s, x - left - self._face * 64 * c + 121 * s],
                [self._face * s, c, tall + 0.6 + bob - self._face * 64 * s - 121 * c],
            ]
        )
        drawn = cv2.warpAffine(self._sprite, to_frame, (wide, tall), flags=cv2.INTER_AREA)
        part = sky[rows - tall :, left : left + wide]
        part *= 1 - drawn[:, : part.shape[1], 3:]
        part += drawn[:, : part.shape[1], :3]


def _drawing(look: SeaLook) -> Array:
    """Premultiplied RGB and cover, ``(128, 128, 4)``, softened for the reduction to come."""
    sail, strength = look.sail
    hull, dark = look.land
    sprite: Array = np.zeros((_DRAWN, _DRAWN, 4), F)
    for shape, colour in (
        (_MAST, linear(hull) * F(0.5 * dark)),
        (_MAIN, linear(sail) * F(strength)),
        (_JIB, linear(sail) * F(0.85 * strength)),
        (_HULL, linear(hull) * F(0.4 * dark)),
    ):
        cover = np.zeros((_DRAWN, _DRAWN), np.uint8)
        cv2.fillPoly(cover, [np.array(shape, np.int32)], 255, cv2.LINE_AA)
        a = (cover.astype(F) / 255)[..., None]
        sprite = sprite * (1 - a) + a * np.append(colour, F(1))
    return cv2.GaussianBlur(sprite, (0, 0), 1.6)

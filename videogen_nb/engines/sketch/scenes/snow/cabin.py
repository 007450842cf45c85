"""A log cabin under deep snow, with lit windows: a small solid seen from anywhere before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ...drawing.lens import Lens
from ...drawing.noise import Array, F
from ...drawing.sprites import Sheet, Sprite, polygon
from ...layers.conifers import TreeLight

_FINE = 3  # drawn so many times larger, then reduced
_WIDE, _DEEP, _WALL, _RIDGE = 3.1, 2.7, 2.5, 4.5  # metres; half of what lies on the ground
_EAVES, _SNOW = 0.5, 0.42  # how far the roof stands out, and how thick its snow is
_LOG = 0.27

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Cabin:
    """The drawn cabin: a cut-out without its lamps, and what its windows shine.

    ``corner`` is where the cut-out's upper left lies in the image; ``shine`` is a mask;
    ``foot`` are columns and rows, ``(n, 2)``, along the walls' foot as far as it is seen.
    ``distance`` is in metres.
    """

    sprite: Sprite
    shine: Array
    corner: tuple[int, int]
    foot: Array
    distance: float


class CabinPainter:
    """Draws one cabin standing at ``place`` (x, ground, z), turned by ``turn`` radians.

    Points are metres in the cabin's own coordinates; its front is at z = -_DEEP.
    """

    def __init__(
        self, lens: Lens, place: Point, turn: float, light: TreeLight, random: np.random.Generator
    ) -> None:
        self._lens, self._place, self._light, self._random = lens, place, light, random
        self._cos, self._sin = float(np.cos(turn)), float(np.sin(turn))
        # which of the side walls faces the eye, which is at x = 0 and z = 0
        self._seen = -1.0 if self._cos * place[0] + self._sin * place[2] > 0 else 1.0
        corners = self._at([(x, y, z) for x in (-5, 5) for y in (-0.8, 6.5) for z in (-4.5, 4.5)])
        self._low = np.floor(corners.min(0)).astype(int)
        w, h = np.ceil(corners.max(0)).astype(int) - self._low
        self._sheet = Sheet(int(w), int(h), _FINE)
        self._glass = np.zeros((h * _FINE, w * _FINE), np.uint8)

    def paint(self) -> Cabin:
        """The finished cabin."""
        self._walls()
        self._openings()
        self._chimney()
        for side in (-self._seen, self._seen):
            self._roof(side)
        rgba = self._sheet.rgba()
        shine = cv2.resize(self._glass, rgba.shape[1::-1], interpolation=cv2.INTER_AREA) / F(255)
        wall = [(self._seen * _WIDE, 0.28, _DEEP * u) for u in np.linspace(1, -1, 5)]
        front = [(_WIDE * u, 0.28, -_DEEP) for u in np.linspace(-1, 1, 9)]
        foot = self._at(wall + front)
        corner = int(self._low[0]), int(self._low[1])
        return Cabin(Sprite(rgba), shine, corner, foot, self._place[2])

    def _at(self, points: Sequence[Point]) -> Array:
        """Where points are in the image, ``(n, 2)``."""
        x, y, z = np.array(points, float).T
        px, py, pz = self._place
        c, s = self._cos, self._sin
        column, row, _ = self._lens.project(px + c * x - s * z, py + y, pz + s * x + c * z)
        return np.stack([column, row], 1)

    def _fill(self, corners: Sequence[Point], colour: Array) -> None:
        self._sheet.fill(self._at(corners) - self._low, colour)

    def _walls(self) -> None:
        """Log upon log, each darker below: the side that is seen, and the gable."""
        side, bark = self._seen * _WIDE, self._light.bark
        for k in range(round(_RIDGE / _LOG) - 1):
            tone = self._random.uniform(0.8, 1.15)
            y1 = (k + 1) * _LOG
            for y, dim in ((k * _LOG, 0.52), ((k + 0.25) * _LOG, 1.0)):
                if y1 < _WALL + 0.1:
                    wall = [(side, y, -_DEEP), (side, y, _DEEP)]
                    wall += [(side, y1, _DEEP), (side, y1, -_DEEP)]
                    self._fill(wall, bark * F(0.7 * dim * tone))
                w0, w1 = _half_width(y), _half_width(y1)
                front = [(-w0, y, -_DEEP), (w0, y, -_DEEP), (w1, y1, -_DEEP), (-w1, y1, -_DEEP)]
                self._fill(front, bark * F(1.15 * dim * tone))

    def _openings(self) -> None:
        front, side = -_DEEP - 0.02, self._seen * (_WIDE + 0.02)
        self._window(lambda u, v: (-1.75 + 0.5 * u, 1.35 + 0.5 * v, front))
        self._window(lambda u, v: (1.75 + 0.5 * u, 1.35 + 0.5 * v, front))
        self._window(lambda u, v: (0.34 * u, 3.15 + 0.34 * v, front))
        self._window(lambda u, v: (side, 1.35 + 0.5 * v, -0.9 + 0.55 * u))
        self._window(lambda u, v: (side, 1.35 + 0.5 * v, 1.2 + 0.55 * u))
        door = [(-0.5, 0.0, front), (0.5, 0.0, front), (0.5, 2.0, front), (-0.5, 2.0, front)]
        self._fill(door, self._light.bark * 0.45)

    def _window(self, at: Callable[[float, float], Point]) -> None:
        """Frame, four panes that shine, and a sill with snow on it."""

        def box(u0: float, v0: float, u1: float, v1: float) -> list[Point]:
            return [at(u0, v0), at(u1, v0), at(u1, v1), at(u0, v1)]

        self._fill(box(-1.25, -1.2, 1.25, 1.2), self._light.bark * 0.35)
        for u in (-1.0, 0.08):
            for v in (-1.0, 0.08):
                pane = self._at(box(u, v, u + 0.92, v + 0.92)) - self._low
                polygon(self._glass, pane * _FINE)
        self._fill(box(-1.35, -1.45, 1.3, -1.12), self._light.snow_lit)

    def _chimney(self) -> None:
        x, light = -self._seen * 1.5, self._light
        x0, x1, side, z0, z1 = x - 0.35, x + 0.35, x + self._seen * 0.35, 0.25, 0.95
        face = [(side, 3.0, z0), (side, 3.0, z1), (side, 5.5, z1), (side, 5.5, z0)]
        self._fill(face, light.bark * 0.5)
        front = [(x0, 3.0, z0), (x1, 3.0, z0), (x1, 5.5, z0), (x0, 5.5, z0)]
        self._fill(front, light.bark * 0.8)
        cap = [(x0 - 0.1, 5.45, z0), (x1 + 0.1, 5.45, z0), (x1, 5.75, z0), (x0, 5.75, z0)]
        self._fill(cap, light.snow_lit)

    def _roof(self, side: float) -> None:
        """One slope and, along the gable, the thick edge of the snow on it."""
        light, deep = self._light, _DEEP + _EAVES
        low, y = side * (_WIDE + _EAVES), _WALL - _EAVES * (_RIDGE - _WALL) / _WIDE
        top, ridge = y + _SNOW, _RIDGE + _SNOW
        lit = side * light.side > 0
        colour = light.snow_lit if lit else light.snow_shade * 0.55 + light.snow_lit * 0.45
        slope = [(low, top, -deep), (low, top, deep), (0, ridge, deep), (0, ridge, -deep)]
        px, py = self._at(slope).T
        # its upper face is seen where its corners go round the right way
        if -side * (px * np.roll(py, -1) - np.roll(px, -1) * py).sum() > 0:
            self._fill(slope, colour)
        if side == self._seen:
            eaves = [(low, y, -deep), (low, y, deep), (low, top, deep), (low, top, -deep)]
            self._fill(eaves, light.snow_shade)
        board = [(low, y - 0.14, -deep), (0, _RIDGE - 0.14, -deep), (0, _RIDGE, -deep)]
        self._fill([*board, (low, y, -deep)], light.bark * 0.4)
        u = np.linspace(0, 1, 14)
        x, rise = low * (1 - u), y + (_RIDGE - y) * u
        sag = self._random.uniform(-0.05, 0.10, 14)
        under = [(a, b, -deep) for a, b in zip(x, rise - sag, strict=True)]
        over = [(a, b, -deep) for a, b in zip(1.02 * x, rise + _SNOW, strict=True)]
        self._fill(under + over[::-1], light.snow_shade * 0.35 + light.snow_lit * 0.65)


def _half_width(y: float) -> float:
    return _WIDE * min(1.0, max(0.0, (_RIDGE - y) / (_RIDGE - _WALL)))

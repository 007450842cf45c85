"""A log cabin under deep snow, with lit windows: a small solid seen from anywhere before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from ...noise import Array, F
from ..conifers import Sprite, TreeLight

_FINE = 3  # drawn so many times larger, then reduced
_SHIFT = 4
_HALF_WIDE, _HALF_DEEP, _WALL, _RIDGE = 3.1, 2.7, 2.5, 4.5  # metres
_EAVES, _SNOW = 0.5, 0.42  # how far the roof stands out, and how thick its snow is

#: (x, height above the sea of snow, z) in metres → (column, row)
Project = Callable[[float, float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Cabin:
    """The drawn cabin: a cut-out without its lamps, what its windows shine, the chimney's mouth.

    ``left`` and ``top`` are where the cut-out's corner lies in the picture; ``shine`` is a mask;
    ``foot`` are columns and rows, ``(n, 2)``, along the walls' foot as far as it is seen.
    ``distance`` is in metres.
    """

    sprite: Sprite
    shine: Array
    left: int
    top: int
    chimney: tuple[float, float]
    foot: Array
    distance: float


class CabinPainter:
    """Draws one cabin standing at ``place`` (x, ground, z), turned by ``turn`` radians."""

    def __init__(
        self,
        project: Project,
        place: tuple[float, float, float],
        turn: float,
        light: TreeLight,
        random: np.random.Generator,
    ) -> None:
        self._project, self._place, self._light, self._random = project, place, light, random
        self._cos, self._sin = np.cos(turn), np.sin(turn)
        self._seen = self._side_seen()
        corners = np.array(
            [self._at(x, y, z) for x in (-5.0, 5.0) for y in (-0.8, 6.5) for z in (-4.5, 4.5)]
        )
        self._low = np.floor(corners.min(0)).astype(int)
        size = np.ceil(corners.max(0)).astype(int) - self._low
        self._sheet = np.zeros((size[1] * _FINE, size[0] * _FINE, 4), np.uint8)
        self._glass = np.zeros((size[1] * _FINE, size[0] * _FINE), np.uint8)

    def paint(self) -> Cabin:
        self._walls()
        self._openings()
        self._chimney()
        self._roof()
        h, w = (n // _FINE for n in self._glass.shape)
        light = np.square(self._sheet[..., :3].astype(F) * F(1 / 255))
        cover = self._sheet[..., 3].astype(F) * F(1 / 255)
        shine = self._glass.astype(F) * F(1 / 255)
        light, cover, shine = (
            cv2.resize(a, (w, h), interpolation=cv2.INTER_AREA) for a in (light, cover, shine)
        )
        sprite = Sprite(light, cover, (0.0, 0.0))
        left, top = (int(v) for v in self._low)
        return Cabin(
            sprite,
            shine,
            left,
            top,
            self._at(-self._seen * 1.5, 5.65, 0.6),
            self._foot(),
            self._place[2],
        )

    def _side_seen(self) -> float:
        """Which of the side walls faces the eye, which is at x = 0 and z = 0."""
        px, _, pz = self._place
        return -1.0 if self._cos * px + self._sin * pz > 0 else 1.0

    def _foot(self) -> Array:
        a, b, y = _HALF_WIDE, _HALF_DEEP, 0.28
        front = [self._at(a * u, y, -b) for u in np.linspace(-1, 1, 9)]
        side = [self._at(self._seen * a, y, b * u) for u in np.linspace(1, -1, 5)]
        return np.array(side + front)

    def _at(self, x: float, y: float, z: float) -> tuple[float, float]:
        """The cabin's own coordinates (its front is z = -_HALF_DEEP) in the picture."""
        px, py, pz = self._place
        c, s = self._cos, self._sin
        return self._project(px + c * x - s * z, py + y, pz + s * x + c * z)

    def _fill(self, corners: list[tuple[float, float, float]], colour: Array) -> None:
        shade = [float(v) for v in np.sqrt(np.clip(colour, 0, 1)) * 255]
        cv2.fillPoly(self._sheet, [self._points(corners)], (*shade, 255.0), cv2.LINE_AA, _SHIFT)

    def _points(self, corners: list[tuple[float, float, float]]) -> Array:
        seen = (np.array([self._at(*corner) for corner in corners]) - self._low) * _FINE
        return np.round(seen * (1 << _SHIFT)).astype(np.int32)

    def _walls(self) -> None:
        light, a, b = self._light, _HALF_WIDE, _HALF_DEEP
        logs = round(_WALL / 0.27)
        side = self._seen * a
        for k in range(logs):
            y0, y1 = k * _WALL / logs, (k + 1) * _WALL / logs
            tone = self._random.uniform(0.8, 1.15)
            for part, dim in ((0.0, 0.55), (0.25, 1.0)):
                y = y0 + part * (y1 - y0)
                wall = [(side, y, -b), (side, y, b), (side, y1, b), (side, y1, -b)]
                self._fill(wall, light.bark * F(0.7 * dim * tone))
        gable = round((_RIDGE - 0.1) / 0.27)
        for k in range(gable):
            y0, y1 = k * _RIDGE / gable, (k + 1) * _RIDGE / gable
            tone = self._random.uniform(0.85, 1.15)
            for part, dim in ((0.0, 0.5), (0.25, 1.0)):
                y = y0 + part * (y1 - y0)
                w0, w1 = self._half_width(y), self._half_width(y1)
                wall = [(-w0, y, -b), (w0, y, -b), (w1, y1, -b), (-w1, y1, -b)]
                self._fill(wall, light.bark * F(1.15 * dim * tone))

    @staticmethod
    def _half_width(y: float) -> float:
        return _HALF_WIDE * min(1.0, max(0.0, (_RIDGE - y) / (_RIDGE - _WALL)))

    def _openings(self) -> None:
        b = -_HALF_DEEP - 0.02
        self._window(lambda u, v: (-1.75 + 0.5 * u, 1.35 + 0.5 * v, b))
        self._window(lambda u, v: (1.75 + 0.5 * u, 1.35 + 0.5 * v, b))
        self._window(lambda u, v: (0.34 * u, 3.15 + 0.34 * v, b))
        side = self._seen * (_HALF_WIDE + 0.02)
        self._window(lambda u, v: (side, 1.35 + 0.5 * v, -0.9 + 0.55 * u))
        self._window(lambda u, v: (side, 1.35 + 0.5 * v, 1.2 + 0.55 * u))
        door = [(-0.5, 0.0, b), (0.5, 0.0, b), (0.5, 2.0, b), (-0.5, 2.0, b)]
        self._fill(door, self._light.bark * F(0.45))

    def _window(self, at: Callable[[float, float], tuple[float, float, float]]) -> None:
        """Frame, four panes that shine, and a sill with snow on it."""
        frame = [at(-1.25, -1.2), at(1.25, -1.2), at(1.25, 1.2), at(-1.25, 1.2)]
        self._fill(frame, self._light.bark * F(0.35))
        for u0, u1 in ((-1.0, -0.08), (0.08, 1.0)):
            for v0, v1 in ((-1.0, -0.08), (0.08, 1.0)):
                pane = [at(u0, v0), at(u1, v0), at(u1, v1), at(u0, v1)]
                points = self._points(pane)
                cv2.fillPoly(self._glass, [points], 255.0, cv2.LINE_AA, _SHIFT)
        sill = [at(-1.35, -1.45), at(1.35, -1.45), at(1.25, -1.12), at(-1.25, -1.12)]
        self._fill(sill, self._light.snow_lit)

    def _chimney(self) -> None:
        x0, x1, light = -self._seen * 1.5 - 0.35, -self._seen * 1.5 + 0.35, self._light
        z0, z1, side = 0.25, 0.95, -self._seen * 1.5 + self._seen * 0.35
        face = [(side, 3.0, z0), (side, 3.0, z1), (side, 5.5, z1), (side, 5.5, z0)]
        self._fill(face, light.bark * F(0.5))
        self._fill(
            [(x0, 3.0, z0), (x1, 3.0, z0), (x1, 5.5, z0), (x0, 5.5, z0)], light.bark * F(0.8)
        )
        self._fill(
            [(x0 - 0.1, 5.45, z0), (x1 + 0.1, 5.45, z0), (x1, 5.75, z0), (x0, 5.75, z0)],
            light.snow_lit,
        )

    def _roof(self) -> None:
        """The two slopes and, along the gable, the thick edge of the snow on them."""
        light, deep = self._light, _HALF_DEEP + _EAVES
        for side in (-self._seen, self._seen):
            low = side * (_HALF_WIDE + _EAVES)
            y0 = _WALL - _EAVES * (_RIDGE - _WALL) / _HALF_WIDE
            lit = side * light.side > 0
            top = light.snow_lit if lit else light.snow_shade * F(0.55) + light.snow_lit * F(0.45)
            slope = [
                (low, y0 + _SNOW, -deep),
                (low, y0 + _SNOW, deep),
                (0, _RIDGE + _SNOW, deep),
                (0, _RIDGE + _SNOW, -deep),
            ]
            if self._faces_eye(slope, side):
                self._fill(slope, top)
            if side == self._seen:
                self._fill(
                    [
                        (low, y0, -deep),
                        (low, y0, deep),
                        (low, y0 + _SNOW, deep),
                        (low, y0 + _SNOW, -deep),
                    ],
                    light.snow_shade,
                )
            self._fill(
                [
                    (low, y0 - 0.14, -deep),
                    (0, _RIDGE - 0.14, -deep),
                    (0, _RIDGE, -deep),
                    (low, y0, -deep),
                ],
                light.bark * F(0.4),
            )
            self._edge(low, y0, deep)

    def _faces_eye(self, slope: list[tuple[float, float, float]], side: float) -> bool:
        """Whether a slope's upper face is seen: then its corners go round the right way."""
        x, y = np.array([self._at(*corner) for corner in slope]).T
        return bool(-side * (x * np.roll(y, -1) - np.roll(x, -1) * y).sum() > 0)

    def _edge(self, low: float, y0: float, deep: float) -> None:
        n = 14
        u = np.linspace(0, 1, n)
        x, y = low * (1 - u), y0 + (_RIDGE - y0) * u
        sag = self._random.uniform(-0.05, 0.10, n)
        under = [(float(a), float(b - s), -deep) for a, b, s in zip(x, y, sag, strict=True)]
        over = [(float(a * 1.02), float(b + _SNOW), -deep) for a, b in zip(x, y, strict=True)]
        self._fill(
            under + over[::-1], self._light.snow_shade * F(0.35) + self._light.snow_lit * F(0.65)
        )

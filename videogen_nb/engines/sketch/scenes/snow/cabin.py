"""A log cabin under deep snow, with lit windows; ``cabin.toml`` describes its geometry."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import cv2
import numpy as np

from ...drawing.lens import Lens
from ...drawing.noise import Array, F, smoothstep
from ...drawing.sprites import Sheet, Sprite, polygon
from ...layers.conifers import TreeLight

_FINE = 3  # supersampling factor
_WIDE, _DEEP, _WALL, _RIDGE = 3.1, 2.7, 2.5, 4.5  # half width, half depth, heights; metres
_LOG = 0.27

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Cabin:
    """The drawn cabin: a sprite with dark windows, and the light of the windows.

    ``corner`` is the position of the sprite's upper left corner in the image; ``shine`` is a mask;
    ``distance`` is in metres.
    """

    sprite: Sprite
    shine: Array
    corner: tuple[int, int]
    distance: float


class CabinPainter:
    """A painter for one cabin at ``place`` (x, ground, z), rotated by ``turn`` radians."""

    def __init__(
        self, lens: Lens, place: Point, turn: float, light: TreeLight, random: np.random.Generator
    ) -> None:
        self._lens, self._place, self._light, self._random = lens, place, light, random
        self._cos, self._sin = float(np.cos(turn)), float(np.sin(turn))
        # the side wall that faces the camera, which is at x = 0 and z = 0
        self._seen = -1.0 if self._cos * place[0] + self._sin * place[2] > 0 else 1.0
        corners = self._at([(x, y, z) for x in (-5, 5) for y in (-0.8, 6.5) for z in (-4.5, 4.5)])
        self._low = np.floor(corners.min(0)).astype(int)
        w, h = np.ceil(corners.max(0)).astype(int) - self._low
        self._sheet = Sheet(int(w), int(h), _FINE)
        self._glass = np.zeros((h * _FINE, w * _FINE), np.uint8)

    def paint(self) -> Cabin:
        """Paint and return the cabin."""
        parts = tomllib.loads(files(__package__).joinpath("cabin.toml").read_text("utf-8"))
        light = self._light
        self._walls()
        for window in parts["windows"]:
            self._window(**window)
        for shape in parts["shapes"]:
            snow = light.snow_shade + (light.snow_lit - light.snow_shade) * shape.get("snow", 0)
            self._fill(shape["points"], light.bark * shape["bark"] if "bark" in shape else snow)
        rgba = self._sheet.rgba() * self._above_snow()[..., None]
        shine = cv2.resize(self._glass, rgba.shape[1::-1], interpolation=cv2.INTER_AREA) / F(255)
        corner = int(self._low[0]), int(self._low[1])
        return Cabin(Sprite(rgba), shine, corner, self._place[2])

    def _above_snow(self) -> Array:
        """Return a mask that falls from 1 to 0 at the walls' foot, which snow covers."""
        wall = ((_WIDE, _DEEP), (_WIDE, -_DEEP), (-_WIDE, -_DEEP))
        foot = self._at([(x, 0.05, z) for x, z in wall]) - self._low
        across, down = foot[np.argsort(foot[:, 0])].T
        h, w = (n // _FINE for n in self._glass.shape)
        line = np.interp(np.arange(w) + 0.5, across, down)
        metre = self._lens.focal / self._place[2]
        return smoothstep(0.0, 0.45 * metre, line - np.arange(h)[:, None]).astype(F)

    def _at(self, points: Sequence[Point]) -> Array:
        """Project points into the image, ``(n, 2)`` pixels."""
        x, y, z = np.array(points, float).T * [[self._seen], [1], [1]]
        px, py, pz = self._place
        c, s = self._cos, self._sin
        column, row, _ = self._lens.project(px + c * x - s * z, py + y, pz + s * x + c * z)
        return np.stack([column, row], 1)

    def _fill(self, corners: Sequence[Point], colour: Array) -> None:
        self._sheet.fill(self._at(corners) - self._low, colour)

    def _walls(self) -> None:
        """Draw the logs of the visible side and the gable, each darker below."""
        for k in range(round(_RIDGE / _LOG) - 1):
            tone, y1 = self._random.uniform(0.8, 1.15), (k + 1) * _LOG
            for y, dim in ((k * _LOG, 0.52), ((k + 0.25) * _LOG, 1.0)):
                bark = self._light.bark * F(dim * tone)
                if y1 < _WALL + 0.1:
                    wall = ((y, -_DEEP), (y, _DEEP), (y1, _DEEP), (y1, -_DEEP))
                    self._fill([(_WIDE, a, b) for a, b in wall], bark * F(0.7))
                w0, w1 = _half_width(y), _half_width(y1)
                front = ((-w0, y), (w0, y), (w1, y1), (-w1, y1))
                self._fill([(a, b, -_DEEP) for a, b in front], bark * F(1.15))

    def _window(self, at: Point, half: tuple[float, float], side: bool = False) -> None:
        """Draw a frame, four glowing panes, and a snowy sill."""

        def box(u0: float, v0: float, u1: float, v1: float) -> list[Point]:
            across = [at[2 if side else 0] + half[0] * u for u in (u0, u1, u1, u0)]
            up = [at[1] + half[1] * v for v in (v0, v0, v1, v1)]
            pairs = zip(across, up, strict=True)
            return [(at[0], v, u) if side else (u, v, at[2]) for u, v in pairs]

        self._fill(box(-1.25, -1.2, 1.25, 1.2), self._light.bark * 0.35)
        for u in (-1.0, 0.08):
            for v in (-1.0, 0.08):
                pane = self._at(box(u, v, u + 0.92, v + 0.92)) - self._low
                polygon(self._glass, pane * _FINE)
        self._fill(box(-1.35, -1.45, 1.3, -1.12), self._light.snow_lit)


def _half_width(y: float) -> float:
    return _WIDE * min(1.0, max(0.0, (_RIDGE - y) / (_RIDGE - _WALL)))

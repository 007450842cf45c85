"""Trees against the sky, no two alike: spruces, slender or broad, pines, and dead trunks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from ..noise import Array, F

_SUB = 16  # sub-pixel steps of a drawn corner
_SHIFT = 4


@dataclass(frozen=True, slots=True)
class Wood:
    """``(rows, columns)`` 0–1: how much of a pixel is tree, and how much of that holds snow."""

    cover: Array
    snow: Array


@dataclass(frozen=True, slots=True)
class Growth:
    """What grows where: heights in units, one for each tree on average.

    ``crowd`` 0 spreads the trees evenly, 1 gathers them in groves; ``edges`` makes those at the
    sides of the picture taller, so that they frame it; ``clearing`` (place, half width; parts of
    the picture's width) is left open.
    """

    count: int
    tall: float
    crowd: float = 0.6
    edges: float = 1.0
    clearing: tuple[float, float] = (0.5, 0.0)
    pines: float = 0.12
    dead: float = 0.04


class _Canvas:
    def __init__(self, rows: int, columns: int) -> None:
        self.cover = np.zeros((rows, columns), np.uint8)
        self.snow = np.zeros((rows, columns), np.uint8)

    def fill(self, corners: list[tuple[float, float]], *, snow: bool = False) -> None:
        points = np.round(np.array(corners) * _SUB).astype(np.int32)
        sheet = self.snow if snow else self.cover
        cv2.fillConvexPoly(sheet, points, 255, cv2.LINE_AA, _SHIFT)

    def clear_snow(self, corners: list[tuple[float, float]]) -> None:
        """What grows in front hides the snow behind it."""
        points = np.round(np.array(corners) * _SUB).astype(np.int32)
        cv2.fillConvexPoly(self.snow, points, 0, cv2.LINE_8, _SHIFT)


Draw = Callable[[_Canvas, float, float, float, np.random.Generator], None]


def wood(columns: int, unit: float, growth: Growth, random: np.random.Generator) -> Wood:
    """A row of trees whose feet stand on the lowest row."""
    heights = np.clip(random.gamma(5.0, 1 / 5.0, growth.count), 0.3, 2.0) * growth.tall
    places = _places(columns, growth, random)
    frame = 1 + growth.edges * np.abs(places / columns * 2 - 1) ** 2.2
    heights = heights * frame * unit
    rows = int(heights.max() * 1.05) + 3
    canvas = _Canvas(rows, columns)
    for i in np.argsort(-heights):
        draw = _species(growth, float(random.random()))
        draw(canvas, float(places[i]), float(rows), float(heights[i]), random)
    return Wood(canvas.cover.astype(F) / 255, canvas.snow.astype(F) / 255)


def _places(columns: int, growth: Growth, random: np.random.Generator) -> Array:
    """Where trees stand, in pixels: some alone, the rest gathered in groves."""
    count = growth.count
    groves = random.random(max(2, count // 9))
    alone = random.random(count) >= growth.crowd
    grown = groves[random.integers(0, len(groves), count)] + random.normal(0, 0.022, count)
    part = np.where(alone, random.random(count), grown) % 1.0
    middle, half = growth.clearing
    # what is left of the width is stretched over both sides of the clearing
    place = part * (1 - 2 * half)
    place = np.where(place < middle - half, place, place + 2 * half)
    return np.asarray((place * 1.04 - 0.02) * columns)


def _species(growth: Growth, draw: float) -> Draw:
    if draw < growth.dead:
        return _dead
    return _pine if draw < growth.dead + growth.pines else _spruce


def _spruce(
    canvas: _Canvas, x: float, foot: float, tall: float, random: np.random.Generator
) -> None:
    """Boughs in whorls, each with a length and a droop of its own, thinner towards the top."""
    slender = float(random.uniform(0.11, 0.23))
    shape = float(random.uniform(0.65, 1.05))
    lean = float(random.normal(0, 0.012)) * tall
    bare = float(random.uniform(0.0, 0.10))
    whorls = int(np.clip(tall / random.uniform(2.6, 4.0), 6, 34))
    _trunk(canvas, x, foot, tall, lean, 0.012)
    for k in range(whorls):
        down = (k + float(random.uniform(0.2, 0.9))) / whorls
        y = foot - tall * (1 - down * (1 - bare))
        root = x + lean * (1 - down)
        thick = tall / whorls * float(random.uniform(0.8, 1.5))
        for side in (-1, 1):
            reach = tall * slender * down**shape * float(random.uniform(0.45, 1.15))
            droop = reach * float(random.uniform(0.10, 0.55))
            _bough(canvas, root, y, side * reach, droop, thick)


def _bough(canvas: _Canvas, x: float, y: float, reach: float, droop: float, thick: float) -> None:
    tip = (x + reach, y + droop)
    bough = [(x, y - 0.55 * thick), tip, (x + 0.55 * reach, y + 0.5 * droop + 0.55 * thick)]
    bough.append((x - 0.1 * reach, y + 0.6 * thick))
    canvas.clear_snow(bough)
    canvas.fill(bough)
    middle = (x + 0.5 * reach, y + 0.40 * droop - 0.08 * thick)
    canvas.fill([(x, y - 0.55 * thick), tip, middle, (x, y - 0.25 * thick)], snow=True)


def _pine(canvas: _Canvas, x: float, foot: float, tall: float, random: np.random.Generator) -> None:
    """A bare trunk that carries a loose crown of needle clouds on short boughs."""
    lean = float(random.normal(0, 0.03)) * tall
    _trunk(canvas, x, foot, tall * 0.97, lean, 0.018)
    crown = float(random.uniform(0.35, 0.6))
    for k in range(int(random.integers(7, 12))):
        up = 1 - crown * (1 - (k / 11) ** 0.8) * float(random.uniform(0.7, 1.0))
        half = tall * 0.085 * float(random.uniform(0.7, 1.25)) * (1.4 - up)
        away = float(random.uniform(-1, 1)) * tall * 0.13 * (1.15 - up) ** 0.5
        root, y = x + lean * up, foot - tall * up
        canvas.fill([(root, y + 0.10 * tall), (root + away, y), (root, y + 0.09 * tall)])
        _cloud(canvas, root + away, y, half, random)


def _cloud(canvas: _Canvas, x: float, y: float, half: float, random: np.random.Generator) -> None:
    """A clump of needles: ragged and rounded, flatter below."""
    for _ in range(8):
        cx = x + half * float(random.uniform(-0.75, 0.75))
        cy = y + half * float(random.uniform(-0.35, 0.2))
        r = half * float(random.uniform(0.25, 0.6))
        around = np.linspace(-0.4, np.pi + 0.4, 8)
        spiky = random.uniform(0.75, 1.15, 8)
        dome = [
            (cx + r * s * np.cos(a), cy - 0.8 * r * s * np.sin(a))
            for a, s in zip(around, spiky, strict=True)
        ]
        canvas.clear_snow(dome)
        canvas.fill(dome)
        cap = [(cx + 0.8 * r * np.cos(a), cy - 0.72 * r * np.sin(a)) for a in (0.7, 1.3, 1.9, 2.5)]
        canvas.fill(cap, snow=True)


def _dead(canvas: _Canvas, x: float, foot: float, tall: float, random: np.random.Generator) -> None:
    """A trunk with a broken top and stubs of boughs."""
    tall *= 0.75
    lean = float(random.normal(0, 0.05)) * tall
    _trunk(canvas, x, foot, tall, lean, 0.014)
    for _ in range(int(random.integers(4, 10))):
        up = float(random.uniform(0.3, 0.95))
        side = 1 if random.random() < 0.5 else -1
        reach = side * tall * float(random.uniform(0.03, 0.11))
        root = x + lean * up
        y = foot - tall * up
        rise = abs(reach) * float(random.uniform(-0.3, 0.6))
        canvas.fill([(root, y - 0.6), (root + reach, y - rise), (root, y + 0.6)])


def _trunk(canvas: _Canvas, x: float, foot: float, tall: float, lean: float, thick: float) -> None:
    half = max(0.35, thick * tall / 2)
    top = (x + lean, foot - tall)
    canvas.fill(
        [(top[0] - 0.3, top[1]), (top[0] + 0.3, top[1]), (x + half, foot), (x - half, foot)]
    )

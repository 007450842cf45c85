"""A skyline across a river: rows of buildings, from distant, hazy ones to those on the bank."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import cv2
import numpy as np

from ...drawing.colour import linear
from ...drawing.noise import Array, F, rng

_CROWNS: Final = ("#52c8ff", "#ff5fa8", "#ffb648", "#8f98ff", "#5affd0", "#ffffff", "#ffd890")
_WARM: Final = ("#ffb45e", "#ffc985", "#ffd9a3", "#ff9d4a")
_COOL: Final = ("#e9f1ff", "#cfe4ff", "#fff3dc", "#ffe6c0")


class FacadeStyle(NamedTuple):
    """The windows of a building. Pitches are in metres."""

    pitch: tuple[float, float]  # window spacing, horizontal and vertical
    fill: tuple[float, float]  # fraction of the pitch that is glass
    lit: float  # fraction of lit windows
    bright: float
    colours: tuple[str, ...]


#: Offices, apartments, hotels with tall windows, towers with few lights.
STYLES: Final = (
    FacadeStyle((3.6, 4.0), (0.78, 0.55), 0.40, 1.0, _COOL),
    FacadeStyle((4.6, 3.6), (0.45, 0.50), 0.34, 1.1, _WARM),
    FacadeStyle((3.0, 3.8), (0.62, 0.70), 0.45, 0.8, _WARM + _COOL),
    FacadeStyle((6.0, 4.2), (0.70, 0.45), 0.22, 1.2, _COOL),
)


def windows(
    width: int,
    height: int,
    scale: float,
    style: FacadeStyle,
    lit: float,
    random: np.random.Generator,
) -> tuple[Array, Array]:
    """Draw a facade's windows, ``width`` × ``height`` pixels at ``scale`` pixels per metre.

    ``lit`` scales the fraction of lit windows (fewer before nightfall). Returns the windows' light
    ``(height, width, 3)`` and their glass mask ``(height, width)``, 0 to 1.
    """
    column, across = _cells(width, scale * style.pitch[0], style.fill[0])
    row, down = _cells(height, scale * style.pitch[1], style.fill[1])
    count = (int(row[-1]) + 1, int(column[-1]) + 1)
    on = random.random(count) < style.lit * lit
    level = random.lognormal(-0.15, 0.6, count) * style.bright * on
    palette = np.array([linear(c) for c in style.colours])
    light = (
        palette[random.integers(len(palette), size=count)] * np.minimum(level, 3.5)[..., None]
    ).astype(F)
    glass = down[:, None] * across[None]
    return light[row[:, None], column[None]] * glass[..., None], glass


def _cells(size: int, pitch: float, fill: float) -> tuple[Array, Array]:
    """Return each pixel's cell, and how much of the pixel lies in the cell's window."""
    cells = max(1, round(size / pitch))
    x = (np.arange(size) + 0.5) / size * cells
    cell = np.minimum(x.astype(int), cells - 1)
    edge = 0.5 * cells / size
    inside = (fill / 2 - np.abs(x - cell - 0.5)) / (2 * edge) + 0.5
    return cell, np.clip(inside, 0, 1).astype(F)


@dataclass(frozen=True, slots=True)
class Daylight:
    """The remaining daylight and the haze. Colours are linear light."""

    lit: float  # fraction of lit windows relative to night
    facade: Array  # light reflected by a grey facade
    air: Array  # haze in front of distant buildings
    street: Array  # street light at the foot of the facades


def build_skyline(
    width: int, rows: int, focal: float, tallest: float, daylight: Daylight, seed: int
) -> tuple[Array, Array]:
    """Paint the skyline with its base on the last row; all sizes are in pixels.

    Returns premultiplied light ``(rows, width, 3)`` and alpha ``(rows, width)``.
    """
    fine = max(1, round(1500 / max(width, rows)))
    canvas = _Canvas(width * fine, rows * fine, focal * fine, tallest * fine, daylight, seed)
    for k, row in enumerate(_ROWS):
        canvas.row(k, row)
    light = cv2.resize(canvas.light, (width, rows), interpolation=cv2.INTER_AREA)
    return light, cv2.resize(canvas.cover, (width, rows), interpolation=cv2.INTER_AREA)


AWAY: Final = 640.0  # distance of the far bank in metres


class _Row(NamedTuple):
    away: float  # distance in metres
    height: float  # typical height relative to the tallest tower
    widths: tuple[float, float]  # narrowest and widest building, in metres
    gap: float  # mean gap, in metres
    haze: float


_ROWS: Final = (
    _Row(1900.0, 0.70, (30, 80), 4, 0.62),
    _Row(1250.0, 0.92, (26, 60), 8, 0.36),
    _Row(950.0, 1.00, (28, 62), 30, 0.18),
    _Row(760.0, 0.46, (24, 60), 14, 0.07),
    _Row(AWAY, 0.15, (22, 60), 9, 0.0),
)


class _Canvas:
    """The skyline being painted, supersampled."""

    def __init__(
        self, width: int, rows: int, focal: float, tallest: float, daylight: Daylight, seed: int
    ) -> None:
        self.light = np.zeros((rows, width, 3), F)
        self.cover = np.zeros((rows, width), F)
        self._focal, self._tallest, self._daylight = focal, tallest, daylight
        self._seed = seed
        random = self._random = rng(seed, 21)
        self._accents = [*random.choice(_CROWNS, 2, replace=False), "#ffe0b0", "#ffffff"]
        self._peaks = [(random.uniform(0.10, 0.90), random.uniform(0.06, 0.15)) for _ in range(3)]

    def row(self, k: int, row: _Row) -> None:
        scale = self._focal / row.away
        total, x = self.light.shape[1], -0.5 * row.widths[1] * scale
        for number in itertools.count():
            if x >= total:
                break
            # Each building has its own random stream, so that it is the same at every size.
            random = self._random = rng(self._seed, 21, k, number)
            width = random.uniform(*row.widths) * scale
            at = (x + width / 2) / total
            peak = max(math.exp(-(((at - top) / slope) ** 2)) for top, slope in self._peaks)
            level = random.uniform(0.55, 1.10) * (0.34 + 0.62 * peak if row.height > 0.2 else 0.8)
            self._build(row, x, width, max(self._tallest * row.height * level, 6 * scale))
            x += width + random.exponential(row.gap) * scale

    def _build(self, row: _Row, x: float, width: float, height: float) -> None:
        """Draw boxes on top of each other, each narrower, perhaps with a lit crown."""
        random = self._random
        tall = height > 0.58 * self._tallest
        if tall:
            width = min(width, 44 * self._focal / row.away)
        style, tint = STYLES[int(random.integers(len(STYLES)))], 0.75 + 0.5 * random.random()
        crown = linear(self._accents[int(random.integers(len(self._accents)))])
        crowned = (
            random.random() < 0.6 and height > 0.42 * self._tallest and self._daylight.lit > 0.3
        )
        bottom = 0.0
        for inset, top in self._steps(tall):
            left, right = x + inset * width, x + (1 - inset) * width
            light = crown if crowned and top == 1 else None
            self._box(row, style, tint, (left, right, bottom * height, top * height), light)
            bottom = top

    def _steps(self, tall: bool) -> list[tuple[float, float]]:
        """Return the inset and top of each box, upwards, as fractions of the building."""
        random = self._random
        if not tall and random.random() < 0.7:
            return [(0.0, 1.0)]
        inset = random.uniform(0.08, 0.20)
        steps = [(0.0, random.uniform(0.68, 0.84)), (inset, 0.93), (inset * 1.9, 1.0)]
        return steps if random.random() < 0.6 else [steps[0], (inset, 1.0)]

    def _box(
        self,
        row: _Row,
        style: FacadeStyle,
        tint: float,
        box: tuple[float, float, float, float],
        crown: Array | None,
    ) -> None:
        """Draw one box: left, right, bottom and top in pixels, measured up from the last row."""
        rows, total = self.cover.shape
        x0, x1, y1, y0 = round(box[0]), round(box[1]), rows - round(box[2]), rows - round(box[3])
        if x1 - x0 < 3 or y1 - y0 < 3 or x1 <= 0 or x0 >= total:
            return
        h, w, day, scale = y1 - y0, x1 - x0, self._daylight, self._focal / row.away
        light, glass = windows(w, h, scale, style, day.lit, self._random)
        up = ((rows - np.arange(y0, y1, dtype=F)) / F(scale))[:, None, None]
        front = day.facade * F(tint) * (1 - 0.5 * glass)[..., None] + light
        front += np.exp(-up / 22) * day.street
        front[:, : w // 5] *= 0.45  # the side wall
        if crown is not None:
            down = (np.arange(h, dtype=F) / F(scale))[:, None, None]
            front += crown * (0.9 * np.exp(-down / 14) + 0.7 * np.exp(-down / 1.5))
        # Haze is densest close to the ground.
        veil = row.haze + (1 - row.haze) * np.exp(-up / 70) * (0.12 + 0.5 * row.haze)
        front += (day.air - front) * veil
        a, b, top = max(x0, 0), min(x1, total), max(y0, 0)
        self.light[top:y1, a:b] = front[top - y0 :, a - x0 : w - (x1 - b)]
        self.cover[top:y1, a:b] = 1

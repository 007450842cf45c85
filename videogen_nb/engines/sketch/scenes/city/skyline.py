"""A skyline across a river: rows of buildings from the hazy far ones to those on the bank."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import cv2
import numpy as np

from ...noise import Array, F, linear, rng
from .facades import STYLES, FacadeStyle, windows

_CROWNS: Final = ("#52c8ff", "#ff5fa8", "#ffb648", "#8f98ff", "#5affd0", "#ffffff", "#ffd890")


@dataclass(frozen=True)
class Daylight:
    """How much daylight is left, and what the air looks like. Colours are linear light."""

    lit: float  # share of windows with light, against night
    facade: Array  # what a grey front sends back
    air: Array  # the haze before far buildings
    street: Array  # street light at the foot of the fronts


@dataclass
class Skyline:
    """``light``: premultiplied ``(rows, width, 3)``; ``cover``: ``(rows, width)``."""

    light: Array
    cover: Array
    beacons: list[tuple[float, float]] = field(default_factory=list)  # x, y in pixels


def build_skyline(
    width: int, rows: int, focal: float, tallest: float, daylight: Daylight, seed: int
) -> Skyline:
    """Paint it, its feet on the last row.

    Args:
        width, rows: the picture's, pixels.
        focal: pixels.
        tallest: of the highest tower, pixels.
    """
    fine = max(1, round(1500 / max(width, rows)))
    canvas = _Canvas(width * fine, rows * fine, focal * fine, tallest * fine, daylight, seed)
    for k, layer in enumerate(_LAYERS):
        canvas.layer(k, layer)
    size = (width, rows)
    light = cv2.resize(canvas.light, size, interpolation=cv2.INTER_AREA)
    cover = cv2.resize(canvas.cover, size, interpolation=cv2.INTER_AREA)
    return Skyline(light, cover, [(x / fine, y / fine) for x, y in canvas.beacons])


class _Layer(NamedTuple):
    away: float  # metres
    share: float  # of the tallest tower's height
    widths: tuple[float, float]  # metres
    gap: float  # metres, on the average
    haze: float


_LAYERS: Final = (
    _Layer(1900.0, 0.70, (30, 80), 4, 0.62),
    _Layer(1250.0, 0.92, (26, 60), 8, 0.36),
    _Layer(950.0, 1.00, (28, 62), 30, 0.18),
    _Layer(760.0, 0.46, (24, 60), 14, 0.07),
    _Layer(640.0, 0.15, (22, 60), 9, 0.0),
)


class _Block(NamedTuple):
    """A box of a building; pixels from the left, pixels up from the last row."""

    left: float
    right: float
    bottom: float
    top: float


class _Canvas:
    """The skyline while it is painted, finer than it will be."""

    def __init__(
        self, width: int, rows: int, focal: float, tallest: float, daylight: Daylight, seed: int
    ) -> None:
        self.light = np.zeros((rows, width, 3), F)
        self.cover = np.zeros((rows, width), F)
        self.beacons: list[tuple[float, float]] = []
        self._focal, self._tallest, self._daylight = focal, tallest, daylight
        self._seed = seed
        random = self._random = rng(seed, 21)
        self._accents = [*random.choice(_CROWNS, 2, replace=False), "#ffe0b0", "#ffffff"]
        self._peaks = [(random.uniform(0.10, 0.90), random.uniform(0.06, 0.15)) for _ in range(3)]

    def layer(self, k: int, layer: _Layer) -> None:
        scale = self._focal / layer.away
        total, x = self.light.shape[1], -0.5 * layer.widths[1] * scale
        for number in itertools.count():
            if x >= total:
                break
            # A stream of its own for each building: it is the same one at every size.
            random = self._random = rng(self._seed, 21, k, number)
            wide = random.uniform(*layer.widths) * scale
            share = random.uniform(0.55, 1.10) * self._envelope((x + wide / 2) / total)
            if layer.share < 0.2:
                share = random.uniform(0.45, 1.0)
            high = max(self._tallest * layer.share * share, 6 * scale)
            self._building(x, wide, high, scale, layer)
            x += wide + random.exponential(layer.gap) * scale

    def _envelope(self, x: float) -> float:
        return 0.34 + 0.62 * max(math.exp(-(((x - at) / wide) ** 2)) for at, wide in self._peaks)

    def _building(self, x: float, wide: float, high: float, scale: float, layer: _Layer) -> None:
        """Boxes on top of each other, each narrower, perhaps a lit crown and a spire."""
        random = self._random
        tall = high > 0.58 * self._tallest
        if tall:
            wide = min(wide, 44 * scale)
        style = STYLES[int(random.integers(len(STYLES)))]
        tint = 0.75 + 0.5 * random.random()
        side = random.uniform(0.12, 0.30) * math.copysign(1, self.light.shape[1] / 2 - x)
        crown = linear(self._accents[int(random.integers(len(self._accents)))])
        crowned = random.random() < 0.6 and high > 0.42 * self._tallest and self._daylight.lit > 0.3
        bottom = 0.0
        for inset, top in self._steps(tall):
            block = _Block(x + inset * wide, x + (1 - inset) * wide, bottom * high, top * high)
            light = crown if crowned and top == 1 else None
            self._block(block, scale, style, tint, side, layer.haze, light)
            bottom = top
        if tall and random.random() < 0.75:
            self._spire(x + wide / 2, high, wide, layer.haze)

    def _steps(self, tall: bool) -> list[tuple[float, float]]:
        """Inset and top of each box, in parts of the building, from the ground up."""
        random = self._random
        if not tall and random.random() < 0.7:
            return [(0.0, 1.0)]
        inset = random.uniform(0.08, 0.20)
        steps = [(0.0, random.uniform(0.68, 0.84)), (inset, 0.93), (inset * 1.9, 1.0)]
        return steps if random.random() < 0.6 else [steps[0], (inset, 1.0)]

    def _block(
        self,
        block: _Block,
        scale: float,
        style: FacadeStyle,
        tint: float,
        side: float,
        haze: float,
        crown: Array | None,
    ) -> None:
        rows, total = self.cover.shape
        x0, x1 = round(block.left), round(block.right)
        y0, y1 = rows - round(block.top), rows - round(block.bottom)
        if x1 - x0 < 3 or y1 - y0 < 3 or x1 <= 0 or x0 >= total:
            return
        h, w = y1 - y0, x1 - x0
        day = self._daylight
        light, glass = windows(w, h, scale, style, day.lit, self._random)
        up = ((rows - np.arange(y0, y1, dtype=F)) / F(scale))[:, None, None]
        front = day.facade * F(tint) * (1 - 0.5 * glass)[..., None] + light
        front += np.exp(-up / 22) * day.street
        front *= _shade(w, side)[None, :, None]
        if crown is not None:
            down = (np.arange(h, dtype=F) / F(scale))[:, None, None]
            front += crown * (0.9 * np.exp(-down / 14) + 0.7 * np.exp(-down / 1.5))
        # Haze is thickest close to the ground.
        veil = haze + (1 - haze) * np.exp(-up / 70) * (0.12 + 0.5 * haze)
        front += (day.air - front) * veil
        a, b, top = max(x0, 0), min(x1, total), max(y0, 0)
        self.light[top:y1, a:b] = front[top - y0 :, a - x0 : w - (x1 - b)]
        self.cover[top:y1, a:b] = 1

    def _spire(self, x: float, high: float, wide: float, haze: float) -> None:
        rows, total = self.cover.shape
        tip = high + wide * self._random.uniform(0.5, 1.3)
        y0, y1 = max(0, rows - round(tip)), rows - round(high)
        colour = self._daylight.facade * 0.8
        colour = colour + (self._daylight.air - colour) * haze
        for y in range(y0, y1):
            half = max(0.6, wide * 0.035 * (y - y0) / max(y1 - y0, 1))
            a, b = max(0, round(x - half)), max(0, min(total, round(x + half) + 1))
            self.light[y, a:b] = colour
            self.cover[y, a:b] = 1
        if 0 < x < total:
            self.beacons.append((x, float(y0)))


def _shade(width: int, side: float) -> Array:
    """The side wall, a share of the front's width at its right (> 0) or left, is darker."""
    shade = np.ones(width, F)
    split = round(width * abs(side))
    if side > 0:
        shade[width - split :] = 0.45
    else:
        shade[:split] = 0.45
    return shade

"""What a night sky holds beside single stars: the Milky Way and, now and then, a meteor."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...drawing.colour import linear
from ...drawing.compositing import grid
from ...drawing.noise import Array, F, fbm_tile, lookup, rng, smoothstep

_TILE = 512
#: Steepness, lowest and highest waves a tile of the noises.
_NOISES = ((3.0, 1, 200), (2.6, 2, 250), (2.3, 4, 250), (3.0, 2, 200))


class MilkyWay:
    """The band over a sky of ``columns`` by ``rows``.

    Attributes:
        light: ``(rows, columns, 3)`` linear light of all that is not a single star.
        density: ``(rows, columns)``, how thick stars stand.
    """

    def __init__(
        self, columns: int, rows: int, unit: float, colours: tuple[str, str, str], seed: int
    ) -> None:
        self._seed = seed
        x, y = grid(rows, columns)
        x, y = (x - F(columns / 2)) / F(unit), (y - F(rows / 2)) / F(unit)
        warp_x, warp_y = (self._noise(k, x, y, 0.30) * 0.020 for k in (0, 3))
        along, across = self._band_axes(x + warp_x, y + warp_y)
        broad = self._noise(1, x + 3 * warp_x, y + 3 * warp_y, 0.55)
        fine = self._noise(2, x, y, 1.1)
        wide = 0.105 + 0.045 * np.exp(-((along / 0.22) ** 2))
        lengthwise = 0.36 + 0.64 * np.exp(-((along / 0.42) ** 2))
        body = np.exp(-((across / wide) ** 2) * 1.1) * lengthwise
        dust = self._dust(along, across, x, y, broad, fine)
        clear = 1 - 0.84 * dust
        clouds = np.clip(0.62 + 0.30 * broad + 0.13 * fine, 0, 2)
        core = np.exp(-((across / 0.055) ** 2) - (along / 0.26) ** 2)
        knots = smoothstep(1.25, 2.6, self._noise(2, x + 0.2, y + 0.7, 0.62))
        arms, warm, gas = (linear(colour) for colour in colours)
        stars = body * clouds * clear
        light = (stars * 0.155)[..., None] * (arms + (warm - arms) * core[..., None])
        light += (core * clear * clouds * 0.085)[..., None] * warm
        light += (knots * body * clear * 0.075)[..., None] * gas
        light += (np.clip(body - 0.25, 0, 1) * dust)[..., None] * linear("#b06a4a", 0.020)
        self.light: Array = np.maximum(light, 0).astype(F)
        self.density: Array = stars.astype(F)

    def _band_axes(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Along the band from its core, and across it; the band bends a little."""
        random = rng(self._seed, 31)
        steep = float(random.uniform(48, 72))
        turn = math.radians(steep if self._seed % 2 else 180 - steep)
        x, y = x - F(random.uniform(-0.12, 0.12)), y - F(random.uniform(-0.03, 0.06))
        along = x * F(math.cos(turn)) + y * F(math.sin(turn))
        across = y * F(math.cos(turn)) - x * F(math.sin(turn))
        return along, across + 0.05 * along * along

    def _dust(
        self, along: Array, across: Array, x: Array, y: Array, broad: Array, fine: Array
    ) -> Array:
        """Dark lanes: one along the middle, and patches beside it."""
        middle = across - 0.012 * broad - 0.006
        lane = np.exp(-((middle / (0.034 + 0.014 * np.clip(fine, -1, 1))) ** 2))
        lane *= smoothstep(0.62, 0.10, np.abs(along))
        lane *= 0.85 + 0.55 * self._noise(0, x + 0.3, y, 0.9)
        patches = smoothstep(0.35, 1.5, self._noise(1, x + 0.37, y + 0.11, 0.85))
        patches = patches * np.exp(-((across / 0.10) ** 2))
        return np.clip(lane + 0.62 * patches, 0, 1)

    def _noise(self, kind: int, x: Array, y: Array, scale: float) -> Array:
        beta, lowest, highest = _NOISES[kind]
        tile = fbm_tile(_TILE, beta, rng(self._seed, 32, kind), lowest, highest)
        return lookup(tile, x * F(scale * _TILE), y * F(scale * _TILE))


_FLIGHT_S = 0.75
_GONE = 1.25  # flights until nothing is left
_PERIOD_S = 4.6


@dataclass(frozen=True, slots=True)
class _Meteor:
    start_s: float
    x: float
    y: float
    angle: float
    light: float


class Meteors:
    """A few over ``length_s`` seconds, in the upper part of a sky. Safe from several threads."""

    def __init__(
        self, width: int, rows: int, unit: float, random: np.random.Generator, length_s: float = 15
    ) -> None:
        self._unit = unit
        self._colour = linear("#dff0ff")
        count = math.ceil(length_s / _PERIOD_S)
        self._meteors = [self._one(k, width, rows, random) for k in range(count)]

    def over(self, sky: Array, t: float) -> None:
        """Adds those of instant ``t`` to ``sky`` in place."""
        for meteor in self._meteors:
            flown = (t - meteor.start_s) / _FLIGHT_S
            if 0 < flown < _GONE:
                self._draw(sky, meteor, flown)

    def _one(self, k: int, width: int, rows: int, random: np.random.Generator) -> _Meteor:
        start = k * _PERIOD_S + float(random.uniform(0.6, _PERIOD_S - 1.2))
        left = random.random() < 0.5
        x = float(random.uniform(0.12, 0.5) if left else random.uniform(0.5, 0.88)) * width
        angle = math.radians(float(random.uniform(16, 36)))
        angle = angle if left else math.pi - angle
        y = float(random.uniform(0.06, 0.34)) * rows
        return _Meteor(start, x, y, angle, float(random.uniform(0.5, 1.0)))

    def _draw(self, sky: Array, meteor: _Meteor, flown: float) -> None:
        path = 0.24 * self._unit * min(flown, 1)
        trail = 0.11 * self._unit * min(2 * flown, 1)
        c, s = math.cos(meteor.angle), math.sin(meteor.angle)
        head_x, head_y = meteor.x + c * path, meteor.y + s * path
        xs, ys = sorted((head_x, head_x - c * trail)), sorted((head_y, head_y - s * trail))
        x0, x1 = max(0, int(xs[0]) - 8), min(sky.shape[1], int(xs[1]) + 9)
        y0, y1 = max(0, int(ys[0]) - 8), min(sky.shape[0], int(ys[1]) + 9)
        if x1 <= x0 or y1 <= y0:
            return
        y, x = np.mgrid[y0:y1, x0:x1].astype(F)
        behind = (F(head_x) - x) * F(c) + (F(head_y) - y) * F(s)
        beside = (y - F(head_y)) * F(c) - (x - F(head_x)) * F(s)
        taper = np.clip(1 - behind / F(trail), 0, 1)
        scale = F(self._unit / 1280)
        bright = np.where(behind > 0, taper**1.7, np.exp(-((behind / (1.2 * scale)) ** 2)))
        bright *= np.exp(-((beside / ((0.55 + 0.5 * taper) * scale)) ** 2))
        fade = (1 - smoothstep(0.55, _GONE, flown)) * smoothstep(0, 0.15, flown)
        sky[y0:y1, x0:x1] += bright[..., None] * (self._colour * F(1.5 * meteor.light * fade))

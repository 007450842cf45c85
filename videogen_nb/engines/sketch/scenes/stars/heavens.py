"""What a night sky holds beside single stars: the Milky Way and, now and then, a meteor."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...drawing.colour import linear
from ...drawing.compositing import grid
from ...drawing.noise import Array, F, fbm_tile, lookup, rng, smoothstep
from ...drawing.points import add_spots

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
_TRAIL = 90  # spots
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
        """A string of spots, each smaller and dimmer than the one before it."""
        behind = np.linspace(0, 1, _TRAIL)
        far = 0.24 * min(flown, 1) - 0.11 * min(2 * flown, 1) * behind
        x = meteor.x + math.cos(meteor.angle) * self._unit * far
        y = meteor.y + math.sin(meteor.angle) * self._unit * far
        fade = (1 - smoothstep(0.55, _GONE, flown)) * smoothstep(0, 0.15, flown)
        bright = (1 - behind) ** 1.7 * (meteor.light * fade)
        sigma = (1.05 - 0.5 * behind) * self._unit / 1280
        add_spots(sky, x, y, sigma, bright[:, None] * self._colour)

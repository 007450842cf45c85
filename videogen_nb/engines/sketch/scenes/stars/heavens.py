"""The Milky Way, and an occasional meteor."""

from __future__ import annotations

import math

import numpy as np

from ...drawing.colour import linear
from ...drawing.compositing import grid
from ...drawing.noise import Array, F, fbm_tile, lookup, rng, smoothstep
from ...drawing.points import add_spots

_TILE = 512


class MilkyWay:
    """The Milky Way, ``columns`` × ``rows`` pixels; ``colours`` (sRGB) of its arms and core.

    Attributes:
        light: ``(rows, columns, 3)`` linear light of everything but the individual stars.
        density: ``(rows, columns)``, the relative density of stars.
    """

    def __init__(
        self, columns: int, rows: int, unit: float, colours: tuple[str, str], seed: int
    ) -> None:
        x, y = grid(rows, columns)
        x, y = (x - F(columns / 2)) / F(unit), (y - F(rows / 2)) / F(unit)

        def noise(part: int, scale: float) -> Array:
            tile = fbm_tile(_TILE, 2.7, rng(seed, 32, part), 2, 230)
            return lookup(tile, x * F(scale * _TILE), y * F(scale * _TILE))

        along, across = _band_axes(x + noise(0, 0.30) * 0.02, y + noise(1, 0.30) * 0.02, seed)
        broad, fine = noise(2, 0.55), noise(3, 1.1)
        width = 0.105 + 0.045 * np.exp(-((along / 0.22) ** 2))
        body = np.exp(-((across / width) ** 2) * 1.1)
        body *= 0.36 + 0.64 * np.exp(-((along / 0.42) ** 2))
        # dark lanes: one along the centre, and patches beside it
        lane = np.exp(-(((across - 0.012 * broad - 0.006) / (0.034 + 0.01 * np.tanh(fine))) ** 2))
        lane *= smoothstep(0.62, 0.10, np.abs(along)) * (0.85 + 0.55 * noise(4, 0.9))
        patches = smoothstep(0.35, 1.5, noise(5, 0.85)) * np.exp(-((across / 0.10) ** 2))
        clear = 1 - 0.84 * np.clip(lane + 0.62 * patches, 0, 1)
        stars = body * clear * np.clip(0.62 + 0.30 * broad + 0.13 * fine, 0, 2)
        core = np.exp(-((across / 0.055) ** 2) - (along / 0.26) ** 2)[..., None]
        arms, warm = (linear(colour) for colour in colours)
        light = stars[..., None] * ((arms + (warm - arms) * core) * 0.155 + core * warm * 0.085)
        self.light: Array = np.maximum(light, 0).astype(F)
        self.density: Array = stars.astype(F)


def _band_axes(x: Array, y: Array, seed: int) -> tuple[Array, Array]:
    """Return coordinates along the band from its core, and across it; the band bends slightly."""
    random = rng(seed, 31)
    steep = float(random.uniform(48, 72))
    turn = math.radians(steep if seed % 2 else 180 - steep)
    x, y = x - F(random.uniform(-0.12, 0.12)), y - F(random.uniform(-0.03, 0.06))
    along = x * F(math.cos(turn)) + y * F(math.sin(turn))
    across = y * F(math.cos(turn)) - x * F(math.sin(turn))
    return along, across + 0.05 * along * along


_FLIGHT_S = 0.75
_TRAIL = 90  # spots in a meteor's trail
_GONE = 1.25  # flight times until the trail has faded
_PERIOD_S = 4.6


def add_meteor(sky: Array, unit: float, seed: int, t: float) -> None:
    """Add the meteor at ``t`` seconds, if any: a string of spots that shrink and dim."""
    turn, age = divmod(t, _PERIOD_S)
    random = rng(seed, 70, int(turn))
    flown = (age - random.uniform(0.6, _PERIOD_S - 1.2)) / _FLIGHT_S
    if not 0 < flown < _GONE:
        return
    way = float(random.choice([-1, 1]))
    angle = math.radians(random.uniform(16, 36))
    behind = np.linspace(0, 1, _TRAIL)
    distance = unit * (0.24 * min(flown, 1) - 0.11 * min(2 * flown, 1) * behind)
    x = (0.5 - way * random.uniform(0, 0.38)) * sky.shape[1] + way * math.cos(angle) * distance
    y = random.uniform(0.06, 0.34) * sky.shape[0] + math.sin(angle) * distance
    fade = (1 - smoothstep(0.55, _GONE, flown)) * smoothstep(0, 0.15, flown)
    bright = (1 - behind) ** 1.7 * random.uniform(0.5, 1.0) * fade
    sigma = (1.05 - 0.5 * behind) * unit / 1280
    add_spots(sky, x, y, sigma, bright[:, None] * linear("#dff0ff"))

"""The beach: the rhythm of its breakers and washes, and its dry sand.

Distances are metres from the eye."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...drawing.colour import linear
from ...drawing.noise import Array, F, fbm_tile, lookup, rng, smoothstep
from .view import SeaLook, SeaView

_PULLED_BACK, _RUN_UP = 0.845, 0.955  # parts of the height between which the wash moves
_WASH_S = 6.4  # seconds from one wash to the same again; two take turns
_WASHES = 2
_BREAKER_S = 9.0
_BREAKERS = 3
_TILE = 512


@dataclass(frozen=True, slots=True)
class Wash:
    """A sheet of water running up the sand or back."""

    edge: Array  # (1, columns)
    run: float  # 0 pulled back, 1 furthest up
    fading: float  # of the foam left behind, as it runs back
    fresh: float  # of the foam at its edge


@dataclass(frozen=True, slots=True)
class Breaker:
    """A low wave on its way to the shore."""

    crest: Array  # (1, columns)
    breaking: Array  # (1, columns), 0–1
    age: float  # 0 rising, 1 spent
    strength: float


class Surf:
    """All waves of the shore as functions of time. Safe from several threads."""

    def __init__(self, view: SeaView, seed: int) -> None:
        self.rest = view.row_distance(_PULLED_BACK)
        self.highest = view.row_distance(_RUN_UP)
        self.reach = self.rest - self.highest
        self._phase = float(rng(seed, 22).uniform(0, 1))
        self._smooth = fbm_tile(_TILE, 4.2, rng(seed, 21), 1, 10)
        columns = np.arange(view.half_width) * 2 + 1 - view.width / 2
        self._along = columns / view.focal * self.rest
        bays = self._noise_along(34.0, 100, 0)
        tide = float(rng(seed, 29).uniform(-0.6, 0.9))
        self.bays = (bays - bays.mean() + F(tide)) * F(0.30 * self.reach)

    def swing(self, t: float) -> float:
        """The angle of the water's to and fro."""
        return 2 * math.pi * (t / _WASH_S + self._phase)

    def washes(self, t: float) -> list[Wash]:
        return [self._wash(k, t) for k in range(_WASHES)]

    def breakers(self, t: float) -> list[Breaker]:
        return [self._breaker(k, t) for k in range(_BREAKERS)]

    def _wash(self, k: int, t: float) -> Wash:
        phase = (t / _WASH_S + k / _WASHES + self._phase) % 1.0
        if phase < 0.46:
            run = math.sin(math.pi * phase / 0.92) ** 0.85
        else:
            run = math.cos(math.pi * (phase - 0.46) / 1.08) ** 1.6
        edge = self.rest + (0.12 - 1.05 * run * (1 - 0.10 * k)) * self.reach
        edge = edge + self.bays * (0.55 + 0.6 * run)
        edge += self._noise_along(17.0, 40 + 150 * k, t) * (0.13 * self.reach * (0.3 + run))
        edge += self._noise_along(6.5, 90 + 130 * k, t * 1.7) * (0.028 * self.reach)
        return Wash(
            edge.astype(F)[None],
            run,
            float(smoothstep(0.44, 0.9, phase)),
            float(smoothstep(0, 0.10, phase) * (1 - smoothstep(0.72, 1.0, phase))),
        )

    def _breaker(self, k: int, t: float) -> Breaker:
        turn = t / _BREAKER_S + k / _BREAKERS + self._phase
        age = turn % 1.0
        row = 37 * int(turn) + 90 * k  # each breaker has an outline of its own
        crest = self.rest + (3.6 - 3.5 * age) * self.reach + self.bays * 0.9
        crest = crest + self._noise_along(23.0, 200 + row, t) * (0.22 * self.reach)
        breaking = smoothstep(-0.2, 0.9, self._noise_along(11.0, 300 + row, 2 * t) + 0.5 * age)
        strength = math.sin(math.pi * age) ** 0.9 if age > 0 else 0.0
        return Breaker(crest.astype(F)[None], breaking.astype(F)[None], age, strength)

    def _noise_along(self, metres: float, row: int, t: float) -> Array:
        """Smooth noise ``(columns,)`` along the shore, drifting slowly with ``t``."""
        u = np.mod(self._along / metres + 0.013 * t, 1) * _TILE
        i = u.astype(int)
        f = u - i
        line = self._smooth[row % _TILE]
        return np.asarray(line[i % _TILE] * (1 - f) + line[(i + 1) % _TILE] * f, F)


def dry_sand(look: SeaLook, x: Array, away: Array, seed: int) -> Array:
    """Colours ``(h, w, 3)`` of the beach at places in metres: lit slopes, dim ones, and grain."""
    shade = np.ones_like(x)
    for part, (metres, beta, lowest, strength) in enumerate(
        ((7.0, 2.8, 5.0, 0.16), (2.3, 2.2, 5.0, 0.13), (1.1, 1.2, 20.0, 0.07))
    ):
        height = fbm_tile(_TILE, beta, rng(seed, 26, part), lowest, 150)
        slope = np.roll(height, -2, 0) - np.roll(height, 2, 0)
        slope *= F(strength) / slope.std()
        shade += lookup(slope, x * F(_TILE / metres), away * F(_TILE / metres))
    return np.asarray(np.maximum(shade, 0.35)[..., None] * linear(*look.dry_sand), F)

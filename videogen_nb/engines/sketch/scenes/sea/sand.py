"""Dry sand: dents and ripples in low light, grain, what the last tide left, and some pebbles."""

from __future__ import annotations

import numpy as np

from ...drawing.colour import linear
from ...drawing.noise import Array, F, fbm_tile, lookup, rng, smoothstep
from .looks import SeaLook
from .view import SeaView

_TILE = 512
_PEBBLES = 70


def dry_sand(view: SeaView, look: SeaLook, x: Array, away: Array, damp: Array, seed: int) -> Array:
    """Colours ``(h, w, 3)`` of the beach.

    ``x`` and ``away`` are metres, ``damp`` how far a pixel lies behind the highest wash.
    """
    sand = _relief(x, away, seed)[..., None] * linear(*look.dry_sand)
    sand *= (1 - _wrack(x, away, damp, seed) * 0.55)[..., None]
    _add_pebbles(sand, view, away, seed)
    return np.asarray(sand, F)


def _looked_up(tile: Array, x: Array, away: Array, metres: float) -> Array:
    return lookup(tile, x * F(_TILE / metres), away * F(_TILE / metres))


def _relief(x: Array, away: Array, seed: int) -> Array:
    """Brightness: slopes towards the light against slopes away from it, and grain."""
    shade = np.ones_like(x)
    for part, (metres, beta, lowest, strength) in enumerate(
        ((7.0, 2.8, 5.0, 0.16), (2.3, 2.2, 5.0, 0.13), (1.1, 1.2, 20.0, 0.07))
    ):
        height = fbm_tile(_TILE, beta, rng(seed, 26, part), lowest, 150)
        slope = np.roll(height, -2, 0) - np.roll(height, 2, 0)
        slope *= F(strength) / slope.std()
        shade += _looked_up(slope, x, away, metres)
    return np.maximum(shade, 0.35)


def _wrack(x: Array, away: Array, damp: Array, seed: int) -> Array:
    """A broken dark line where the highest wash dropped what it carried."""
    tile = fbm_tile(_TILE, 2.0, rng(seed, 27), 6, 120)
    place = damp + 0.16 + _looked_up(tile, x, away, 9.0) * 0.03
    line = np.exp(-((place / 0.035) ** 2))
    return np.asarray(line * smoothstep(-0.2, 1.2, _looked_up(tile, x, away, 3.0)), F)


def _add_pebbles(sand: Array, view: SeaView, away: Array, seed: int) -> None:
    """Pebbles and shells with a lit upper edge and a shadow towards the viewer."""
    random = rng(seed, 28)
    rows, columns = sand.shape[:2]
    for _ in range(_PEBBLES):
        row, column = int(random.integers(rows // 3, rows)), int(random.integers(columns))
        wide = float(random.uniform(0.012, 0.05)) * view.focal / float(away[row, 0])
        _blob(sand, column, row + 0.35 * wide, wide / 2, wide * 0.35, 0.55)
        _blob(sand, column, row, wide / 2, wide * 0.32, float(random.uniform(0.35, 1.9)))


def _blob(sand: Array, x: float, y: float, half_x: float, half_y: float, tone: float) -> None:
    r0, r1 = max(0, int(y - 3 * half_y - 1)), min(sand.shape[0], int(y + 3 * half_y + 2))
    c0, c1 = max(0, int(x - 3 * half_x - 1)), min(sand.shape[1], int(x + 3 * half_x + 2))
    yy, xx = np.mgrid[r0:r1, c0:c1].astype(F)
    inside = ((xx - F(x)) / F(half_x + 0.3)) ** 2 + ((yy - F(y)) / F(half_y + 0.3)) ** 2
    sand[r0:r1, c0:c1] *= 1 + smoothstep(1.5, 0.6, inside)[..., None] * F(tone - 1)

"""The clear sky: colours from the zenith to the horizon, light around a place, sun and moon."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..drawing.colour import Light, gradient, linear
from ..drawing.compositing import grid
from ..drawing.noise import Array, F, fbm_tile, lookup, rng, smoothstep


def clear_sky(stops: str, rows: int, columns: int, horizon: float, power: float = 1.0) -> Array:
    """Colours from the top (0) to row ``horizon`` (1): ``(rows, columns, 3)`` linear light."""
    _, y = grid(rows, 1)
    return np.repeat(gradient(stops, y / F(horizon)) * F(power), columns, 1)


def away_from(sky: Array, x: float, y: float, wide: float = 1.0) -> Array:
    """How far each pixel is from (x, y), in heights of the image, counting ``wide`` across."""
    across, down = grid(*sky.shape[:2])
    return np.hypot((across - F(x)) * F(wide), down - F(y)) / F(len(sky))


def add_glow(sky: Array, away: Array, light: Light, reaches: Sequence[tuple[float, float]]) -> None:
    """Add light that falls off with the distance ``away``: (reach, share) each, in place."""
    total = sum(np.exp(-away / F(reach)) * F(share) for reach, share in reaches)
    sky += np.asarray(total, F)[..., None] * linear(*light)


def orb(rows: int, columns: int, x: float, y: float, radius: float, moon: int | None) -> Array:
    """The disc of the sun, or of the moon of a seed with its dark plains: ``(rows, columns)``."""
    across, down = grid(rows, columns)
    dx, dy = (across - F(x)) / F(radius), (down - F(y)) / F(radius)
    away = np.hypot(dx, dy)
    disc = np.clip((1 - away) * F(radius) + 0.5, 0, 1)
    if moon is not None:
        tile = fbm_tile(128, 3.2, rng(moon, 41), 1, 20)
        plains = smoothstep(-0.3, 1.2, lookup(tile, dx * 26 + 64, dy * 26 + 64))
        rim = np.clip(1 - away * away, 0, 1) ** 0.3
        disc *= (1 - 0.42 * plains) * (0.55 + 0.45 * rim)
    return np.asarray(disc, F)

"""What stands below a starry sky: mountains or hills, woods, mist, and for some a lit tent."""

from __future__ import annotations

import numpy as np

from ...drawing.colour import linear
from ...drawing.noise import F, rng
from ...layers.land import Land, Landscape, Tone
from .looks import StarLook


def night_land(
    columns: int, rows: int, unit: float, look: StarLook, snowy: bool, seed: int
) -> Land:
    """The land of a look; ``rows`` is the horizon's."""
    land = Landscape(columns, rows, unit)
    rock, snow = Tone(linear(look.rock, 0.9)), Tone(linear(look.snow, 0.8))
    if look.massif:
        side = 1.0 if seed % 2 else -1.0
        land.add_mountains(look.massif, rock, snow, Tone(linear(look.air)), side, seed)
    else:
        _add_hills(land, look, seed)
    land.add_mist(0.035, 0.6, Tone(linear(look.mist, 0.55)))
    needles = Tone(linear(look.needles))
    shore = Tone(linear(look.snow, 0.16)) if snowy else Tone(needles.own * 1.5)
    land.add_hills(0.0035, 0.007, 2.2, shore, rng(seed, 82))
    for part, growth in enumerate(look.woods):
        laden = Tone(linear(look.snow, 0.24)) if snowy else None
        land.add_wood(growth, needles, laden, seed * 7 + part)
    if look.camp:
        _add_tent(land, rng(seed, 85))
    return land.finished()


def _add_hills(land: Landscape, look: StarLook, seed: int) -> None:
    """Three lines, each nearer one lower and darker, with mist between."""
    random = rng(seed, 81)
    far, near = linear(look.rock, 0.9), linear(look.needles, 2.0)
    for base, tall, rough, nearness, mist in (
        (0.020, 0.075, 2.5, 0.0, 0.45),
        (0.010, 0.045, 2.3, 0.45, 0.35),
        (0.004, 0.022, 2.1, 0.8, 0.15),
    ):
        land.add_hills(base, tall, rough, Tone(far + (near - far) * F(nearness)), random)
        land.add_mist(0.6 * tall, mist, Tone(linear(look.mist, 0.35)))


def _add_tent(land: Landscape, random: np.random.Generator) -> None:
    """A tent lit from within, at the water's edge, and its glow on what is around."""
    x, size = land.columns * random.uniform(0.38, 0.62), 0.0145 * land.unit
    rows = int(5 * size)
    up = (rows - np.arange(rows, dtype=F) - 0.5)[:, None] / F(size)
    across = (np.arange(land.columns, dtype=F)[None] + F(0.5 - x)) / F(size)
    glow = np.exp(-(across**2 + (up - 0.4) ** 2) / F(1.7**2)) * 0.30
    land.lay(glow, Tone(linear("#ff9a48", 0.25)).channels())
    edge = np.clip(1 - up, 0, 1) ** 0.9
    cover = np.clip((edge - np.abs(across)) * F(size) + 0.5, 0, 1) * (up < 1)
    # brightest low in the middle, where the lamp is
    lamp = np.exp(-(((across - 0.1) / 0.8) ** 2) - ((up - 0.3) / 0.55) ** 2)
    land.lay(cover.astype(F), lamp[..., None] * Tone(linear("#ffb050", 0.8)).channels())

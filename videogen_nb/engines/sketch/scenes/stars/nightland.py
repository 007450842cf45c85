"""What stands below a starry sky: mountains or hills, woods, mist, and for some a lit tent."""

from __future__ import annotations

import numpy as np

from ...noise import Array, F, linear, rng
from ..land import Land, Landscape, Tone
from ..terrain import mountains
from ..trees import wood
from .looks import StarLook


def night_land(
    columns: int, rows: int, unit: float, look: StarLook, snowy: bool, seed: int
) -> Land:
    """The land of a look; ``rows`` is the horizon's."""
    land = Landscape(columns, rows, unit)
    rock, snow = Tone(linear(look.rock) * F(0.9)), Tone(linear(look.snow) * F(0.8))
    air = Tone(linear(look.air))
    if look.massif:
        seen = mountains(columns, rows, unit, look.massif, 1.0 if seed % 2 else -1.0, seed)
        land.add_mountains(seen, rock, snow, air)
    if look.hills:
        _add_hills(land, look, seed)
    land.add_mist(0.035, 0.6, Tone(linear(look.mist) * F(0.55)))
    needles = Tone(linear(look.needles))
    shore = Tone(linear(look.snow) * F(0.16)) if snowy else Tone(needles.own * F(1.5))
    land.add_hills(0.0035, 0.007, 2.2, shore, rng(seed, 82))
    for part, growth in enumerate(look.woods):
        trees = wood(columns, unit, growth, rng(seed, 80, part))
        land.add_wood(trees, needles, Tone(linear(look.snow) * F(0.24)) if snowy else None)
    if look.camp:
        _add_tent(land, rng(seed, 85))
    return land.finished()


def _add_hills(land: Landscape, look: StarLook, seed: int) -> None:
    """Three lines, each nearer one lower and darker, with mist between."""
    random = rng(seed, 81)
    far, near = linear(look.rock) * F(0.9), linear(look.needles) * F(2.0)
    for base, tall, rough, nearness, mist in (
        (0.020, 0.075, 2.5, 0.0, 0.45),
        (0.010, 0.045, 2.3, 0.45, 0.35),
        (0.004, 0.022, 2.1, 0.8, 0.15),
    ):
        tone = far + (near - far) * F(nearness)
        land.add_hills(base, tall, rough, Tone(tone), random)
        land.add_mist(0.6 * tall, mist, Tone(linear(look.mist) * F(0.35)))


def _add_tent(land: Landscape, random: np.random.Generator) -> None:
    """A tent lit from within, at the water's edge, and its glow on what is around."""
    x = land.columns * float(random.uniform(0.38, 0.62))
    half, tall = 0.0145 * land.unit, 0.0145 * land.unit
    rows = int(5 * tall)
    up = (rows - np.arange(rows, dtype=F) - F(0.5))[:, None]
    across = np.arange(land.columns, dtype=F)[None] + F(0.5) - F(x)
    glow = np.exp(-(across**2 + (up - F(0.4 * tall)) ** 2) / F((1.7 * tall) ** 2)) * F(0.30)
    land.lay(glow, Tone(linear("#ff9a48") * F(0.25)).channels())
    edge = F(half) * np.clip(1 - up / F(tall), 0, 1) ** F(0.9)
    cover = np.clip(edge - np.abs(across) + F(0.5), 0, 1) * (up < tall)
    warm = _lit_cloth(across / F(half), up / F(tall))
    land.lay(cover.astype(F), np.concatenate([warm, np.zeros_like(warm[..., :1])], 2))


def _lit_cloth(x: Array, up: Array) -> Array:
    """Brightest low in the middle, where the lamp is; a seam runs up the front."""
    lamp = np.exp(-(((x - F(0.1)) / F(0.8)) ** 2) - ((up - F(0.3)) / F(0.55)) ** 2)
    seam = 1 - F(0.55) * np.exp(-(((x + F(0.05)) / F(0.07)) ** 2))
    return np.asarray((lamp * seam)[..., None] * (linear("#ffb050") * F(0.8)), F)

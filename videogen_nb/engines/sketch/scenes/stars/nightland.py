"""The look of a starry night, and what stands below it: mountains or hills, woods and mist."""

from __future__ import annotations

from dataclasses import dataclass

from ...drawing.colour import Light, linear, load_looks
from ...drawing.noise import F, rng
from ...layers.land import Growth, Land, Landscape, Massif, Tone


@dataclass(frozen=True, slots=True)
class StarLook:
    """Colours are sRGB; the sky's stops run from the zenith (0) to the horizon (1)."""

    sky: str
    glow: Light  # along the horizon: a far town, or the last of the day
    band: tuple[str, str, str]  # the Milky Way's arms, its core, its glowing gas
    rock: str
    snow: str
    air: str
    needles: str
    water: str
    mist: str
    woods: tuple[Growth, ...]
    massif: Massif | None = None  # hills where there is none


LOOKS = load_looks(StarLook, __package__)


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

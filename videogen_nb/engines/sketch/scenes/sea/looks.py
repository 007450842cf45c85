"""The colours of the sea by the hour: each a table of what the sky, water and shore are made of."""

from __future__ import annotations

from dataclasses import dataclass

from ...drawing.colour import Light, load_looks


@dataclass(frozen=True, slots=True)
class SeaLook:
    """Colours are sRGB; the sky's stops run over the height above the horizon, the clouds' over the
    distance to the sun, both in units."""

    hour: str
    sky: str
    sun: tuple[str, float, float]  # colour, strength, radius in units
    glow: tuple[tuple[str, float, float], ...]  # colour, strength, reach in units
    band: Light  # light along the horizon
    cloud_lit: str
    cloud_dark: str
    cloud_glow: float  # how much clouds shine close to the sun
    deep: Light
    shallow: Light
    glint: Light
    dry_sand: Light
    wet_sand: Light
    foam: Light
    land: Light
    sail: Light
    exposure: float = 1.0
    stars: float = 0.0


LOOKS = load_looks(SeaLook, __package__)

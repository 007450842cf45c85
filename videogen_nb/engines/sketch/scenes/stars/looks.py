"""The colours of starry nights, and what stands below them."""

from __future__ import annotations

from dataclasses import dataclass

from ...drawing.colour import Light, load_looks
from ...layers.land import Growth, Massif


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
    camp: bool = False


LOOKS = load_looks(StarLook, __package__)

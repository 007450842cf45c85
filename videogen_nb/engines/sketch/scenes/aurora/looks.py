"""The colours of northern lights, their curtains, and the winter land below."""

from __future__ import annotations

from dataclasses import dataclass

from ...drawing.colour import Light, load_looks
from ...layers.land import Growth, Massif
from .curtains import CurtainLook


@dataclass(frozen=True, slots=True)
class AuroraLook:
    """Colours are sRGB; the sky's stops run from the zenith (0) to the horizon (1)."""

    sky: str
    edge: Light
    body: Light
    tops: Light
    curtains: tuple[CurtainLook, ...]
    massif: Massif
    woods: tuple[Growth, ...]
    on_land: tuple[float, float, float] = (1.0, 1.0, 1.0)  # of the three lights, on the snow


LOOKS = load_looks(AuroraLook, __package__)

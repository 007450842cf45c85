"""The colours of northern lights, their curtains, and the winter land below."""

from __future__ import annotations

from dataclasses import dataclass

from ...drawing.colour import Light
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


_GREEN = AuroraLook(
    sky="#030a1a, #07182e 50%, #0c2c40 85%, #1a4a50",
    edge=("#c8ffb0", 0.35), body=("#2cff8c", 1.0), tops=("#8a4cff", 0.55),
    curtains=(
        CurtainLook(0.11, 0.03, 0.06, 1.7, 0.10, 0.012, 0.22, 0.1, 0.7),
        CurtainLook(0.165, -0.05, 0.11, 1.7, 0.20, 0.050, 0.50, -0.05),
    ),
    massif=Massif(1.7, (0.85, 0.6, 0.35, 0.55, 0.9, 0.7), 0.0),
    woods=(Growth(120, 0.018, 0.8, 0.8, (0.5, 0.1)), Growth(30, 0.055, 0.9, 1.2, (0.5, 0.3))),
)  # fmt: skip
_MAGENTA = AuroraLook(
    sky="#0a0620, #14103a 50%, #22224e 85%, #3c3a66",
    edge=("#ff70b8", 0.40), body=("#38ff98", 0.62), tops=("#ff2a9c", 1.0),
    curtains=(
        CurtainLook(0.10, -0.02, 0.06, 1.7, 0.09, 0.012, 0.16, 0.0, 0.7),
        CurtainLook(0.165, 0.06, 0.13, 1.5, 0.24, 0.060, 0.36, 0.05),
    ),
    massif=Massif(1.9, (0.35, 0.5, 0.95, 0.8, 0.45, 0.5), 0.0),
    woods=(Growth(170, 0.020, 0.5, 1.6, (0.5, 0.22)),),
    on_land=(1.3, 0.40, 1.0),
)  # fmt: skip
_TEAL = AuroraLook(
    sky="#021018, #052430 50%, #0a3c46 85%, #1c5c5c",
    edge=("#e0ffd0", 0.30), body=("#20f0c8", 0.85), tops=("#5c4cff", 0.8),
    curtains=(
        CurtainLook(0.12, 0.05, 0.07, 1.7, 0.13, 0.016, 0.28, 0.1, 0.8),
        CurtainLook(0.19, 0.12, 0.14, 1.4, 0.30, 0.070, 0.62, -0.12, 1.1),
    ),
    massif=Massif(1.5, (0.2, 0.3, 0.4, 0.6, 0.9, 1.0), 0.0),
    woods=(Growth(110, 0.024, 0.9, 0.8, (0.42, 0.16)), Growth(24, 0.075, 1.0, 0.7, (0.62, 0.36))),
)  # fmt: skip
LOOKS = (_GREEN, _MAGENTA, _TEAL)

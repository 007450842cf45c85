"""The light of the day over a city."""

from __future__ import annotations

from dataclasses import dataclass

from ...drawing.colour import Light
from ...mood import Daytime


@dataclass(frozen=True, slots=True)
class CityLook:
    """Colours (sRGB) from the top down to the roofs, and how bright things are in that light."""

    sky: str
    level: float
    lit: float  # share of windows with light, against night
    facade: float  # what a grey front sends back
    street: float  # street light at the foot of the fronts
    cloud: Light
    haze: float = 0.9  # brightness of the air before far buildings

    @property
    def night(self) -> bool:
        """Whether lamps are lit."""
        return self.lit > 0.3


LOOKS: dict[Daytime, tuple[CityLook, ...]] = {
    "night": (
        CityLook(
            "#070f28, #13244e 45%, #2e3f70 80%, #64586c", 1.0, 1.0, 0.22, 0.16, ("#8a7a86", 0.28)
        ),
        CityLook(
            "#0c0a2a, #241c52 40%, #53306c 75%, #96566a", 1.0, 1.0, 0.18, 0.16, ("#b0708c", 0.30)
        ),
        CityLook(
            "#0a1c46, #1f447e 45%, #4c78a4 80%, #b0988e", 1.0, 0.9, 0.24, 0.14, ("#c8a0a8", 0.36)
        ),
    ),
    "dusk": (
        CityLook(
            "#1b2a5e, #5a4a86 40%, #c86a78 70%, #f49a5c 90%, #ffc070",
            *(1.2, 0.65, 0.10, 0.12, ("#ff9a80", 0.8), 0.38),
        ),
    ),
    "day": (
        CityLook(
            "#3f7cc4, #86b4e0 50%, #c6dcee 85%, #e6ecec",
            *(1.15, 0.05, 0.42, 0.0, ("#ffffff", 1.1), 0.75),
        ),
    ),
}

"""The light of the day over a city."""

from __future__ import annotations

from dataclasses import dataclass

from ...drawing.colour import Light, load_looks


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


LOOKS = load_looks(CityLook, __package__)

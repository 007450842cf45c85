"""The hours of a winter day: colours of sky, snow, wood and air."""

from __future__ import annotations

from dataclasses import dataclass

from ...drawing.colour import Light, load_looks
from ...mood import Daytime


@dataclass(frozen=True, slots=True)
class WinterLook:
    """One hour's colours (sRGB).

    ``toward`` points to the light with x to the right, y up, z away from the eye; a seed may
    mirror it. ``reach`` is after how many metres the falling snow has hidden two thirds, ``lamp``
    the brightness of a lit window.
    """

    sky: str
    glow: Light
    sun: Light
    fill: Light
    air: Light
    reach: float
    toward: tuple[float, float, float]
    lamp: float
    night: bool = False  # then there is always a lit cabin
    exposure: float = 1.0


LOOKS = load_looks(WinterLook, __package__)
#: Where no hour is said, seeds in turn have
TURNS: tuple[Daytime, ...] = ("dusk", "night", "day")

"""The hours among mountains: colours of sky, light, distance and mist."""

from __future__ import annotations

from dataclasses import dataclass

from ...drawing.colour import Light, load_looks


@dataclass(frozen=True, slots=True)
class MountainLook:
    """One hour's colours (sRGB).

    ``toward`` points to the light with x to the right, y up, z away from the eye; a seed may
    mirror it. ``orb`` is the brightness of the sun's or moon's disc and how far it stands on the
    way from the horizon to the top. ``blue`` is how much air is in a kilometre; ``shadows`` how
    dark the clouds' shadows are.
    """

    sky: str
    sun: Light
    fill: Light
    air: str
    blue: float
    mist: tuple[str, str, float]  # in the shade, in the light, power
    glow: Light
    veil: Light
    toward: tuple[float, float, float]
    orb: tuple[float, float] = (0.0, 0.3)
    shadows: float = 0.4
    stars: bool = False
    exposure: float = 1.0


LOOKS = load_looks(MountainLook, __package__)

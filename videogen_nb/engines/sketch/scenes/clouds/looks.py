"""The hours at which the sky is painted: colours of the air, of the light and of the land."""

from __future__ import annotations

from dataclasses import dataclass

from ...drawing.colour import Light, load_looks


@dataclass(frozen=True, slots=True)
class SkyLook:
    """One hour's colours (sRGB) and where its light comes from.

    ``toward`` points to the sun or moon with x to the right; a seed may mirror it. ``glow`` is
    the light around the place on the horizon above which it stands.
    """

    sky: str
    sun: Light
    fill: Light
    air: str
    glow: Light
    veil: Light
    land: tuple[str, str]
    toward: tuple[float, float, float]
    moon: bool = False  # it and the stars are seen
    exposure: float = 1.0


LOOKS = load_looks(SkyLook, __package__)

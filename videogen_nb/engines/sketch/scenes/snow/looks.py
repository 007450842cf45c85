"""The hours of a winter day: colours of sky, snow, wood and air."""

from __future__ import annotations

from dataclasses import dataclass

from ...drawing.colour import Light
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


LOOKS: dict[Daytime, tuple[WinterLook, ...]] = {
    "day": (
        WinterLook(
            sky="#8fa9c6, #c3d0de 60%, #e4e6e8", glow=("#fff6e4", 0.3), sun=("#fff0d8", 0.62),
            fill=("#a8c0e4", 0.62), air=("#ccd8e4", 0.92), reach=105, toward=(-0.75, 0.42, 0.25),
            lamp=2.2, exposure=1.15,
        ),
        WinterLook(
            sky="#5f92cc, #a4c6e6 60%, #e6ecee", glow=("#fff2d8", 0.5), sun=("#fff0d0", 0.85),
            fill=("#8fb2ea", 0.52), air=("#c4d8ec", 0.9), reach=150, toward=(-0.8, 0.34, 0.30),
            lamp=2.0, exposure=1.12,
        ),
    ),
    "dusk": (
        WinterLook(
            sky="#3c4a80, #8a78a8 50%, #e0a0a0 82%, #ffc89a", glow=("#ffb070", 0.6),
            sun=("#ffa878", 0.50), fill=("#7c86cc", 0.46), air=("#c49ab0", 0.62), reach=110,
            toward=(-0.8, 0.20, 0.45), lamp=4.2,
        ),
        WinterLook(
            sky="#2c4a78, #6f8cb4 50%, #d8b0a8 82%, #ffd8a0", glow=("#ffc880", 0.65),
            sun=("#ffba80", 0.5), fill=("#6c8ccc", 0.46), air=("#b0a4b8", 0.62), reach=120,
            toward=(-0.8, 0.22, 0.45), lamp=4.2,
        ),
    ),
    "night": (
        WinterLook(
            sky="#060c22, #142a52 60%, #2c4a74", glow=("#6c90c0", 0.06), sun=("#b4ccff", 0.17),
            fill=("#4468b0", 0.115), air=("#284672", 0.75), reach=95, toward=(-0.6, 0.55, 0.25),
            lamp=4.5, night=True, exposure=1.25,
        ),
        WinterLook(
            sky="#080a20, #1e2650 60%, #3c4474", glow=("#7c84c0", 0.06), sun=("#c0c8ff", 0.16),
            fill=("#5060b0", 0.115), air=("#343e70", 0.72), reach=95, toward=(-0.65, 0.5, 0.25),
            lamp=4.5, night=True, exposure=1.25,
        ),
    ),
}  # fmt: skip
#: Where no hour is said, seeds in turn have
TURNS: tuple[Daytime, ...] = ("dusk", "night", "day")

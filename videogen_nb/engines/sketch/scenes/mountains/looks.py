"""The hours among mountains: colours of sky, light, distance and mist."""

from __future__ import annotations

from dataclasses import dataclass

from ...drawing.colour import Light
from ...mood import Daytime


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


LOOKS: dict[Daytime, tuple[MountainLook, ...]] = {
    "day": (
        MountainLook(
            sky="#4f86c4, #97bfe0 45%, #dfe6e4 80%, #f6e8d0",
            sun=("#ffe2b4", 2.0), fill=("#8fb0dc", 0.62), air="#a9c2dc", blue=0.050,
            mist=("#b8c8da", "#fff0d6", 0.78), glow=("#ffe6b8", 0.50), veil=("#ffffff", 0.9),
            toward=(-0.78, 0.42, 0.20),
        ),
        MountainLook(
            sky="#5a86b4, #a8bcc8 40%, #f0d4a8 75%, #ffcf8a",
            sun=("#ffc680", 2.1), fill=("#8c9fc4", 0.58), air="#c4b4ac", blue=0.048,
            mist=("#b4b4c0", "#ffdca4", 0.80), glow=("#ffcf86", 0.85), veil=("#fff0dc", 0.85),
            toward=(-0.55, 0.26, 0.62), orb=(7.0, 0.30),
        ),
        MountainLook(
            sky="#7fa4b8, #b4ccd2 50%, #dfe6e0 85%, #e8e8dc",
            sun=("#fff0d8", 1.35), fill=("#9cbcc8", 0.72), air="#a4bec4", blue=0.085,
            mist=("#bccdd0", "#f2f2e8", 0.80), glow=("#fff4e0", 0.35), veil=("#f4f8f8", 0.85),
            toward=(-0.70, 0.5, 0.30),
        ),
    ),
    "dusk": (
        MountainLook(
            sky="#2c3f7c, #7a6aa0 35%, #e08a84 65%, #ffb070 90%, #ffcb80",
            sun=("#ff9a5a", 1.7), fill=("#6f78b8", 0.48), air="#a878a0", blue=0.055,
            mist=("#7c78a8", "#ffae80", 0.62), glow=("#ff9a50", 0.95), veil=("#ff9a84", 0.85),
            toward=(-0.50, 0.15, 0.70), orb=(8.0, 0.16), shadows=0.3,
        ),
        MountainLook(
            sky="#2f3468, #6f5a92 35%, #c47a94 65%, #f89a86 90%, #ffab80",
            sun=("#ff9a80", 1.6), fill=("#6c68b4", 0.48), air="#8c7098", blue=0.050,
            mist=("#76689c", "#ff9c98", 0.60), glow=("#ff8a66", 0.85), veil=("#ff84a0", 0.85),
            toward=(-0.82, 0.24, 0.05), orb=(0.0, 0.1), shadows=0.3,
        ),
    ),
    "night": (
        MountainLook(
            sky="#050a20, #0e2148 45%, #24446c 85%, #3a5f84",
            sun=("#c0d4ff", 0.62), fill=("#40609c", 0.20), air="#2a4a74", blue=0.042,
            mist=("#2f4a70", "#7f9cc4", 0.50), glow=("#88a8d8", 0.10), veil=("#90a8d8", 0.14),
            toward=(-0.62, 0.55, 0.35), orb=(2.2, 0.72), stars=True, exposure=1.3,
        ),
        MountainLook(
            sky="#07081e, #161b46 45%, #32406c 85%, #4c5a80",
            sun=("#ccd2ff", 0.60), fill=("#4c58a0", 0.20), air="#38426c", blue=0.042,
            mist=("#383e6c", "#8a90c4", 0.50), glow=("#98a0d8", 0.10), veil=("#9ca4d8", 0.14),
            toward=(-0.70, 0.5, 0.30), orb=(2.2, 0.68), stars=True, exposure=1.3,
        ),
    ),
}  # fmt: skip

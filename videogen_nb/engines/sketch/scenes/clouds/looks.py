"""The hours at which the sky is painted: colours of the air, of the light and of the land."""

from __future__ import annotations

from dataclasses import dataclass

from ...drawing.colour import Light
from ...mood import Daytime


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


LOOKS: dict[Daytime, tuple[SkyLook, ...]] = {
    "day": (
        SkyLook(
            sky="#1c57ab, #3f8ad2 40%, #7fb9e6 75%, #cfe6f2", sun=("#fff2de", 1.50),
            fill=("#7aa6e8", 0.95), air="#a9cfea", glow=("#fff2d8", 0.25), veil=("#ffffff", 0.9),
            land=("#5d8a3a", "#2f5a34"), toward=(-0.6, 0.6, 0.55),
        ),
        SkyLook(
            sky="#1a62ac, #459fd6 45%, #9bd3ea 80%, #e6f1ea", sun=("#fff0d2", 1.55),
            fill=("#84b4e4", 0.92), air="#c3deea", glow=("#fff0c8", 0.45), veil=("#fffaf0", 0.9),
            land=("#8a9a3e", "#456b3a"), toward=(-0.75, 0.40, 0.55),
        ),
        SkyLook(
            sky="#2a529c, #4f84c4 40%, #9dbfe0 75%, #f2e3cc", sun=("#ffe6bc", 1.60),
            fill=("#8aa6dc", 0.85), air="#d6d6dc", glow=("#ffe2ac", 0.65), veil=("#fff4e4", 0.9),
            land=("#a08a3c", "#5b6a34"), toward=(-0.85, 0.28, 0.50),
        ),
    ),
    "dusk": (
        SkyLook(
            sky="#233068, #5a4f92 35%, #c4708e 62%, #ff9a62 85%, #ffc36e", sun=("#ff9a5c", 1.75),
            fill=("#6a62b0", 0.72), air="#f08c74", glow=("#ffb054", 0.95), veil=("#ff9e88", 0.9),
            land=("#4a3348", "#2a2038"), toward=(-0.86, 0.16, 0.42),
        ),
        SkyLook(
            sky="#1c3f74, #4a78a4 35%, #b0a8b4 62%, #f4b088 85%, #ffd59a", sun=("#ffae74", 1.65),
            fill=("#7080bc", 0.72), air="#f0b498", glow=("#ffcc80", 0.9), veil=("#ffc0a0", 0.9),
            land=("#4c4844", "#2c2f3a"), toward=(-0.86, 0.18, 0.42),
        ),
        SkyLook(
            sky="#2a2250, #6a3f7c 35%, #c8587c 62%, #f8786a 85%, #ffb07a", sun=("#ff8668", 1.75),
            fill=("#6c58a8", 0.72), air="#d8708a", glow=("#ff9a66", 0.9), veil=("#ff86a0", 0.9),
            land=("#43283f", "#261a30"), toward=(-0.86, 0.16, 0.42),
        ),
    ),
    "night": (
        SkyLook(
            sky="#04091c, #0b1c40 45%, #1d3a64 80%, #345878", sun=("#c4d6ff", 0.52),
            fill=("#3c5aa0", 0.15), air="#24426a", glow=("#6a90b8", 0.06), veil=("#a8c0f0", 0.16),
            land=("#0c1a22", "#060e16"), toward=(-0.55, 0.55, 0.55), moon=True, exposure=1.35,
        ),
        SkyLook(
            sky="#070820, #141a44 45%, #2c3466 80%, #4c5274", sun=("#d0d4ff", 0.50),
            fill=("#4a50a0", 0.15), air="#30386a", glow=("#7a80b0", 0.07), veil=("#b4b8f0", 0.16),
            land=("#10161f", "#080b14"), toward=(-0.6, 0.5, 0.55), moon=True, exposure=1.35,
        ),
    ),
}  # fmt: skip

"""The hours at which the sky is painted: colours of the air, of the light and of the land."""

from __future__ import annotations

from dataclasses import dataclass

from ...mood import Daytime


@dataclass(frozen=True, slots=True)
class SkyLook:
    """One hour's colours (sRGB) and where its light comes from.

    ``toward`` points to the sun or moon with x to the right; a seed may mirror it. ``glow`` is
    the light around the place on the horizon above which it stands.
    """

    sky: tuple[tuple[float, str], ...]
    sun: str
    sun_power: float
    fill: str
    fill_power: float
    air: str
    haze: float
    glow: str
    glow_power: float
    veil: str
    veil_power: float
    land: tuple[str, str]
    toward: tuple[float, float, float]
    moon: bool = False  # it and the stars are seen
    exposure: float = 1.0


_DAYS = (
    SkyLook(
        sky=((0, "#1c57ab"), (0.4, "#3f8ad2"), (0.75, "#7fb9e6"), (1, "#cfe6f2")),
        sun="#fff2de", sun_power=1.50, fill="#7aa6e8", fill_power=0.95,
        air="#a9cfea", haze=0.30, glow="#fff2d8", glow_power=0.25, veil="#ffffff", veil_power=0.9,
        land=("#5d8a3a", "#2f5a34"), toward=(-0.6, 0.6, 0.55),
    ),
    SkyLook(
        sky=((0, "#1a62ac"), (0.45, "#459fd6"), (0.8, "#9bd3ea"), (1, "#e6f1ea")),
        sun="#fff0d2", sun_power=1.55, fill="#84b4e4", fill_power=0.92,
        air="#c3deea", haze=0.34, glow="#fff0c8", glow_power=0.45, veil="#fffaf0", veil_power=0.9,
        land=("#8a9a3e", "#456b3a"), toward=(-0.75, 0.40, 0.55),
    ),
    SkyLook(
        sky=((0, "#2a529c"), (0.4, "#4f84c4"), (0.75, "#9dbfe0"), (1, "#f2e3cc")),
        sun="#ffe6bc", sun_power=1.60, fill="#8aa6dc", fill_power=0.85,
        air="#d6d6dc", haze=0.36, glow="#ffe2ac", glow_power=0.65, veil="#fff4e4", veil_power=0.9,
        land=("#a08a3c", "#5b6a34"), toward=(-0.85, 0.28, 0.50),
    ),
)  # fmt: skip
_DUSKS = (
    SkyLook(
        sky=((0, "#233068"), (0.35, "#5a4f92"), (0.62, "#c4708e"), (0.85, "#ff9a62"),
             (1, "#ffc36e")),
        sun="#ff9a5c", sun_power=1.75, fill="#6a62b0", fill_power=0.72,
        air="#f08c74", haze=0.34, glow="#ffb054", glow_power=0.95, veil="#ff9e88", veil_power=0.9,
        land=("#4a3348", "#2a2038"), toward=(-0.86, 0.16, 0.42),
    ),
    SkyLook(
        sky=((0, "#1c3f74"), (0.35, "#4a78a4"), (0.62, "#b0a8b4"), (0.85, "#f4b088"),
             (1, "#ffd59a")),
        sun="#ffae74", sun_power=1.65, fill="#7080bc", fill_power=0.72,
        air="#f0b498", haze=0.32, glow="#ffcc80", glow_power=0.9, veil="#ffc0a0", veil_power=0.9,
        land=("#4c4844", "#2c2f3a"), toward=(-0.86, 0.18, 0.42),
    ),
    SkyLook(
        sky=((0, "#2a2250"), (0.35, "#6a3f7c"), (0.62, "#c8587c"), (0.85, "#f8786a"),
             (1, "#ffb07a")),
        sun="#ff8668", sun_power=1.75, fill="#6c58a8", fill_power=0.72,
        air="#d8708a", haze=0.34, glow="#ff9a66", glow_power=0.9, veil="#ff86a0", veil_power=0.9,
        land=("#43283f", "#261a30"), toward=(-0.86, 0.16, 0.42),
    ),
)  # fmt: skip
_NIGHTS = (
    SkyLook(
        sky=((0, "#04091c"), (0.45, "#0b1c40"), (0.8, "#1d3a64"), (1, "#345878")),
        sun="#c4d6ff", sun_power=0.52, fill="#3c5aa0", fill_power=0.15,
        air="#24426a", haze=0.36, glow="#6a90b8", glow_power=0.06, veil="#a8c0f0", veil_power=0.16,
        land=("#0c1a22", "#060e16"), toward=(-0.55, 0.55, 0.55), moon=True, exposure=1.35,
    ),
    SkyLook(
        sky=((0, "#070820"), (0.45, "#141a44"), (0.8, "#2c3466"), (1, "#4c5274")),
        sun="#d0d4ff", sun_power=0.50, fill="#4a50a0", fill_power=0.15,
        air="#30386a", haze=0.36, glow="#7a80b0", glow_power=0.07, veil="#b4b8f0", veil_power=0.16,
        land=("#10161f", "#080b14"), toward=(-0.6, 0.5, 0.55), moon=True, exposure=1.35,
    ),
)  # fmt: skip
_LOOKS: dict[Daytime, tuple[SkyLook, ...]] = {"day": _DAYS, "dusk": _DUSKS, "night": _NIGHTS}


def look_for(time: Daytime | None, seed: int) -> SkyLook:
    """One of the looks of that time of day; of the day where none is said."""
    looks = _LOOKS[time or "day"]
    return looks[((seed - 1) // 3 + seed) % len(looks)]

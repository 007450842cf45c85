"""The hours of a winter day: colours of sky, snow, wood and air."""

from __future__ import annotations

from dataclasses import dataclass

from ...mood import Daytime


@dataclass(frozen=True, slots=True)
class WinterLook:
    """One hour's colours (sRGB); powers multiply them.

    ``toward`` points to the light with x to the right, y up, z away from the eye; a seed may
    mirror it. ``reach`` is after how many metres the falling snow has hidden two thirds.
    """

    sky: tuple[tuple[float, str], ...]
    glow: str
    glow_power: float
    sun: str
    sun_power: float
    fill: str
    fill_power: float
    air: str
    air_power: float
    reach: float
    toward: tuple[float, float, float]
    lamp: float  # brightness of a lit window
    night: bool = False  # then there is always a lit cabin
    exposure: float = 1.0


_LOOKS: dict[Daytime, tuple[WinterLook, ...]] = {
    "day": (
        WinterLook(
            sky=((0, "#8fa9c6"), (0.6, "#c3d0de"), (1, "#e4e6e8")), glow="#fff6e4", glow_power=0.3,
            sun="#fff0d8", sun_power=0.62, fill="#a8c0e4", fill_power=0.62,
            air="#ccd8e4", air_power=0.92, reach=105, toward=(-0.75, 0.42, 0.25), lamp=2.2,
            exposure=1.15,
        ),
        WinterLook(
            sky=((0, "#5f92cc"), (0.6, "#a4c6e6"), (1, "#e6ecee")), glow="#fff2d8", glow_power=0.5,
            sun="#fff0d0", sun_power=0.85, fill="#8fb2ea", fill_power=0.52,
            air="#c4d8ec", air_power=0.9, reach=150, toward=(-0.8, 0.34, 0.30), lamp=2.0,
            exposure=1.12,
        ),
    ),
    "dusk": (
        WinterLook(
            sky=((0, "#3c4a80"), (0.5, "#8a78a8"), (0.82, "#e0a0a0"), (1, "#ffc89a")),
            glow="#ffb070", glow_power=0.6, sun="#ffa878", sun_power=0.50,
            fill="#7c86cc", fill_power=0.46, air="#c49ab0", air_power=0.62, reach=110,
            toward=(-0.8, 0.20, 0.45), lamp=4.2,
        ),
        WinterLook(
            sky=((0, "#2c4a78"), (0.5, "#6f8cb4"), (0.82, "#d8b0a8"), (1, "#ffd8a0")),
            glow="#ffc880", glow_power=0.65, sun="#ffba80", sun_power=0.5,
            fill="#6c8ccc", fill_power=0.46, air="#b0a4b8", air_power=0.62, reach=120,
            toward=(-0.8, 0.22, 0.45), lamp=4.2,
        ),
    ),
    "night": (
        WinterLook(
            sky=((0, "#060c22"), (0.6, "#142a52"), (1, "#2c4a74")), glow="#6c90c0", glow_power=0.06,
            sun="#b4ccff", sun_power=0.17, fill="#4468b0", fill_power=0.115,
            air="#284672", air_power=0.75, reach=95, toward=(-0.6, 0.55, 0.25), lamp=4.5,
            night=True, exposure=1.25,
        ),
        WinterLook(
            sky=((0, "#080a20"), (0.6, "#1e2650"), (1, "#3c4474")), glow="#7c84c0", glow_power=0.06,
            sun="#c0c8ff", sun_power=0.16, fill="#5060b0", fill_power=0.115,
            air="#343e70", air_power=0.72, reach=95, toward=(-0.65, 0.5, 0.25), lamp=4.5,
            night=True, exposure=1.25,
        ),
    ),
}  # fmt: skip
#: Where no hour is said, seeds in turn have
_TURNS: tuple[Daytime, ...] = ("dusk", "night", "day")


def winter_look(time: Daytime | None, seed: int) -> WinterLook:
    """One of the looks of that hour; where none is said, the seed picks the hour too."""
    looks = _LOOKS[time or _TURNS[seed % 3]]
    return looks[(seed // 3 + seed) % len(looks)]

"""The hours among mountains: colours of sky, light, distance and mist."""

from __future__ import annotations

from dataclasses import dataclass

from ...mood import Daytime


@dataclass(frozen=True, slots=True)
class MountainLook:
    """One hour's colours (sRGB); powers multiply them.

    ``toward`` points to the light with x to the right, y up, z away from the eye; a seed may
    mirror it. The ``orb`` is the sun's or moon's disc, seen where ``orb_power`` is above 0, at
    ``orb_up`` of the way from the horizon to the top. ``blue`` is how much air is in a kilometre.
    """

    sky: tuple[tuple[float, str], ...]
    sun: str
    sun_power: float
    fill: str
    fill_power: float
    air: str
    blue: float
    mist: str
    mist_lit: str
    mist_power: float
    glow: str
    glow_power: float
    orb_power: float
    orb_up: float
    veil: str
    veil_power: float
    toward: tuple[float, float, float]
    stars: bool = False
    exposure: float = 1.0


_MORNING = MountainLook(
    sky=((0, "#4f86c4"), (0.45, "#97bfe0"), (0.8, "#dfe6e4"), (1, "#f6e8d0")),
    sun="#ffe2b4", sun_power=2.0, fill="#8fb0dc", fill_power=0.62,
    air="#a9c2dc", blue=0.050, mist="#b8c8da", mist_lit="#fff0d6", mist_power=0.78,
    glow="#ffe6b8", glow_power=0.50, orb_power=0.0, orb_up=0.3,
    veil="#ffffff", veil_power=0.9, toward=(-0.78, 0.42, 0.20),
)  # fmt: skip
_GOLDEN = MountainLook(
    sky=((0, "#5a86b4"), (0.4, "#a8bcc8"), (0.75, "#f0d4a8"), (1, "#ffcf8a")),
    sun="#ffc680", sun_power=2.1, fill="#8c9fc4", fill_power=0.58,
    air="#c4b4ac", blue=0.048, mist="#b4b4c0", mist_lit="#ffdca4", mist_power=0.80,
    glow="#ffcf86", glow_power=0.85, orb_power=7.0, orb_up=0.30,
    veil="#fff0dc", veil_power=0.85, toward=(-0.55, 0.26, 0.62),
)  # fmt: skip
_JADE = MountainLook(
    sky=((0, "#7fa4b8"), (0.5, "#b4ccd2"), (0.85, "#dfe6e0"), (1, "#e8e8dc")),
    sun="#fff0d8", sun_power=1.35, fill="#9cbcc8", fill_power=0.72,
    air="#a4bec4", blue=0.085, mist="#bccdd0", mist_lit="#f2f2e8", mist_power=0.80,
    glow="#fff4e0", glow_power=0.35, orb_power=0.0, orb_up=0.3,
    veil="#f4f8f8", veil_power=0.85, toward=(-0.70, 0.5, 0.30),
)  # fmt: skip
_LOOKS: dict[Daytime, tuple[MountainLook, ...]] = {
    "day": (_MORNING, _GOLDEN, _JADE),
    "dusk": (
        MountainLook(
            sky=((0, "#2c3f7c"), (0.35, "#7a6aa0"), (0.65, "#e08a84"), (0.9, "#ffb070"),
                 (1, "#ffcb80")),
            sun="#ff9a5a", sun_power=1.7, fill="#6f78b8", fill_power=0.48,
            air="#a878a0", blue=0.055, mist="#7c78a8", mist_lit="#ffae80", mist_power=0.62,
            glow="#ff9a50", glow_power=0.95, orb_power=8.0, orb_up=0.16,
            veil="#ff9a84", veil_power=0.85, toward=(-0.50, 0.15, 0.70),
        ),
        MountainLook(
            sky=((0, "#2f3468"), (0.35, "#6f5a92"), (0.65, "#c47a94"), (0.9, "#f89a86"),
                 (1, "#ffab80")),
            sun="#ff9a80", sun_power=1.6, fill="#6c68b4", fill_power=0.48,
            air="#8c7098", blue=0.050, mist="#76689c", mist_lit="#ff9c98", mist_power=0.60,
            glow="#ff8a66", glow_power=0.85, orb_power=0.0, orb_up=0.1,
            veil="#ff84a0", veil_power=0.85, toward=(-0.82, 0.24, 0.05),
        ),
    ),
    "night": (
        MountainLook(
            sky=((0, "#050a20"), (0.45, "#0e2148"), (0.85, "#24446c"), (1, "#3a5f84")),
            sun="#c0d4ff", sun_power=0.62, fill="#40609c", fill_power=0.20,
            air="#2a4a74", blue=0.042, mist="#2f4a70", mist_lit="#7f9cc4", mist_power=0.50,
            glow="#88a8d8", glow_power=0.10, orb_power=2.2, orb_up=0.72,
            veil="#90a8d8", veil_power=0.14, toward=(-0.62, 0.55, 0.35), stars=True, exposure=1.3,
        ),
        MountainLook(
            sky=((0, "#07081e"), (0.45, "#161b46"), (0.85, "#32406c"), (1, "#4c5a80")),
            sun="#ccd2ff", sun_power=0.60, fill="#4c58a0", fill_power=0.20,
            air="#38426c", blue=0.042, mist="#383e6c", mist_lit="#8a90c4", mist_power=0.50,
            glow="#98a0d8", glow_power=0.10, orb_power=2.2, orb_up=0.68,
            veil="#9ca4d8", veil_power=0.14, toward=(-0.70, 0.5, 0.30), stars=True, exposure=1.3,
        ),
    ),
}  # fmt: skip


def mountain_look(time: Daytime | None, seed: int) -> MountainLook:
    """One of the looks of that hour; of the morning where none is said."""
    looks = _LOOKS[time or "day"]
    return looks[((seed - 1) // 3 + seed) % len(looks)]

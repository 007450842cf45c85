"""The colours of the sea by the hour: each a table of what the sky, water and shore are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...mood import Daytime

Stops = Sequence[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class SeaLook:
    """Colours are sRGB; stops run over the height above the horizon or the distance to the sun."""

    hour: Daytime
    sky: Stops
    sun: tuple[str, float, float]  # colour, strength, radius in units
    glow: tuple[tuple[str, float, float], ...]  # colour, strength, reach in units
    band: tuple[str, float]  # light along the horizon
    cloud_lit: Stops
    cloud_dark: Stops
    cloud_glow: float  # how much clouds shine close to the sun
    deep: tuple[str, float]
    shallow: tuple[str, float]
    glint: tuple[str, float]
    dry_sand: tuple[str, float]
    wet_sand: tuple[str, float]
    foam: tuple[str, float]
    land: tuple[str, float]
    sail: tuple[str, float]
    exposure: float = 1.0
    stars: float = 0.0


GOLDEN = SeaLook(
    hour="dusk",
    sky=(
        (0.0, "#ffb066"),
        (0.035, "#fb955c"),
        (0.085, "#e6756a"),
        (0.15, "#b0628a"),
        (0.235, "#6d5796"),
        (0.34, "#3c4a86"),
        (0.50, "#1d3263"),
    ),
    sun=("#fff0c0", 7.0, 0.0255),
    glow=(("#ffdf9a", 1.5, 0.05), ("#ff8d3a", 0.85, 0.15)),
    band=("#ffb048", 0.75),
    cloud_lit=(
        (0.0, "#fff1c4"),
        (0.10, "#ffc27a"),
        (0.24, "#ff8a66"),
        (0.42, "#d9678c"),
        (0.8, "#8a5a9c"),
    ),
    cloud_dark=((0.0, "#c47a5c"), (0.12, "#744462"), (0.35, "#3f3764"), (0.8, "#262c52")),
    cloud_glow=1.6,
    deep=("#0d2a42", 0.55),
    shallow=("#0d2a42", 0.55),
    glint=("#ffc070", 1.0),
    dry_sand=("#9a7566", 0.55),
    wet_sand=("#3a2c38", 1.0),
    foam=("#ffdcc4", 0.34),
    land=("#4a2c4c", 0.55),
    sail=("#2a1c2c", 0.5),
)
CRIMSON = SeaLook(
    hour="dusk",
    sky=(
        (0.0, "#ff9a4c"),
        (0.03, "#f9703f"),
        (0.08, "#dc4a4e"),
        (0.15, "#a13560"),
        (0.24, "#5f2c66"),
        (0.36, "#31265a"),
        (0.50, "#171b42"),
    ),
    sun=("#ffd890", 6.0, 0.031),
    glow=(("#ffb860", 1.5, 0.05), ("#ff5a2a", 0.9, 0.17)),
    band=("#ff8030", 0.8),
    cloud_lit=(
        (0.0, "#ffe2a0"),
        (0.10, "#ff9c54"),
        (0.24, "#ff5c4c"),
        (0.42, "#c83c62"),
        (0.8, "#6c3476"),
    ),
    cloud_dark=((0.0, "#b05a48"), (0.12, "#642c4a"), (0.35, "#36244e"), (0.8, "#1c1a3c")),
    cloud_glow=1.5,
    deep=("#101c3a", 0.5),
    shallow=("#101c3a", 0.5),
    glint=("#ffa058", 1.0),
    dry_sand=("#8c6058", 0.5),
    wet_sand=("#38222e", 1.0),
    foam=("#ffc8b0", 0.32),
    land=("#3c1c38", 0.5),
    sail=("#240f20", 0.5),
)
PASTEL = SeaLook(
    hour="dusk",
    sky=(
        (0.0, "#ffd9a8"),
        (0.04, "#ffc3a0"),
        (0.10, "#f0a8ac"),
        (0.17, "#bda6c8"),
        (0.26, "#84a0d0"),
        (0.38, "#5282bc"),
        (0.50, "#2f5c9a"),
    ),
    sun=("#fff4d8", 7.0, 0.022),
    glow=(("#ffe8b8", 1.3, 0.05), ("#ffb070", 0.6, 0.16)),
    band=("#ffc890", 0.6),
    cloud_lit=(
        (0.0, "#fff8e0"),
        (0.10, "#ffdcb0"),
        (0.24, "#ffb8a4"),
        (0.42, "#f0a4b8"),
        (0.8, "#c8a8d8"),
    ),
    cloud_dark=((0.0, "#d89c84"), (0.12, "#a07c98"), (0.35, "#6c74a8"), (0.8, "#4c68a0")),
    cloud_glow=1.2,
    deep=("#0f4a62", 0.6),
    shallow=("#2c8088", 0.7),
    glint=("#ffd8a0", 0.9),
    dry_sand=("#c09a80", 0.62),
    wet_sand=("#5a4650", 1.0),
    foam=("#fff0e4", 0.45),
    land=("#5c5a80", 0.8),
    sail=("#f4e0d4", 0.75),
)
EMBER = SeaLook(
    hour="dusk",
    sky=(
        (0.0, "#ffcf70"),
        (0.03, "#ffb258"),
        (0.075, "#f08c58"),
        (0.13, "#b07c78"),
        (0.2, "#62789a"),
        (0.32, "#2f5c8c"),
        (0.50, "#163a68"),
    ),
    sun=("#fff4c8", 8.0, 0.028),
    glow=(("#ffe49a", 1.7, 0.055), ("#ffa040", 0.9, 0.17)),
    band=("#ffc050", 0.8),
    cloud_lit=(
        (0.0, "#fff6cc"),
        (0.10, "#ffd084"),
        (0.24, "#ffa868"),
        (0.42, "#e08c80"),
        (0.8, "#8c88a8"),
    ),
    cloud_dark=((0.0, "#cc8c58"), (0.12, "#80604f"), (0.35, "#4a4c68"), (0.8, "#2c4468")),
    cloud_glow=1.7,
    deep=("#0c3448", 0.6),
    shallow=("#14505c", 0.6),
    glint=("#ffd080", 1.1),
    dry_sand=("#a8845c", 0.6),
    wet_sand=("#42342c", 1.0),
    foam=("#ffe8c4", 0.38),
    land=("#3a3040", 0.6),
    sail=("#201c24", 0.5),
)
DAY = SeaLook(
    hour="day",
    sky=(
        (0.0, "#c4e2f4"),
        (0.04, "#a2d2f2"),
        (0.11, "#74b8ec"),
        (0.20, "#4798e0"),
        (0.32, "#2a78cc"),
        (0.50, "#175aac"),
    ),
    sun=("#fff8e8", 6.0, 0.024),
    glow=(("#fffaf0", 0.7, 0.07), ("#e8f4ff", 0.3, 0.22)),
    band=("#e8f6ff", 0.25),
    cloud_lit=((0.0, "#ffffff"), (0.8, "#ffffff")),
    cloud_dark=((0.0, "#b8cce0"), (0.8, "#94b0d0")),
    cloud_glow=0.3,
    deep=("#0a5a9c", 0.75),
    shallow=("#35c4c0", 0.85),
    glint=("#fffbe8", 1.0),
    dry_sand=("#ecd2a4", 0.95),
    wet_sand=("#a88a68", 1.0),
    foam=("#ffffff", 0.85),
    land=("#5f8aa0", 0.85),
    sail=("#ffffff", 1.1),
)
NIGHT = SeaLook(
    hour="night",
    sky=(
        (0.0, "#33557c"),
        (0.04, "#27466e"),
        (0.11, "#1a335a"),
        (0.20, "#102348"),
        (0.32, "#0a1734"),
        (0.50, "#060e22"),
    ),
    sun=("#fff6e0", 1.7, 0.021),
    glow=(("#dfeaff", 0.55, 0.035), ("#7fa4e0", 0.16, 0.15)),
    band=("#6c90c0", 0.10),
    cloud_lit=(
        (0.0, "#f4f6ff"),
        (0.10, "#a8bce4"),
        (0.24, "#5f7cb4"),
        (0.42, "#38548c"),
        (0.8, "#22386a"),
    ),
    cloud_dark=((0.0, "#6078a4"), (0.12, "#2c426c"), (0.35, "#162648"), (0.8, "#0c1834")),
    cloud_glow=0.7,
    deep=("#081c34", 0.5),
    shallow=("#0c2a44", 0.5),
    glint=("#e4ecff", 0.55),
    dry_sand=("#5c6480", 0.4),
    wet_sand=("#1c2640", 1.0),
    foam=("#c4d8ff", 0.22),
    land=("#0c1830", 0.5),
    sail=("#0a1428", 0.4),
    exposure=1.15,
    stars=1.0,
)
TROPICAL = replace(
    DAY,
    sky=(
        (0.0, "#d4f0f4"),
        (0.04, "#b0e4f4"),
        (0.11, "#7cccee"),
        (0.20, "#48ace4"),
        (0.32, "#2488d0"),
        (0.50, "#1068b0"),
    ),
    deep=("#0a78a4", 0.9),
    shallow=("#5ce4d0", 1.05),
    dry_sand=("#f8e8cc", 1.0),
    wet_sand=("#c4ac8c", 1.0),
    land=("#4c8c84", 0.8),
)
MORNING = replace(
    DAY,
    sky=(
        (0.0, "#f4e8d8"),
        (0.04, "#dce4e4"),
        (0.11, "#b0d0e8"),
        (0.20, "#80b4e0"),
        (0.32, "#5896d0"),
        (0.50, "#3878b8"),
    ),
    glow=(("#fff4dc", 0.8, 0.08), ("#ffecd0", 0.4, 0.24)),
    band=("#ffecd0", 0.3),
    cloud_lit=((0.0, "#fff8ec"), (0.8, "#fff4ec")),
    cloud_dark=((0.0, "#d0c8cc"), (0.8, "#a4b4cc")),
    deep=("#1c6890", 0.7),
    shallow=("#4cb4b0", 0.75),
    glint=("#fff4d4", 1.0),
    dry_sand=("#dcc0a0", 0.85),
    land=("#7c94a8", 0.9),
)
WARM_MOON = replace(
    NIGHT,
    sky=(
        (0.0, "#5c4c60"),
        (0.04, "#43405f"),
        (0.11, "#2a3056"),
        (0.20, "#192244"),
        (0.32, "#0e1632"),
        (0.50, "#070d20"),
    ),
    sun=("#ffc078", 1.7, 0.034),
    glow=(("#ffb870", 0.5, 0.05), ("#c07858", 0.2, 0.16)),
    band=("#b07860", 0.16),
    cloud_lit=(
        (0.0, "#ffe0b0"),
        (0.10, "#d8a080"),
        (0.24, "#8c7088"),
        (0.42, "#4c5080"),
        (0.8, "#283864"),
    ),
    cloud_dark=((0.0, "#8c6858"), (0.12, "#483c54"), (0.35, "#1e2444"), (0.8, "#0e1832")),
    glint=("#ffc488", 0.6),
)
TEAL_MOON = replace(
    NIGHT,
    sky=(
        (0.0, "#2f6a70"),
        (0.04, "#235862"),
        (0.11, "#17424f"),
        (0.20, "#0f2e3d"),
        (0.32, "#091e2c"),
        (0.50, "#05121e"),
    ),
    sun=("#f4fff4", 1.7, 0.016),
    glow=(("#d4fff0", 0.5, 0.03), ("#70c8c0", 0.15, 0.15)),
    band=("#60b0a8", 0.10),
    cloud_lit=(
        (0.0, "#f0fff8"),
        (0.10, "#a0d4cc"),
        (0.24, "#589c9c"),
        (0.42, "#306c74"),
        (0.8, "#1c4854"),
    ),
    cloud_dark=((0.0, "#5c9090"), (0.12, "#285458"), (0.35, "#12343c"), (0.8, "#0a2028")),
    deep=("#06262e", 0.5),
    shallow=("#0c3a40", 0.5),
    glint=("#dcfff0", 0.55),
    dry_sand=("#5c6c70", 0.4),
)
LOOKS: dict[Daytime, tuple[SeaLook, ...]] = {
    "dusk": (GOLDEN, CRIMSON, PASTEL, EMBER),
    "day": (DAY, TROPICAL, MORNING),
    "night": (NIGHT, WARM_MOON, TEAL_MOON),
}


def look_for(time: Daytime | None, seed: int) -> SeaLook:
    """The look of an hour, a sunset if none is said; neighbouring seeds get different ones."""
    looks = LOOKS[time or "dusk"]
    return looks[seed % len(looks)]

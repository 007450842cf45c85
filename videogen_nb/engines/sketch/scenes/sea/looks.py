"""The colours of the sea by the hour: each a table of what the sky, water and shore are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...drawing.colour import Light
from ...mood import Daytime


@dataclass(frozen=True, slots=True)
class SeaLook:
    """Colours are sRGB; the sky's stops run over the height above the horizon, the clouds' over the
    distance to the sun, both in units."""

    hour: Daytime
    sky: str
    sun: tuple[str, float, float]  # colour, strength, radius in units
    glow: tuple[tuple[str, float, float], ...]  # colour, strength, reach in units
    band: Light  # light along the horizon
    cloud_lit: str
    cloud_dark: str
    cloud_glow: float  # how much clouds shine close to the sun
    deep: Light
    shallow: Light
    glint: Light
    dry_sand: Light
    wet_sand: Light
    foam: Light
    land: Light
    sail: Light
    exposure: float = 1.0
    stars: float = 0.0


_GOLDEN = SeaLook(
    "dusk",
    sky="#ffb066, #fb955c 3.5%, #e6756a 8.5%, #b0628a 15%, #6d5796 23.5%, #3c4a86 34%, #1d3263 50%",
    sun=("#fff0c0", 7.0, 0.0255), glow=(("#ffdf9a", 1.5, 0.05), ("#ff8d3a", 0.85, 0.15)),
    band=("#ffb048", 0.75),
    cloud_lit="#fff1c4, #ffc27a 10%, #ff8a66 24%, #d9678c 42%, #8a5a9c 80%",
    cloud_dark="#c47a5c, #744462 12%, #3f3764 35%, #262c52 80%", cloud_glow=1.6,
    deep=("#0d2a42", 0.55), shallow=("#0d2a42", 0.55), glint=("#ffc070", 1.0),
    dry_sand=("#9a7566", 0.55), wet_sand=("#3a2c38", 1.0), foam=("#ffdcc4", 0.34),
    land=("#4a2c4c", 0.55), sail=("#2a1c2c", 0.5),
)  # fmt: skip
_CRIMSON = SeaLook(
    "dusk",
    sky="#ff9a4c, #f9703f 3%, #dc4a4e 8%, #a13560 15%, #5f2c66 24%, #31265a 36%, #171b42 50%",
    sun=("#ffd890", 6.0, 0.031), glow=(("#ffb860", 1.5, 0.05), ("#ff5a2a", 0.9, 0.17)),
    band=("#ff8030", 0.8),
    cloud_lit="#ffe2a0, #ff9c54 10%, #ff5c4c 24%, #c83c62 42%, #6c3476 80%",
    cloud_dark="#b05a48, #642c4a 12%, #36244e 35%, #1c1a3c 80%", cloud_glow=1.5,
    deep=("#101c3a", 0.5), shallow=("#101c3a", 0.5), glint=("#ffa058", 1.0),
    dry_sand=("#8c6058", 0.5), wet_sand=("#38222e", 1.0), foam=("#ffc8b0", 0.32),
    land=("#3c1c38", 0.5), sail=("#240f20", 0.5),
)  # fmt: skip
_PASTEL = SeaLook(
    "dusk",
    sky="#ffd9a8, #ffc3a0 4%, #f0a8ac 10%, #bda6c8 17%, #84a0d0 26%, #5282bc 38%, #2f5c9a 50%",
    sun=("#fff4d8", 7.0, 0.022), glow=(("#ffe8b8", 1.3, 0.05), ("#ffb070", 0.6, 0.16)),
    band=("#ffc890", 0.6),
    cloud_lit="#fff8e0, #ffdcb0 10%, #ffb8a4 24%, #f0a4b8 42%, #c8a8d8 80%",
    cloud_dark="#d89c84, #a07c98 12%, #6c74a8 35%, #4c68a0 80%", cloud_glow=1.2,
    deep=("#0f4a62", 0.6), shallow=("#2c8088", 0.7), glint=("#ffd8a0", 0.9),
    dry_sand=("#c09a80", 0.62), wet_sand=("#5a4650", 1.0), foam=("#fff0e4", 0.45),
    land=("#5c5a80", 0.8), sail=("#f4e0d4", 0.75),
)  # fmt: skip
_EMBER = SeaLook(
    "dusk",
    sky="#ffcf70, #ffb258 3%, #f08c58 7.5%, #b07c78 13%, #62789a 20%, #2f5c8c 32%, #163a68 50%",
    sun=("#fff4c8", 8.0, 0.028), glow=(("#ffe49a", 1.7, 0.055), ("#ffa040", 0.9, 0.17)),
    band=("#ffc050", 0.8),
    cloud_lit="#fff6cc, #ffd084 10%, #ffa868 24%, #e08c80 42%, #8c88a8 80%",
    cloud_dark="#cc8c58, #80604f 12%, #4a4c68 35%, #2c4468 80%", cloud_glow=1.7,
    deep=("#0c3448", 0.6), shallow=("#14505c", 0.6), glint=("#ffd080", 1.1),
    dry_sand=("#a8845c", 0.6), wet_sand=("#42342c", 1.0), foam=("#ffe8c4", 0.38),
    land=("#3a3040", 0.6), sail=("#201c24", 0.5),
)  # fmt: skip
_DAY = SeaLook(
    "day",
    sky="#c4e2f4, #a2d2f2 4%, #74b8ec 11%, #4798e0 20%, #2a78cc 32%, #175aac 50%",
    sun=("#fff8e8", 6.0, 0.024), glow=(("#fffaf0", 0.7, 0.07), ("#e8f4ff", 0.3, 0.22)),
    band=("#e8f6ff", 0.25),
    cloud_lit="#ffffff, #ffffff", cloud_dark="#b8cce0, #94b0d0 80%", cloud_glow=0.3,
    deep=("#0a5a9c", 0.75), shallow=("#35c4c0", 0.85), glint=("#fffbe8", 1.0),
    dry_sand=("#ecd2a4", 0.95), wet_sand=("#a88a68", 1.0), foam=("#ffffff", 0.85),
    land=("#5f8aa0", 0.85), sail=("#ffffff", 1.1),
)  # fmt: skip
_TROPICAL = replace(
    _DAY,
    sky="#d4f0f4, #b0e4f4 4%, #7cccee 11%, #48ace4 20%, #2488d0 32%, #1068b0 50%",
    deep=("#0a78a4", 0.9), shallow=("#5ce4d0", 1.05),
    dry_sand=("#f8e8cc", 1.0), wet_sand=("#c4ac8c", 1.0), land=("#4c8c84", 0.8),
)  # fmt: skip
_MORNING = replace(
    _DAY,
    sky="#f4e8d8, #dce4e4 4%, #b0d0e8 11%, #80b4e0 20%, #5896d0 32%, #3878b8 50%",
    glow=(("#fff4dc", 0.8, 0.08), ("#ffecd0", 0.4, 0.24)), band=("#ffecd0", 0.3),
    cloud_lit="#fff8ec, #fff4ec", cloud_dark="#d0c8cc, #a4b4cc 80%",
    deep=("#1c6890", 0.7), shallow=("#4cb4b0", 0.75), glint=("#fff4d4", 1.0),
    dry_sand=("#dcc0a0", 0.85), land=("#7c94a8", 0.9),
)  # fmt: skip
_NIGHT = SeaLook(
    "night",
    sky="#33557c, #27466e 4%, #1a335a 11%, #102348 20%, #0a1734 32%, #060e22 50%",
    sun=("#fff6e0", 1.7, 0.021), glow=(("#dfeaff", 0.55, 0.035), ("#7fa4e0", 0.16, 0.15)),
    band=("#6c90c0", 0.10),
    cloud_lit="#f4f6ff, #a8bce4 10%, #5f7cb4 24%, #38548c 42%, #22386a 80%",
    cloud_dark="#6078a4, #2c426c 12%, #162648 35%, #0c1834 80%", cloud_glow=0.7,
    deep=("#081c34", 0.5), shallow=("#0c2a44", 0.5), glint=("#e4ecff", 0.55),
    dry_sand=("#5c6480", 0.4), wet_sand=("#1c2640", 1.0), foam=("#c4d8ff", 0.22),
    land=("#0c1830", 0.5), sail=("#0a1428", 0.4), exposure=1.15, stars=1.0,
)  # fmt: skip
_WARM_MOON = replace(
    _NIGHT,
    sky="#5c4c60, #43405f 4%, #2a3056 11%, #192244 20%, #0e1632 32%, #070d20 50%",
    sun=("#ffc078", 1.7, 0.034), glow=(("#ffb870", 0.5, 0.05), ("#c07858", 0.2, 0.16)),
    band=("#b07860", 0.16),
    cloud_lit="#ffe0b0, #d8a080 10%, #8c7088 24%, #4c5080 42%, #283864 80%",
    cloud_dark="#8c6858, #483c54 12%, #1e2444 35%, #0e1832 80%", glint=("#ffc488", 0.6),
)  # fmt: skip
_TEAL_MOON = replace(
    _NIGHT,
    sky="#2f6a70, #235862 4%, #17424f 11%, #0f2e3d 20%, #091e2c 32%, #05121e 50%",
    sun=("#f4fff4", 1.7, 0.016), glow=(("#d4fff0", 0.5, 0.03), ("#70c8c0", 0.15, 0.15)),
    band=("#60b0a8", 0.10),
    cloud_lit="#f0fff8, #a0d4cc 10%, #589c9c 24%, #306c74 42%, #1c4854 80%",
    cloud_dark="#5c9090, #285458 12%, #12343c 35%, #0a2028 80%",
    deep=("#06262e", 0.5), shallow=("#0c3a40", 0.5), glint=("#dcfff0", 0.55),
    dry_sand=("#5c6c70", 0.4),
)  # fmt: skip
LOOKS: dict[Daytime, tuple[SeaLook, ...]] = {
    "dusk": (_GOLDEN, _CRIMSON, _PASTEL, _EMBER),
    "day": (_DAY, _TROPICAL, _MORNING),
    "night": (_NIGHT, _WARM_MOON, _TEAL_MOON),
}

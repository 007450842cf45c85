"""The colours of starry nights, and what stands below them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...drawing.colour import Light
from ...layers.land import Growth, Massif


@dataclass(frozen=True, slots=True)
class StarLook:
    """Colours are sRGB; the sky's stops run from the zenith (0) to the horizon (1)."""

    sky: str
    glow: Light  # along the horizon: a far town, or the last of the day
    band: tuple[str, str, str]  # the Milky Way's arms, its core, its glowing gas
    rock: str
    snow: str
    air: str
    needles: str
    water: str
    mist: str
    woods: tuple[Growth, ...]
    massif: Massif | None = None  # hills where there is none
    camp: bool = False


_FOREST = StarLook(
    sky="#050a1c, #0a1630 35%, #10294a 62%, #1d4460 82%, #2f6070 93%, #5a7a70",
    glow=("#f0a060", 0.34), band=("#9db6ff", "#ffd6ad", "#ff5f8a"),
    rock="#24405c", snow="#9cc0dc", air="#2c5468", needles="#050b12", water="#06121c",
    mist="#4d7078", camp=True,
    woods=(Growth(230, 0.020, 0.3, 0.5), Growth(80, 0.042, 0.9, 1.2, (0.5, 0.2))),
)  # fmt: skip
_ALPINE = replace(
    _FOREST,
    sky="#070618, #120e34 35%, #241a52 62%, #43306e 82%, #6e4a80 93%, #a87088",
    glow=("#ff8f70", 0.28), band=("#c0b0ff", "#ffc8c0", "#ff6ab0"),
    rock="#2c2848", snow="#b0a8dc", air="#4a3a6c", needles="#08060f", water="#0a0818",
    mist="#5c4c78", camp=False,
    woods=(Growth(150, 0.016, 0.8, 1.2, (0.45, 0.10)),),
    massif=Massif(1.75, (0.55, 0.8, 1.0, 0.75, 0.9, 0.6), 0.62),
)  # fmt: skip
_VALLEY = replace(
    _FOREST,
    sky="#03121c, #062430 35%, #0a3c46 62%, #14605c 82%, #2c8468 93%, #68a878",
    glow=("#b8e070", 0.20), band=("#a8d8ff", "#ffe6b8", "#ff7a7a"),
    rock="#123840", snow="#a0d0cc", air="#205c5c", needles="#030d10", water="#04161a",
    mist="#3c7c74", camp=False,
    woods=(
        Growth(150, 0.022, 0.7, 1.0, (0.55, 0.14)), Growth(26, 0.085, 0.9, 0.7, (0.58, 0.34)),
    ),
    massif=Massif(1.5, (1.0, 0.75, 0.35, 0.25, 0.5, 0.8), 0.9),
)  # fmt: skip
LOOKS = (_FOREST, _ALPINE, _VALLEY)

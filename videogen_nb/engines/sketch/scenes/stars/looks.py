"""The colours of starry nights, and what stands below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..terrain import Massif
from ..trees import Growth

Stops = Sequence[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class StarLook:
    """Colours are sRGB; the sky's stops run from the zenith (0) to the horizon (1)."""

    sky: Stops
    glow: tuple[str, float]  # along the horizon: a far town, or the last of the day
    band: tuple[str, str, str]  # the Milky Way's arms, its core, its glowing gas
    rock: str
    snow: str
    air: str
    needles: str
    water: str
    mist: str
    woods: tuple[Growth, ...]
    massif: Massif | None
    hills: bool
    camp: bool = False


FOREST = StarLook(
    sky=(
        (0.0, "#050a1c"),
        (0.35, "#0a1630"),
        (0.62, "#10294a"),
        (0.82, "#1d4460"),
        (0.93, "#2f6070"),
        (1.0, "#5a7a70"),
    ),
    glow=("#f0a060", 0.34),
    band=("#9db6ff", "#ffd6ad", "#ff5f8a"),
    rock="#24405c",
    snow="#9cc0dc",
    air="#2c5468",
    needles="#050b12",
    water="#06121c",
    mist="#4d7078",
    woods=(Growth(230, 0.020, 0.3, 0.5), Growth(80, 0.042, 0.9, 1.2, (0.5, 0.2))),
    massif=None,
    hills=True,
    camp=True,
)
ALPINE = replace(
    FOREST,
    sky=(
        (0.0, "#070618"),
        (0.35, "#120e34"),
        (0.62, "#241a52"),
        (0.82, "#43306e"),
        (0.93, "#6e4a80"),
        (1.0, "#a87088"),
    ),
    glow=("#ff8f70", 0.28),
    band=("#c0b0ff", "#ffc8c0", "#ff6ab0"),
    rock="#2c2848",
    snow="#b0a8dc",
    air="#4a3a6c",
    needles="#08060f",
    water="#0a0818",
    mist="#5c4c78",
    woods=(Growth(150, 0.016, 0.8, 1.2, (0.45, 0.10), 0.0),),
    massif=Massif(1.75, (0.55, 0.8, 1.0, 0.75, 0.9, 0.6), 0.62),
    hills=False,
    camp=False,
)
VALLEY = replace(
    FOREST,
    sky=(
        (0.0, "#03121c"),
        (0.35, "#062430"),
        (0.62, "#0a3c46"),
        (0.82, "#14605c"),
        (0.93, "#2c8468"),
        (1.0, "#68a878"),
    ),
    glow=("#b8e070", 0.20),
    band=("#a8d8ff", "#ffe6b8", "#ff7a7a"),
    rock="#123840",
    snow="#a0d0cc",
    air="#205c5c",
    needles="#030d10",
    water="#04161a",
    mist="#3c7c74",
    woods=(
        Growth(150, 0.022, 0.7, 1.0, (0.55, 0.14)),
        Growth(26, 0.085, 0.9, 0.7, (0.58, 0.34), 0.3, 0.08),
    ),
    massif=Massif(1.5, (1.0, 0.75, 0.35, 0.25, 0.5, 0.8), 0.9),
    hills=False,
    camp=False,
)
LOOKS = (FOREST, ALPINE, VALLEY)

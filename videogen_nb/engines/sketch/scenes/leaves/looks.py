"""The species, colours and lights in which the leaves scene appears."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...drawing.colour import Light
from ...mood import Mood
from .blossoms import CHERRY, PEACH, PLUM, Blossom

_Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class GladeLook:
    """Colours of what is far: from the top down, of the dark foliage, of the discs, of the sun."""

    stops: str
    masses: str
    discs: tuple[str, ...]
    sun: Light
    disc_level: float = 1.0


@dataclass(frozen=True, slots=True)
class LeafLook:
    """One kind of bough before one kind of light; leaves where ``blossom`` is None.

    ``colours`` are those of leaves, inside and outside; ``light`` falls on what is near.
    """

    glade: GladeLook
    bark: tuple[str, str]
    species: str = "maple"
    colours: _Pairs = ()
    size: float = 0.12  # of a leaf, in parts of the unit
    density: float = 1.2  # leaves a node
    blossom: Blossom | None = None
    light: tuple[float, float, float] = (1.0, 1.0, 1.0)


_AUTUMN = (
    LeafLook(
        GladeLook("#8a6a20, #a8641c 50%, #5a3a14", "#5a4a10",
                  ("#ffd060", "#ffb040", "#ff8030", "#f0e080", "#ffe8a0"), ("#ffc860", 0.8)),
        ("#2a1a12", "#6a4a34"), "momiji",
        (("#ff9a30", "#d8281a"), ("#f86a28", "#b81818"), ("#ffb040", "#e85a1c"),
         ("#e84820", "#901018")), 0.125, 1.25,
    ),
    LeafLook(
        GladeLook("#7ab0d8, #a8c8d0 60%, #7a8a50", "#a89430",
                  ("#fff0a0", "#ffe060", "#d8e8f0", "#f8d040", "#ffffff"), ("#fff0c0", 0.7)),
        ("#3a3028", "#8a7460"), "ginkgo",
        (("#f8d838", "#f0b818"), ("#ffe860", "#f8c828"), ("#e8c838", "#c8b028"),
         ("#ffd848", "#e8a010")), 0.105, 1.5,
    ),
    LeafLook(
        GladeLook("#1c3a28, #2c4a24 50%, #1a2a18", "#122414",
                  ("#ffb050", "#c8d860", "#ff8840", "#88b050", "#ffe0a0"), ("#ffd890", 0.45)),
        ("#241a14", "#5a4638"), "maple",
        (("#ffb838", "#f07818"), ("#ff8a28", "#d84018"), ("#f8d048", "#e89a20"),
         ("#d8c040", "#a89828")), 0.135, 1.1,
    ),
    LeafLook(
        GladeLook("#b8a890, #c8a070 50%, #6a4a30", "#8a6440",
                  ("#fff0d0", "#ffd090", "#f0b070", "#e8d8b8", "#ffc070"), ("#fff0d0", 0.55)),
        ("#34302c", "#827a70"), "beech",
        (("#e8903a", "#b8521c"), ("#d87028", "#963c14"), ("#f0b050", "#d07828"),
         ("#c88a3c", "#a05a20")), 0.115, 1.35,
    ),
)  # fmt: skip
_SPRING = (
    LeafLook(
        GladeLook("#3f86cc, #82b6e2 60%, #8cb078", "#9cb4dc",
                  ("#ffffff", "#ffd8e4", "#ffc0d4", "#d8ecff", "#d8ecb0"), ("#ffe8d0", 0.35)),
        ("#3a2824", "#7a6058"), blossom=CHERRY, light=(1.45, 1.40, 1.42),
    ),
    LeafLook(
        GladeLook("#38584a, #5a7a52 50%, #2c4630", "#203828",
                  ("#f8e8a0", "#d0e8a0", "#ffd0c0", "#a8d088", "#fff8e0"), ("#fff0b0", 0.5)),
        ("#2a2020", "#66524a"), blossom=PEACH, light=(1.25, 1.2, 1.2),
    ),
    LeafLook(
        GladeLook("#9a9aa4, #b8b4b4 60%, #8a847c", "#a08890",
                  ("#ffffff", "#fff0e0", "#f8c8c8", "#f0e8d8", "#f8b0b8"), ("#fff8e8", 0.45)),
        ("#241c1c", "#5e4e4a"), blossom=PLUM, light=(1.2, 1.15, 1.15),
    ),
)  # fmt: skip
_DUSK = GladeLook(
    "#4a4a86, #b06a80 45%, #f09860 80%, #8a5048", "#6a4458",
    ("#ffc078", "#ff9060", "#ffe0a8", "#ff8088", "#d890b8"), ("#ffa850", 0.9),
)  # fmt: skip
#: Lanterns in a dark garden.
_NIGHT = GladeLook(
    "#070d22, #131c3c 60%, #0c1020", "#060a18",
    ("#ffb050", "#ff7038", "#ffd890", "#ff9858", "#6080c0"), ("#ff9848", 0.16), disc_level=0.9,
)  # fmt: skip


def choose_look(mood: Mood, seed: int) -> LeafLook:
    """The look for a mood; where the mood leaves it open, the seed chooses."""
    looks = _SPRING if mood.flowers else _AUTUMN
    look = looks[seed % len(looks)]
    if mood.time == "dusk":
        return replace(look, glade=_DUSK, light=(1.15, 0.86, 0.72))
    if mood.time == "night":
        light = (0.95, 0.80, 0.82) if look.blossom else (0.85, 0.72, 0.62)
        return replace(look, glade=_NIGHT, light=light)
    return look

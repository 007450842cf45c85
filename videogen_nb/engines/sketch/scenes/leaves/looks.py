"""The species, colours and lights in which the leaves scene appears."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...catalogue import Mood
from ...drawing.colour import Light, load_looks
from ...layers.foliage import Blossom

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


_LOOKS = load_looks(LeafLook, __package__)
_GLADES = load_looks(GladeLook, __package__, "glades")


def choose_look(mood: Mood, seed: int) -> LeafLook:
    """The look for a mood; where the mood leaves it open, the seed chooses."""
    looks = _LOOKS["spring" if mood.flowers else "autumn"]
    look = looks[seed % len(looks)]
    if mood.time == "dusk":
        return replace(look, glade=_GLADES["dusk"][0], light=(1.15, 0.86, 0.72))
    if mood.time == "night":
        light = (0.95, 0.80, 0.82) if look.blossom else (0.85, 0.72, 0.62)
        return replace(look, glade=_GLADES["night"][0], light=light)
    return look

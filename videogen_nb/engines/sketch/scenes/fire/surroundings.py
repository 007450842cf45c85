"""What is around a camp fire at night: a wood, a lake below mountains, a meadow."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np

from ...drawing.colour import linear
from ...drawing.noise import Array, F, rng
from ...layers.land import Growth, Landscape, Tone
from ...layers.sky import FixedStars, clear_sky
from .hearth import paint_log
from .place import AWAY, Place

_NIGHT = "#050a1e, #0c1a38 50%, #1c3252 85%, #33485e"
_DUSK = "#182a5c, #3d4a80 45%, #9a6a86 75%, #e08a62 92%, #f2ab68"


class Surroundings(NamedTuple):
    """The soil, the hills (foot and height in parts of the width, share of air), and the firs."""

    soil: str
    hills: tuple[tuple[float, float, float], ...]
    firs: tuple[int, float, float]  # count, height, share of air


WOOD = Surroundings("#6b4f38", (), (70, 0.16, 0.45))
LAKE = Surroundings("#6f665c", ((0.035, 0.16, 0.75), (0.015, 0.09, 0.42)), (160, 0.022, 0.16))
MEADOW = Surroundings("#4d5236", ((0.01, 0.07, 0.6),), (60, 0.04, 0.22))


def paint_backdrop(place: Place, around: Surroundings, dusk: bool) -> None:
    """Paint what is above the horizon, from far to near."""
    lens = place.lens
    rows = math.ceil(lens.horizon) + 2
    sky = clear_sky(_DUSK if dusk else _NIGHT, rows, lens.width, rows, 1.0 if dusk else 1.35)
    stars = FixedStars(sky.shape[:2], max(lens.width, lens.height), rng(place.seed, 50))
    stars.draw(sky, 0.12 if dusk else 0.5)
    air = _air(dusk) * F(1.0 if around is WOOD or dusk else 1.5)
    land = Landscape(lens.width, rows, lens.width)
    for k, (base, tall, share) in enumerate(around.hills):
        land.add_hills(base, tall, 2.5, Tone(air * F(share)), rng(place.seed, 51, k))
    count, tall, share = around.firs
    land.add_wood(Growth(count, tall, 0.3, 0.3), Tone(air * F(share)), None, place.seed)
    land.finished().over(sky)
    place.ambient[:rows] = sky


def _air(dusk: bool) -> Array:
    return linear("#6d5a74", 0.8) if dusk else linear("#203a54", 0.85)


def paint_trunks(place: Place, dusk: bool) -> None:
    """Paint three rows of trees; the nearest stand aside, so that the fire has the middle."""
    random = rng(place.seed, 53)
    for row, (z, count, haze) in enumerate(((7.5, 13, 0.35), (4.6, 9, 0.28), (2.6, 6, 0.14))):
        place.add_haze(_air(dusk), haze, z)
        reach = place.lens.half * (z + AWAY) * 1.05
        for k in range(count):
            x = reach * (2 * (k + random.uniform(0.05, 0.95)) / count - 1)
            deep, lean = z + random.uniform(-0.5, 0.5), random.uniform(-0.25, 0.25)
            thick = random.uniform(0.09, 0.20)
            if row < 2 or abs(x) >= 0.45 * reach:
                foot, tip = (x, -0.1, deep), (x + lean, 7.0, deep)
                paint_log(place, foot, tip, thick, 100 + row * 20 + k)


def paint_lake(place: Place, dusk: bool) -> None:
    """Paint water from the far shore, at the horizon, to a few metres behind the fire."""
    first, last = math.ceil(place.lens.horizon), int(place.project(0, 0, 3.4)[1])
    up = first - 1 - (np.arange(last - first) * (1.2 if dusk else 2.4)).astype(int)
    place.ambient[first:last] = cv2.blur(place.ambient[np.clip(up, 0, None)], (1, 7)) * 0.7
    place.lit[first:last] = 0

"""What is around a camp fire at night: a wood, a lake below mountains, a meadow."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ...drawing.colour import linear
from ...drawing.compositing import blend
from ...drawing.noise import Array, F, along, noise_line, rng
from ...layers.land import Growth, Landscape, Tone
from ...layers.sky import FixedStars, clear_sky
from .hearth import paint_log
from .place import AWAY, Place

#: kind → colour of the ground there.
SOILS = ("#6b4f38", "#6f665c", "#4d5236")

_NIGHT = "#050a1e, #0c1a38 50%, #1c3252 85%, #33485e"
_DUSK = "#182a5c, #3d4a80 45%, #9a6a86 75%, #e08a62 92%, #f2ab68"


#: kind → hills behind it: their foot and height in parts of the width, and how much air they show;
#: then its firs: count, height, air.
_HILLS = ((), ((0.035, 0.16, 0.75), (0.015, 0.09, 0.42)), ((0.01, 0.07, 0.6),))
_FIRS = ((70, 0.16, 0.45), (160, 0.022, 0.16), (60, 0.04, 0.22))


def paint_backdrop(place: Place, kind: int, dusk: bool) -> None:
    """Paint ``kind`` (0, 1, 2) above the horizon, from far to near."""
    lens = place.lens
    rows = math.ceil(lens.horizon) + 2
    sky = clear_sky(_DUSK if dusk else _NIGHT, rows, lens.width, rows, 1.0 if dusk else 1.35)
    stars = FixedStars(sky.shape[:2], max(lens.width, lens.height), rng(place.seed, 50))
    stars.draw(sky, 0.12 if dusk else 0.5)
    air = _air(dusk) * F(1.0 if kind == 0 or dusk else 1.5)
    land = Landscape(lens.width, rows, lens.width)
    for k, (base, tall, share) in enumerate(_HILLS[kind]):
        land.add_hills(base, tall, 2.5, Tone(air * F(share)), rng(place.seed, 51, k))
    count, tall, share = _FIRS[kind]
    land.add_wood(Growth(count, tall, 0.3, 0.3), Tone(air * F(share)), None, place.seed)
    land.finished().over(sky)
    place.ambient[:rows] = sky
    if kind == 0:
        place.add_haze(air, 0.35, 60.0)


def paint_middle(place: Place, kind: int, dusk: bool) -> None:
    """Paint what stands on the ground of ``kind``, behind the fire."""
    if kind < 2:
        (_trunks, _water)[kind](place, dusk)


def _air(dusk: bool) -> Array:
    return linear("#6d5a74", 0.8) if dusk else linear("#203a54", 0.85)


def _trunks(place: Place, dusk: bool) -> None:
    """Three rows of trees; the nearest stand aside, so that the fire has the middle."""
    random = rng(place.seed, 53)
    for row, (z, count) in enumerate(((7.5, 13), (4.6, 9), (2.6, 6))):
        reach = place.lens.half * (z + AWAY) * 1.05
        for k in range(count):
            x = reach * (2 * (k + random.uniform(0.05, 0.95)) / count - 1)
            deep, lean = z + random.uniform(-0.5, 0.5), random.uniform(-0.25, 0.25)
            thick = random.uniform(0.09, 0.20)
            if row < 2 or abs(x) >= 0.45 * reach:
                foot, tip = (x, -0.1, deep), (x + lean, 7.0, deep)
                paint_log(place, foot, tip, thick, 100 + row * 20 + k)
        if row < 2:
            place.add_haze(_air(dusk), (0.28, 0.14)[row], z - 0.3)


def _water(place: Place, dusk: bool) -> None:
    """A lake from the far shore, at the horizon, to a few metres behind the fire."""
    lens = place.lens
    first = math.ceil(lens.horizon)
    line = noise_line(1024, 2.2, rng(place.seed, 55), 1, 60)
    edge = 0.006 * lens.height * along(line, np.arange(lens.width) / lens.width * 300)
    edge += F(place.project(0, 0, 3.4)[1])
    rows = np.arange(first, int(edge.max()) + 2)
    up = first - 1 - ((rows - first) * (1.2 if dusk else 2.4)).astype(int)
    mirror = cv2.blur(place.ambient[np.clip(up, 0, None)], (1, 7)) * 0.7
    alpha = np.clip(edge[None] - rows[:, None], 0, 1).astype(F)
    part = slice(first, first + len(rows))
    blend(place.ambient[part], mirror, alpha)
    for lit in place.lit:
        lit[part] *= 1 - alpha[..., None]

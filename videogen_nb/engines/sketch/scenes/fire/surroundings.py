"""What is around a camp fire at night: a wood, a lake below mountains, a tent on a meadow."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ...drawing.colour import linear
from ...drawing.compositing import blend
from ...drawing.noise import Array, F, along, noise_line, rng, smoothstep
from ...layers.land import Growth, wood
from ...layers.sky import FixedStars, clear_sky
from .hearth import paint_log
from .place import AWAY, Place

#: kind → colour of the ground there.
SOILS = ("#6b4f38", "#6f665c", "#4d5236")

_NIGHT = "#050a1e, #0c1a38 50%, #1c3252 85%, #33485e"
_DUSK = "#182a5c, #3d4a80 45%, #9a6a86 75%, #e08a62 92%, #f2ab68"


def paint_backdrop(place: Place, kind: int, dusk: bool) -> None:
    """Paint ``kind`` (0, 1, 2) above the horizon, from far to near."""
    lens = place.lens
    rows = math.ceil(lens.horizon) + 2
    sky = clear_sky(_DUSK if dusk else _NIGHT, rows, lens.width, rows, 1.0 if dusk else 1.35)
    stars = FixedStars(sky.shape[:2], max(lens.width, lens.height), rng(place.seed, 50))
    stars.draw(sky, 0.12 if dusk else 0.5)
    air = _air(dusk) * F(1.0 if kind == 0 or dusk else 1.5)
    if kind == 0:
        _conifers(place, sky, 0.20, 70, air * 0.45)
    elif kind == 1:
        _ridge(place, sky, 0, 0.035, 0.16, air * 0.75)
        _ridge(place, sky, 1, 0.015, 0.09, air * 0.42)
        _conifers(place, sky, 0.028, 160, air * 0.16)
    else:
        _ridge(place, sky, 2, 0.01, 0.07, air * 0.6)
        _conifers(place, sky, 0.05, 60, air * 0.22)
    place.ambient[:rows] = sky
    if kind == 0:
        place.add_haze(air, 0.35, 60.0)


def paint_middle(place: Place, kind: int, dusk: bool) -> None:
    """Paint what stands on the ground of ``kind``, behind the fire."""
    (_trunks, _water, _tent)[kind](place, dusk)


def _air(dusk: bool) -> Array:
    return linear("#6d5a74", 0.8) if dusk else linear("#203a54", 0.85)


def _ridge(place: Place, sky: Array, k: int, base: float, tall: float, colour: Array) -> None:
    """A line of hills whose feet are at the horizon; ``base``, ``tall`` in parts of the width."""
    rows, columns = sky.shape[:2]
    line = noise_line(1024, 2.5, rng(place.seed, 51, k), 1, 200)
    top = base + tall * (0.5 + 0.28 * along(line, np.arange(columns) / columns * 420))
    y = (place.lens.horizon - np.arange(rows, dtype=F))[:, None] / columns
    blend(sky, colour, smoothstep(-0.0008, 0.0008, top[None].astype(F) - y))


def _conifers(place: Place, sky: Array, tall: float, count: int, colour: Array) -> None:
    """Firs in a row at the horizon, as dark shapes; ``tall`` in parts of the width."""
    columns = sky.shape[1]
    cover, _ = wood(columns, columns, Growth(count, 0.8 * tall, 0.3, 0.3), place.seed)
    cover = cover[-len(sky) :]
    blend(sky[-len(cover) :], colour, cover)


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


def _tent(place: Place, _dusk: bool) -> None:
    side = 1 if rng(place.seed, 56).random() < 0.5 else -1
    # in a narrow image it stands farther back, and half behind the fire
    z = 1.6 if place.lens.half * (1.6 + AWAY) >= 2.2 else 3.6
    half, long, tall = 0.95, 2.0, 1.35
    x = side * min(1.9, 0.62 * place.lens.half * (z + AWAY))
    near, far = x - side * half, x + side * half
    front = [(near, 0.0, z), (far, 0.0, z + 0.35), ((near + far) / 2, tall, z + 0.15)]
    back = [(px - side * 0.25, py, pz + long) for px, py, pz in front]
    place.panel([front[0], front[2], back[2], back[0]], "#b5793f")
    place.panel(front, "#c98a4a")
    middle, deep = (near + far) / 2, z + 0.165
    flap = [(middle - 0.24, 0.0, deep), (middle + 0.24, 0.0, deep), (middle, tall * 0.8, z + 0.15)]
    place.panel(flap, "#2a1a10")

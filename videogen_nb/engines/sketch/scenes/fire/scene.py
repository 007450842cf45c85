"""A campfire at night: flames, glowing logs in a ring of stones, rising embers."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np

from ...catalogue import Mood
from ...drawing.colour import linear
from ...drawing.compositing import enlarged, glow, stack3, strips
from ...drawing.lens import Lens
from ...drawing.noise import Array, F, along, noise_line, rng
from ...layers.night_land import Growth, Landscape, Tone
from ...layers.sky import FixedStars, clear_sky
from ..base import Scene
from .flames import BOX, Embers, Flames
from .hearth import AWAY, Place, leaning_logs, paint_ground, paint_log, paint_stone, ring

_SNOW = "#c4cad6"
_CAMERA = 0.62  # height of the camera above the ground, in metres
_SMALL = 4  # the bloom around the flames is computed at a quarter of the size

_NIGHT = "#050a1e, #0c1a38 50%, #1c3252 85%, #33485e"
_DUSK = "#182a5c, #3d4a80 45%, #9a6a86 75%, #e08a62 92%, #f2ab68"


class _Surroundings(NamedTuple):
    """The soil, the hills (base and height as fractions of the width, haze), and the firs."""

    soil: str
    hills: tuple[tuple[float, float, float], ...]
    firs: tuple[int, float, float]  # count, height, haze


_WOOD = _Surroundings("#6b4f38", (), (70, 0.16, 0.45))
_LAKE = _Surroundings("#6f665c", ((0.035, 0.16, 0.75), (0.015, 0.09, 0.42)), (160, 0.022, 0.16))
_MEADOW = _Surroundings("#4d5236", ((0.01, 0.07, 0.6),), (60, 0.04, 0.22))


class FireScene(Scene):
    """A campfire in a forest, by a lake or in a meadow, by night or at dusk."""

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        random = rng(seed, 1)
        unit = min(height, 1.2 * width)
        self._tall = 0.60 * unit  # height of a flame in pixels
        x = width * (0.5 + float(random.uniform(-0.08, 0.08)))
        seat = height * (0.83 if width >= height else 0.78)
        focal = self._tall / 1.15 * AWAY
        place = self._paint(Lens(width, height, focal, seat - _CAMERA * focal / AWAY, _CAMERA, x))
        self._ambient, self._lit = place.ambient, place.lit
        self._prepare_flames(place, round(x), round(seat), random)
        self._embers = Embers(
            (x, seat - 0.1 * self._tall), 0.22 * self._tall, 1.05 * seat, unit / 720, seed
        )
        self._flicker = noise_line(512, 1.4, rng(seed, 70), 2, 120)

    def _paint(self, lens: Lens) -> Place:
        """Paint back to front: what is behind the fire, its logs, and what is in front of it."""
        dusk = self.mood.time in ("dusk", "day")
        place = Place(lens, self.seed, linear("#6d86b8", 0.8 if dusk else 0.6))
        around = (_WOOD, _LAKE, _MEADOW)[self.seed % 3]  # neighbouring seeds differ
        random = rng(self.seed, 2)
        stones = ring(random)
        _paint_backdrop(place, around, dusk)
        paint_ground(place, _SNOW if self.mood.snow else around.soil, stones)
        if around is _WOOD:
            _paint_trunks(place, dusk)
        elif around is _LAKE:
            _paint_lake(place, dusk)
        behind = sum(stone.z > 0 for stone in stones)
        for k, stone in enumerate(stones[:behind]):
            paint_stone(place, stone, k)
        for k, log in enumerate(leaning_logs(random)):
            paint_log(place, *log, k)
        for k, stone in enumerate(stones[behind:], behind):
            paint_stone(place, stone, k)
        place.add_air()
        return place

    def _prepare_flames(self, place: Place, x: int, seat: int, random: np.random.Generator) -> None:
        tall, wide = round(BOX * self._tall / 2) * 2, round(0.95 * self._tall / 2) * 2
        self._flames = Flames(wide, tall, self.seed, 0.29 + 0.05 * random.random(), 10)
        top, left = seat - self._flames.seat, x - wide // 2
        # the visible part of the flames' box, in coordinates of the box and of the image
        v = slice(max(0, -top), min(tall, self.height - top))
        u = slice(max(0, -left), min(wide, self.width - left))
        self._seen = v, u
        self._box = slice(top + v.start, top + v.stop), slice(left + u.start, left + u.stop)
        self._open = stack3(1 - 0.85 * place.cover[self._box])

    def frame(self, t: float) -> Array:
        out = self.buffer("out", (self.height, self.width, 3))
        level = 3.8 * (1 + 0.12 * float(along(self._flicker, t * 14)))
        light = cv2.multiply(self._flames(t)[self._seen], self._open)
        dazzle = self._dazzle(light)
        for rows in strips(self.height, self.width):
            cv2.scaleAdd(self._lit[rows], level, self._ambient[rows], dst=out[rows])
        part = out[self._box]
        # Soot glows, but it also occludes what is behind it.
        veil = cv2.addWeighted(light[..., 0], 1.5, light[..., 0], 0, 1)
        cv2.divide(part, stack3(veil), dst=part)
        cv2.add(part, light, dst=part)
        for rows in strips(self.height, self.width):
            cv2.add(out[rows], enlarged(dazzle, _SMALL, rows, self.width), dst=out[rows])
        self._embers(out, t)
        return out

    def _dazzle(self, light: Array) -> Array:
        """Return the bloom around the flames, at a quarter of the image's size."""
        small = np.zeros((-(-self.height // _SMALL), -(-self.width // _SMALL), 3), F)
        place = tuple(slice(part.start // _SMALL, part.stop // _SMALL) for part in self._box)
        rows, columns = small[place].shape[:2]
        small[place] = cv2.resize(light, (columns, rows), interpolation=cv2.INTER_AREA)
        return glow(small, ((0.010 * self._tall, 0.10), (0.033 * self._tall, 0.13)), shrink=1)


def _paint_backdrop(place: Place, around: _Surroundings, dusk: bool) -> None:
    """Paint everything above the horizon, back to front."""
    lens = place.lens
    rows = math.ceil(lens.horizon) + 2
    sky = clear_sky(_DUSK if dusk else _NIGHT, rows, lens.width, rows, 1.0 if dusk else 1.35)
    stars = FixedStars(sky.shape[:2], max(lens.width, lens.height), rng(place.seed, 50))
    stars.draw(sky, 0.12 if dusk else 0.5)
    air = _air(dusk) * F(1.0 if around is _WOOD or dusk else 1.5)
    land = Landscape(lens.width, rows, lens.width)
    for k, (base, tall, haze) in enumerate(around.hills):
        land.add_hills(base, tall, 2.5, Tone(air * F(haze)), rng(place.seed, 51, k))
    count, tall, haze = around.firs
    land.add_wood(Growth(count, tall, 0.3, 0.3), Tone(air * F(haze)), None, place.seed)
    land.finished().over(sky)
    place.ambient[:rows] = sky


def _air(dusk: bool) -> Array:
    return linear("#6d5a74", 0.8) if dusk else linear("#203a54", 0.85)


def _paint_trunks(place: Place, dusk: bool) -> None:
    """Paint three rows of trees; the nearest leave the centre free for the fire."""
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


def _paint_lake(place: Place, dusk: bool) -> None:
    """Paint water from the far shore, at the horizon, to a few metres behind the fire."""
    first, last = math.ceil(place.lens.horizon), int(place.project(0, 0, 3.4)[1])
    up = first - 1 - (np.arange(last - first) * (1.2 if dusk else 2.4)).astype(int)
    place.ambient[first:last] = cv2.blur(place.ambient[np.clip(up, 0, None)], (1, 7)) * 0.7
    place.lit[first:last] = 0

"""A camp fire at night: flames, glowing logs in a ring of stones, embers that rise."""

from __future__ import annotations

import cv2
import numpy as np

from ...catalogue import Mood
from ...drawing.colour import linear
from ...drawing.compositing import enlarged, glow, stack3, strips
from ...drawing.lens import Lens
from ...drawing.noise import Array, F, along, noise_line, rng
from ..base import Scene
from .flames import BOX, Embers, Flames
from .hearth import leaning_logs, paint_ground, paint_log, paint_stone, ring
from .place import AWAY, Place
from .surroundings import LAKE, MEADOW, WOOD, paint_backdrop, paint_lake, paint_trunks

_SNOW = "#c4cad6"
_EYE = 0.62  # metres above the ground
_SMALL = 4  # the glow around the flames is worked out at a quarter of the size


class FireScene(Scene):
    """A camp fire in a wood, at a lake or on a meadow, by night or at dusk."""

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        random = rng(seed, 1)
        unit = min(height, 1.2 * width)
        self._tall = 0.60 * unit  # a flame, pixels
        x = width * (0.5 + float(random.uniform(-0.08, 0.08)))
        seat = height * (0.83 if width >= height else 0.78)
        focal = self._tall / 1.15 * AWAY
        place = self._paint(Lens(width, height, focal, seat - _EYE * focal / AWAY, _EYE, x))
        self._ambient, self._lit = place.ambient, place.lit
        self._prepare_flames(place, round(x), round(seat), random)
        self._embers = Embers(
            (x, seat - 0.1 * self._tall), 0.22 * self._tall, 1.05 * seat, unit / 720, seed
        )
        self._flicker = noise_line(512, 1.4, rng(seed, 70), 2, 120)

    def _paint(self, lens: Lens) -> Place:
        """From far to near: what stands behind the fire, the fire's wood, what is before it."""
        dusk = self.mood.time in ("dusk", "day")
        place = Place(lens, self.seed, linear("#6d86b8", 0.8 if dusk else 0.6))
        around = (WOOD, LAKE, MEADOW)[self.seed % 3]  # neighbours differ
        random = rng(self.seed, 2)
        stones = ring(random)
        paint_backdrop(place, around, dusk)
        paint_ground(place, _SNOW if self.mood.snow else around.soil, stones)
        if around is WOOD:
            paint_trunks(place, dusk)
        elif around is LAKE:
            paint_lake(place, dusk)
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
        # the part of the flames' box that is in the image, in the box and in the image
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
        # Soot glows, but it also hides what is behind it.
        veil = cv2.addWeighted(light[..., 0], 1.5, light[..., 0], 0, 1)
        cv2.divide(part, stack3(veil), dst=part)
        cv2.add(part, light, dst=part)
        for rows in strips(self.height, self.width):
            cv2.add(out[rows], enlarged(dazzle, _SMALL, rows, self.width), dst=out[rows])
        self._embers(out, t)
        return out

    def _dazzle(self, light: Array) -> Array:
        """The glow around the flames, a quarter of the image's size."""
        small = np.zeros((-(-self.height // _SMALL), -(-self.width // _SMALL), 3), F)
        place = tuple(slice(part.start // _SMALL, part.stop // _SMALL) for part in self._box)
        rows, columns = small[place].shape[:2]
        small[place] = cv2.resize(light, (columns, rows), interpolation=cv2.INTER_AREA)
        return glow(small, ((0.010 * self._tall, 0.10), (0.033 * self._tall, 0.13)), shrink=1)

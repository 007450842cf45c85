"""A camp fire at night: flames, glowing logs in a ring of stones, embers that rise."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ...catalogue import Mood
from ...drawing.colour import linear
from ...drawing.compositing import glow, stack3, strips
from ...drawing.lens import Lens
from ...drawing.noise import Array, along, noise_line, rng
from ..base import Scene
from .flames import BOX, Embers, Flames
from .hearth import leaning_logs, paint_ground, paint_log, paint_stone, ring
from .place import AWAY, Place
from .surroundings import SOILS, paint_backdrop, paint_middle

_COAL = linear("#ff5a10")
_SNOW = "#c4cad6"
_EYE = 0.62  # metres above the ground


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
        lens = Lens(width, height, focal, seat - _EYE * focal / AWAY, _EYE, x)
        place = self._paint_place(lens, seed % len(SOILS))  # neighbours differ
        self._ambient = place.ambient
        # what differs between the two lights is soft: half the size does
        left, right = place.lit
        size = (width // 2, height // 2)
        self._aside = cv2.resize(left - right, size, interpolation=cv2.INTER_AREA)
        self._lit = cv2.add(left, right, dst=left)
        self._prepare_flames(place, round(x), round(seat), random)
        self._embers = Embers(
            (x, seat - 0.1 * self._tall), 0.22 * self._tall, 1.05 * seat, unit / 720, seed
        )
        self._flicker = [noise_line(512, 1.4, rng(seed, 70 + k), 2, 120) for k in range(3)]

    def _paint_place(self, lens: Lens, kind: int) -> Place:
        """From far to near: what stands behind the fire, the fire's wood, what is before it."""
        dusk = self.mood.time in ("dusk", "day")
        place = Place(lens, self.seed, linear("#6d86b8", 0.8 if dusk else 0.6))
        random = rng(self.seed, 2)
        stones = list(enumerate(ring(random)))
        paint_backdrop(place, kind, dusk)
        soil = _SNOW if self.mood.snow else SOILS[kind]
        paint_ground(place, soil, [stone for _, stone in stones])
        paint_middle(place, kind, dusk)
        for k, stone in stones:
            if stone.z > 0:
                paint_stone(place, stone, k)
        for k, (foot, tip, radius) in enumerate(leaning_logs(random)):
            paint_log(place, foot, tip, radius, k)
        for k, stone in stones:
            if stone.z <= 0:
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
        reach = round(0.55 * self._tall)
        self._coals = (
            slice(seat - round(reach * 0.75), seat + reach // 3),
            slice(max(0, x - reach), x + reach),
        )
        self._glow = [pattern[self._coals].copy() for pattern in place.glow]

    def frame(self, t: float) -> Array:
        out = self.buffer("out", (self.height, self.width, 3))
        self._light_place(out, t)
        self._add_glow(out, t)
        self._add_flames(out, t)
        self._embers(out, t)
        return out

    def _light_place(self, out: Array, t: float) -> None:
        """The place as the flickering flames light it, now more from the left, now the right."""
        a, b, whole = (float(along(x, t * 14 + 31 * k)) for k, x in enumerate(self._flicker))
        level = 1.9 * (1 + 0.10 * whole)
        both, aside = level * (1 + 0.11 * (a + b)), level * 0.11 * (a - b)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        for rows in strips(self.height, self.width):
            part = out[rows]
            cv2.scaleAdd(self._lit[rows], both, self._ambient[rows], dst=part)
            to_half = np.array([[0.5, 0, -0.25], [0, 0.5, 0.5 * rows.start - 0.25]])
            moving = cv2.warpAffine(self._aside, to_half, part.shape[1::-1], flags=flags)
            cv2.scaleAdd(moving, aside, part, dst=part)

    def _add_glow(self, out: Array, t: float) -> None:
        """Coals and cracks in the logs, which brighten and darken slowly."""
        levels = [
            1.5 * (1 + 0.3 * math.sin(1.3 * t + 2.4 * k) + 0.15 * math.sin(3.1 * t + k))
            for k in range(2)
        ]
        light = cv2.addWeighted(self._glow[0], levels[0], self._glow[1], levels[1], 0)
        part = out[self._coals]
        cv2.add(part, cv2.merge([cv2.multiply(light, float(c)) for c in _COAL]), dst=part)

    def _add_flames(self, out: Array, t: float) -> None:
        light = self._flames(t)[self._seen]
        cv2.multiply(light, self._open, dst=light)
        part = out[self._box]
        # Soot glows, but it also hides what is behind it.
        veil = cv2.addWeighted(light[..., 0], 1.5, light[..., 0], 0, 1)
        cv2.divide(part, stack3(veil), dst=part)
        cv2.add(part, light, dst=part)
        self._dazzle(out, light)

    def _dazzle(self, out: Array, light: Array) -> None:
        """The glow around the flames: worked out at a quarter of the size, added in strips."""
        small = cv2.resize(light, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        edge = round(0.10 * self._tall)
        small = cv2.copyMakeBorder(small, edge, edge, edge, edge, cv2.BORDER_CONSTANT)
        small = glow(small, ((edge / 10, 0.10), (edge / 3, 0.13)), shrink=1)
        rows, columns = self._box
        far = 4 * edge
        left, right = max(0, columns.start - far), min(self.width, columns.stop + far)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        last = min(self.height, rows.stop + far)
        for strip in strips(last, right - left, max(0, rows.start - far)):
            part = out[strip, left:right]
            x, y = (left - columns.start + 0.5) / 4, (strip.start - rows.start + 0.5) / 4
            to_small = np.array([[0.25, 0, x - 0.5 + edge], [0, 0.25, y - 0.5 + edge]])
            cv2.add(part, cv2.warpAffine(small, to_small, part.shape[1::-1], flags=flags), dst=part)

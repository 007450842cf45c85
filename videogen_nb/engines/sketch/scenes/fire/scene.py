"""A camp fire at night: flames, glowing logs in a ring of stones, embers that rise."""

from __future__ import annotations

import math
from typing import ClassVar

import cv2
import numpy as np

from .....i18n import Text
from ...noise import Array, F, linear, rng
from ..base import Mood, Scene
from ..noise_line import along, noise_line
from .embers import Embers
from .firewood import paint_log
from .flames import Flames
from .hearth import Stone, paint_ground, paint_stone
from .place import Eye, Place, Point
from .woods import SOILS, paint_backdrop, paint_middle

_COAL = linear("#ff5a10")
_SNOW = "#c4cad6"
_STONES, _LOGS = 13, 7
_STRIP = 40  # rows at a time: what is worked on stays in the processor's cache


class FireScene(Scene):
    name: ClassVar[str] = "fire"
    title: ClassVar[Text] = Text("Fire", "篝火")
    example: ClassVar[Text] = Text("A campfire at night", "夜晚的篝火")

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        random = rng(seed, 1)
        unit = min(height, 1.2 * width)
        self._tall = 0.60 * unit  # a flame, pixels
        x = width * (0.5 + float(random.uniform(-0.08, 0.08)))
        seat = height * (0.83 if width >= height else 0.78)
        away = 2.7
        focal = self._tall / 1.15 * away
        up = 0.62
        eye = Eye(width, height, focal, x, seat - up * focal / away, up, away)
        place = self._paint_place(eye, seed % len(SOILS))  # neighbours differ
        self._ambient = place.ambient
        self._lit, self._aside = _sum_and_difference(*place.lit)
        self._prepare_flames(place, x, seat, random)
        self._embers = Embers(
            120, (x, seat - 0.1 * self._tall), 0.22 * self._tall, 1.05 * seat, unit / 720, seed
        )
        self._flicker = [noise_line(512, 1.4, rng(seed, 70 + k), 2, 120) for k in range(3)]

    def _paint_place(self, eye: Eye, kind: int) -> Place:
        dusk = self.mood.time in ("dusk", "day")
        place = Place(eye, self.seed, linear("#6d86b8") * F(0.8 if dusk else 0.6))
        random = rng(self.seed, 2)
        stones = _ring(random)
        paint_backdrop(place, kind, dusk)
        paint_ground(place, _SNOW if self.mood.snow else SOILS[kind], stones)
        paint_middle(place, kind, dusk)
        # From far to near: what stands behind the fire, the fire's wood, what is before it.
        for k, stone in enumerate(stones):
            if stone.z > 0:
                paint_stone(place, stone, k)
        for k, (foot, tip, radius) in enumerate(_logs(random)):
            paint_log(place, foot, tip, radius, k)
        for k, stone in enumerate(stones):
            if stone.z <= 0:
                paint_stone(place, stone, k)
        place.shine()
        return place

    def _prepare_flames(
        self, place: Place, x: float, seat: float, random: np.random.Generator
    ) -> None:
        box = round(1.42 * self._tall / 2) * 2
        wide = round(0.95 * self._tall / 2) * 2
        self._flames = Flames(wide, box, self.seed, 0.29 + 0.05 * random.random(), 10)
        top = round(seat) - self._flames.seat
        left = round(x) - wide // 2
        self._at = (top, left)
        # The part of the box that is in the picture.
        v = slice(max(0, -top), min(box, self.height - top))
        u = slice(max(0, -left), min(wide, self.width - left))
        self._seen = (v, u)
        cover = place.cover[top + v.start : top + v.stop, left + u.start : left + u.stop]
        self._open = 1 - F(0.85) * cover
        reach = round(0.55 * self._tall)
        self._coals = (
            slice(round(seat) - round(reach * 0.75), round(seat) + reach // 3),
            slice(max(0, round(x) - reach), round(x) + reach),
        )
        self._glow = [glow[self._coals].copy() for glow in place.glow]

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
        for top in range(0, self.height, _STRIP):
            rows = slice(top, top + _STRIP)
            part = out[rows]
            cv2.scaleAdd(self._lit[rows], both, self._ambient[rows], dst=part)
            to_half = np.array([[0.5, 0, -0.25], [0, 0.5, 0.5 * top - 0.25]])
            moving = cv2.warpAffine(self._aside, to_half, part.shape[1::-1], flags=flags)
            cv2.scaleAdd(moving, aside, part, dst=part)

    def _add_glow(self, out: Array, t: float) -> None:
        """Coals and cracks in the logs, which brighten and darken slowly."""
        levels = [
            1.5 * (1 + 0.3 * math.sin(1.3 * t + 2.4 * k) + 0.15 * math.sin(3.1 * t + k))
            for k in range(2)
        ]
        glow = cv2.addWeighted(self._glow[0], levels[0], self._glow[1], levels[1], 0)
        part = out[self._coals]
        cv2.add(part, cv2.merge([cv2.multiply(glow, float(c)) for c in _COAL]), dst=part)

    def _add_flames(self, out: Array, t: float) -> None:
        (top, left), (v, u) = self._at, self._seen
        light = self._flames(t)[v, u]
        cv2.multiply(light, cv2.merge([self._open] * 3), dst=light)
        h, w = light.shape[:2]
        y0, x0 = top + v.start, left + u.start
        part = out[y0 : y0 + h, x0 : x0 + w]
        # Soot glows, but it also hides what is behind it.
        veil = cv2.addWeighted(light[..., 0], 1.5, light[..., 0], 0, 1)
        cv2.divide(part, cv2.merge([veil] * 3), dst=part)
        cv2.add(part, light, dst=part)
        self._bloom(out, light, y0, x0)

    def _bloom(self, out: Array, light: Array, y0: int, x0: int) -> None:
        """The dazzle around the flames: blurred at a quarter of the size, added in strips."""
        small = cv2.resize(light, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        edge = round(0.10 * self._tall)
        step_y, step_x = light.shape[0] / small.shape[0], light.shape[1] / small.shape[1]
        small = cv2.copyMakeBorder(small, edge, edge, edge, edge, cv2.BORDER_CONSTANT)
        near = cv2.GaussianBlur(small, (0, 0), edge / 10.0)
        wide = cv2.GaussianBlur(small, (0, 0), edge / 3.0)
        cv2.addWeighted(near, 0.10, wide, 0.13, 0, dst=small)
        left = max(0, x0 - round(edge * step_x))
        right = min(self.width, x0 + light.shape[1] + round(edge * step_x))
        bottom = min(self.height, y0 + light.shape[0] + round(edge * step_y))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        for top in range(max(0, y0 - round(edge * step_y)), bottom, _STRIP):
            part = out[top : min(top + _STRIP, bottom), left:right]
            # Pixel centres lie at half numbers in both sizes.
            x = (left - x0 + 0.5) / step_x - 0.5 + edge
            y = (top - y0 + 0.5) / step_y - 0.5 + edge
            to_small = np.array([[1 / step_x, 0, x], [0, 1 / step_y, y]])
            cv2.add(part, cv2.warpAffine(small, to_small, part.shape[1::-1], flags=flags), dst=part)


def _sum_and_difference(left: Array, right: Array) -> tuple[Array, Array]:
    """Of the place's two lights; the difference at half the size: what moves with it is soft."""
    size = (left.shape[1] // 2, left.shape[0] // 2)
    difference = cv2.resize(left - right, size, interpolation=cv2.INTER_AREA)
    return cv2.add(left, right, dst=left), difference


def _ring(random: np.random.Generator) -> list[Stone]:
    """Stones around the fire, the farthest first."""
    turn = random.uniform(0, 6.28)
    stones = []
    for k in range(_STONES):
        angle = turn + 2 * math.pi * (k + random.uniform(-0.2, 0.2)) / _STONES
        far = 0.62 * random.uniform(0.94, 1.06)
        radius = random.uniform(0.085, 0.135)
        stones.append(Stone(far * math.sin(angle), far * math.cos(angle), radius))
    return sorted(stones, key=lambda stone: -stone.z)


def _logs(random: np.random.Generator) -> list[tuple[Point, Point, float]]:
    """Logs that lean together over the fire: foot, tip, radius; the farthest first."""
    turn = random.uniform(0, 6.28)
    logs = []
    for k in range(_LOGS):
        angle = turn + 2 * math.pi * (k + random.uniform(-0.25, 0.25)) / _LOGS
        far, over = random.uniform(0.36, 0.46), random.uniform(0.1, 0.3)
        x, z = far * math.sin(angle), far * math.cos(angle)
        tip = (-x * over, random.uniform(0.26, 0.36), -z * over)
        logs.append(((x, 0.04, z), tip, random.uniform(0.040, 0.058)))
    return sorted(logs, key=lambda log: -log[0][2])

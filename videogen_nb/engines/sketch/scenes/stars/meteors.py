"""Shooting stars: a bright head that flies for a second and the trail it leaves."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...drawing.colour import linear
from ...drawing.noise import Array, F, smoothstep

_FLIGHT_S = 0.75
_GONE = 1.25  # flights until nothing is left
_PERIOD_S = 4.6


@dataclass(frozen=True, slots=True)
class _Meteor:
    start_s: float
    x: float
    y: float
    angle: float
    light: float


class Meteors:
    """A few over ``length_s`` seconds, in the upper part of a sky. Safe from several threads."""

    def __init__(
        self, width: int, rows: int, unit: float, random: np.random.Generator, length_s: float = 15
    ) -> None:
        self._unit = unit
        self._colour = linear("#dff0ff")
        count = math.ceil(length_s / _PERIOD_S)
        self._meteors = [self._one(k, width, rows, random) for k in range(count)]

    def over(self, sky: Array, t: float) -> None:
        """Adds those of instant ``t`` to ``sky`` in place."""
        for meteor in self._meteors:
            flown = (t - meteor.start_s) / _FLIGHT_S
            if 0 < flown < _GONE:
                self._draw(sky, meteor, flown)

    def _one(self, k: int, width: int, rows: int, random: np.random.Generator) -> _Meteor:
        start = k * _PERIOD_S + float(random.uniform(0.6, _PERIOD_S - 1.2))
        left = random.random() < 0.5
        x = float(random.uniform(0.12, 0.5) if left else random.uniform(0.5, 0.88)) * width
        angle = math.radians(float(random.uniform(16, 36)))
        angle = angle if left else math.pi - angle
        y = float(random.uniform(0.06, 0.34)) * rows
        return _Meteor(start, x, y, angle, float(random.uniform(0.5, 1.0)))

    def _draw(self, sky: Array, meteor: _Meteor, flown: float) -> None:
        path = 0.24 * self._unit * min(flown, 1)
        trail = 0.11 * self._unit * min(2 * flown, 1)
        c, s = math.cos(meteor.angle), math.sin(meteor.angle)
        head_x, head_y = meteor.x + c * path, meteor.y + s * path
        xs, ys = sorted((head_x, head_x - c * trail)), sorted((head_y, head_y - s * trail))
        x0, x1 = max(0, int(xs[0]) - 8), min(sky.shape[1], int(xs[1]) + 9)
        y0, y1 = max(0, int(ys[0]) - 8), min(sky.shape[0], int(ys[1]) + 9)
        if x1 <= x0 or y1 <= y0:
            return
        y, x = np.mgrid[y0:y1, x0:x1].astype(F)
        behind = (F(head_x) - x) * F(c) + (F(head_y) - y) * F(s)
        beside = (y - F(head_y)) * F(c) - (x - F(head_x)) * F(s)
        taper = np.clip(1 - behind / F(trail), 0, 1)
        scale = F(self._unit / 1280)
        bright = np.where(behind > 0, taper**1.7, np.exp(-((behind / (1.2 * scale)) ** 2)))
        bright *= np.exp(-((beside / ((0.55 + 0.5 * taper) * scale)) ** 2))
        fade = (1 - smoothstep(0.55, _GONE, flown)) * smoothstep(0, 0.15, flown)
        sky[y0:y1, x0:x1] += bright[..., None] * (self._colour * F(1.5 * meteor.light * fade))

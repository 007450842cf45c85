"""A suspension bridge that comes from the far bank towards the eye, and the cars on it."""

from __future__ import annotations

import cv2
import numpy as np

from ...drawing.colour import linear
from ...drawing.compositing import blend
from ...drawing.noise import Array, F, rng
from ...drawing.sprites import polygon
from .place import AWAY, HEAD, TAIL, Place, Spots

_DECK, _TOP, _SAG, _HALF = 17.0, 72.0, 21.0, 11.0  # metres: heights, half the width
_TOWERS = (0.24, 0.70)
_FINE = 2  # painted larger, for smooth thin lines
_CARS = 34


class Bridge:
    """``paint`` gives what stands still; ``lamps`` and ``cars`` are spots of light."""

    def __init__(self, place: Place, side: int, seed: int) -> None:
        self._lens, self._thin = place.lens, place.thin
        half = self._lens.half
        # From the middle of the far bank to where it leaves the image at one side.
        self._from = np.array([-side * 0.02 * half * 600, AWAY])
        self._way = np.array([side * half * 95 * 1.25, 95.0]) - self._from
        length = float(np.hypot(*self._way))
        self._aside = np.array([-self._way[1], self._way[0]]) / length
        random = rng(seed, 31)
        self._start = random.random(_CARS)
        self._speed = random.uniform(15, 24, _CARS) / length
        self._lane = np.where(np.arange(_CARS) % 2, 1.0, -1.0) * random.choice([3.0, 6.5], _CARS)

    def at(self, s: Array, up: Array | float, aside: Array | float) -> tuple[Array, Array, Array]:
        """Pixel x, pixel y and pixels a metre at ``s`` along it, 0 far – 1 near."""
        x = self._from[0] + self._way[0] * s + self._aside[0] * aside
        z = self._from[1] + self._way[1] * s + self._aside[1] * aside
        return self._lens.project(x, up, z)

    def paint(self, accent: Array) -> tuple[Array, Array]:
        """Light ``(height, width, 3)``, premultiplied, and cover ``(height, width)``."""
        shape = self._lens.height, self._lens.width
        self._mask = np.zeros((shape[0] * _FINE, shape[1] * _FINE), np.uint8)
        self._light, self._cover = np.zeros((*shape, 3), F), np.zeros(shape, F)
        s = np.linspace(-0.02, 1.1, 240)
        steel = linear("#3c4252", 0.5)
        for aside in (_HALF, -_HALF):
            self._cables(s, aside, steel * 1.6 + accent * 0.07)
            for tower in _TOWERS:
                self._beam(np.full(30, tower), np.linspace(-2.0, _TOP, 30), aside, 5.0)
            self._flush(steel + accent * 0.17)
        self._deck(s, steel)
        for tower in _TOWERS:
            for up in (_TOP - 3, _DECK + 22):
                self._beam(np.full(2, tower), up, np.array([_HALF, -_HALF]), 3.5)
        self._flush(steel + accent * 0.17)
        self._beam(s, _DECK + 0.2, -_HALF, 0.5, 0.7)  # a line of light along the deck
        self._flush(accent * 0.7)
        painted = self._light, self._cover
        del self._mask, self._light, self._cover
        return painted

    def _deck(self, s: Array, colour: Array) -> None:
        for aside in (_HALF, -_HALF):
            self._beam(s, _DECK - 1.4, aside, 3.2)
        self._flush(colour * 0.55)
        for pier in np.arange(0.02, 0.9, 0.115):
            if min(abs(pier - tower) for tower in _TOWERS) > 0.16:
                self._beam(np.full(2, pier), np.array([-1.0, _DECK - 1]), 0.0, 4.0)
        self._flush(colour * 0.4)

    def _cables(self, s: Array, aside: float, colour: Array) -> None:
        first, last = _TOWERS
        u = (s - first) / (last - first) * 2 - 1
        main = _SAG + (_TOP - _SAG) * u * u
        outer = np.where(s < first, s + 0.02, 1.16 - s) / np.where(s < first, first + 0.02, 0.46)
        up = np.where(np.abs(u) <= 1, main, _DECK + (_TOP - _DECK) * np.clip(outer, 0, 1) ** 1.3)
        self._beam(s, up, aside, 0.9, 0.8)
        self._flush(colour)
        for k in range(0, s.size, 3):
            self._beam(s[[k, k]], np.array([up[k], _DECK]), aside, 0.25, 0.35)
        self._flush(colour * 0.5)

    def _beam(
        self, s: Array, up: Array | float, aside: Array | float, metres: float, least: float = 0.0
    ) -> None:
        """A line ``metres`` thick, but never thinner than ``least`` of what still shows."""
        x, y, scale = np.broadcast_arrays(*self.at(s, up, aside))
        wide = np.maximum(scale * metres, least * self._thin)
        points = np.stack([x, y], 1)
        ahead = np.gradient(points, axis=0)
        ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-6)
        normal = np.stack([-ahead[:, 1], ahead[:, 0]], 1) * wide[:, None] / 2
        one, other = (points + normal) * _FINE, (points - normal) * _FINE
        for k in range(len(points) - 1):
            corners = np.array([one[k], one[k + 1], other[k + 1], other[k]])
            if np.abs(corners).max() < 6e4:
                polygon(self._mask, corners)

    def _flush(self, colour: Array) -> None:
        """Lay what has been drawn since the last time over the painting."""
        size = (self._lens.width, self._lens.height)
        cover = cv2.resize(self._mask, size, interpolation=cv2.INTER_AREA)
        self._mask[:] = 0
        used = np.flatnonzero(cover.any(1))
        if used.size:
            rows = slice(int(used[0]), int(used[-1]) + 1)
            share = cover[rows] / F(255)
            blend(self._light[rows], colour, share)
            self._cover[rows] += (1 - self._cover[rows]) * share

    def lamps(self) -> Spots:
        """Lamps along both edges."""
        s = np.repeat(np.arange(0.0, 1.05, 0.018), 2)
        aside = np.where(np.arange(s.size) % 2, _HALF, -_HALF)
        x, y, scale = self.at(s, _DECK + 8, aside)
        bright = np.clip(0.30 * scale**0.6, 0.35, 1.6)[:, None]
        return x, y, np.maximum(0.45 * scale, 0.75 * self._thin), linear("#ffc680", 2.2) * bright

    def cars(self, t: float) -> Spots:
        """Pairs of lights."""
        towards = self._lane > 0
        s = np.mod(self._start + np.where(towards, 1, -1) * self._speed * t, 1.0) * 1.08
        s, lane = np.tile(s, 2), np.tile(self._lane, 2) + np.repeat([-0.75, 0.75], _CARS)
        x, y, scale = self.at(s, _DECK + 1.0, lane)
        bright = np.clip(0.5 * scale**0.5, 0.3, 2.2) * np.clip(s / 0.03, 0, 1)
        colour = np.where(np.tile(towards, 2)[:, None], HEAD, TAIL)
        return x, y, np.maximum(0.26 * scale, 0.7 * self._thin), colour * bright[:, None] * 2.4

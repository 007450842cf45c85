"""A suspension bridge that comes from the far bank towards the eye, and the cars on it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ...noise import Array, F, linear, rng
from .riverview import RiverView
from .traffic import HEAD, TAIL

_DECK, _TOP, _SAG, _HALF = 17.0, 72.0, 21.0, 11.0  # metres: heights, half the width
_TOWERS: Final = (0.24, 0.70)
_FINE = 2  # painted larger, for smooth thin lines
_CARS = 34


class Bridge:
    """``paint`` gives what stands still; ``lamps`` and ``cars`` are spots of light."""

    def __init__(self, view: RiverView, side: int, seed: int) -> None:
        self._view = view
        self._thin = view.unit / 720  # the finest that still shows, in pixels
        half = view.width / view.focal / 2
        # From the middle of the far bank to where it leaves the picture at one side.
        self._from = np.array([-side * 0.02 * half * 600, 640.0])
        self._to = np.array([side * half * 95 * 1.25, 95.0])
        self._length = float(np.hypot(*(self._to - self._from)))
        self._aside = np.array([-(self._to - self._from)[1], (self._to - self._from)[0]])
        self._aside /= self._length
        random = rng(seed, 31)
        self._start = random.random(_CARS)
        self._speed = random.uniform(15, 24, _CARS) / self._length
        self._lane = np.where(np.arange(_CARS) % 2, 1.0, -1.0) * random.choice([3.0, 6.5], _CARS)

    def at(self, s: Array, up: Array | float, aside: Array | float) -> tuple[Array, Array, Array]:
        """Pixel x, pixel y and pixels a metre at ``s`` along it, 0 far – 1 near."""
        s = np.asarray(s, float)
        x = self._from[0] + (self._to - self._from)[0] * s + self._aside[0] * aside
        z = self._from[1] + (self._to - self._from)[1] * s + self._aside[1] * aside
        return self._view.project(x, np.asarray(up, float), z)

    def paint(self, accent: Array) -> tuple[Array, Array]:
        """Light ``(height, width, 3)``, premultiplied, and cover ``(height, width)``."""
        height, width = self._view.height, self._view.width
        self._mask = np.zeros((height * _FINE, width * _FINE), np.uint8)
        self._light = np.zeros((height, width, 3), F)
        self._cover = np.zeros((height, width), F)
        s = np.linspace(-0.02, 1.1, 240)
        steel = linear("#3c4252") * F(0.5)
        for aside in (_HALF, -_HALF):
            self._cables(s, aside, steel * F(1.6) + accent * F(0.07))
            for tower in _TOWERS:
                self._tower(tower, aside, steel + accent * F(0.17))
        self._deck(s, steel)
        for tower in _TOWERS:
            for up in (_TOP - 3, _DECK + 22):
                ends = np.array([_HALF, -_HALF])
                x, y, scale = self.at(np.full(2, tower), up, ends)
                self._stroke(x, y, scale * 3.5)
        self._flush(steel + accent * F(0.17))
        self._edge_light(s, accent)
        painted = self._light, self._cover
        del self._mask, self._light, self._cover
        return painted

    def _tower(self, s: float, aside: float, colour: Array) -> None:
        up = np.linspace(-2.0, _TOP, 30)
        x, y, scale = self.at(np.full(30, s), up, aside)
        self._stroke(x, y, scale * 5.0)
        self._flush(colour)

    def _deck(self, s: Array, colour: Array) -> None:
        for aside in (_HALF, -_HALF):
            x, y, scale = self.at(s, _DECK - 1.4, aside)
            self._stroke(x, y, scale * 3.2)
        self._flush(colour * F(0.55))
        for pier in np.arange(0.02, 1.1, 0.115):
            if min(abs(pier - tower) for tower in _TOWERS) > 0.16 and pier < 0.9:
                x, y, scale = self.at(np.full(2, pier), np.array([-1.0, _DECK - 1]), 0.0)
                self._stroke(x, y, scale * 4.0)
        self._flush(colour * F(0.4))

    def _cables(self, s: Array, aside: float, colour: Array) -> None:
        first, last = _TOWERS
        u = (s - first) / (last - first) * 2 - 1
        main = _SAG + (_TOP - _SAG) * u * u
        outer = np.where(s < first, s + 0.02, 1.16 - s) / np.where(s < first, first + 0.02, 0.46)
        up = np.where(np.abs(u) <= 1, main, _DECK + (_TOP - _DECK) * np.clip(outer, 0, 1) ** 1.3)
        x, y, scale = self.at(s, up, aside)
        self._stroke(x, y, np.maximum(scale * 0.9, 0.8 * self._thin))
        self._flush(colour)
        for k in range(0, s.size, 3):
            top = self.at(s[k], up[k], aside)
            low = self.at(s[k], _DECK, aside)
            ends = np.array([top[0], low[0]]), np.array([top[1], low[1]])
            self._stroke(*ends, np.full(2, max(0.25 * float(top[2]), 0.35 * self._thin)))
        self._flush(colour * F(0.5))

    def _edge_light(self, s: Array, accent: Array) -> None:
        """A line of light along the deck; lamps are lights of the traffic."""
        x, y, scale = self.at(s, _DECK + 0.2, -_HALF)
        self._stroke(x, y, np.maximum(scale * 0.5, 0.7 * self._thin))
        self._flush(accent * F(0.7))

    def _stroke(self, x: Array, y: Array, wide: Array) -> None:
        """A line of varying width, in pixels of the picture."""
        points = np.stack([x, y], 1)
        ahead = np.gradient(points, axis=0)
        ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-6)
        normal = np.stack([-ahead[:, 1], ahead[:, 0]], 1) * np.asarray(wide)[:, None] / 2
        for k in range(len(points) - 1):
            quad = [points[k] + normal[k], points[k + 1] + normal[k + 1]]
            quad += [points[k + 1] - normal[k + 1], points[k] - normal[k]]
            corner = (np.array(quad) * _FINE - 0.5) * 16
            if np.abs(corner).max() < 1e6:
                cv2.fillConvexPoly(
                    self._mask, np.round(corner).astype(np.int32), 255, cv2.LINE_AA, 4
                )

    def _flush(self, colour: Array) -> None:
        """Lay what has been stroked since the last time over the painting."""
        size = (self._view.width, self._view.height)
        alpha = cv2.resize(self._mask, size, interpolation=cv2.INTER_AREA)
        self._mask[:] = 0
        used = np.flatnonzero(alpha.any(1))
        if not used.size:
            return
        rows = slice(int(used[0]), int(used[-1]) + 1)
        share = alpha[rows] / F(255)
        light, cover = self._light[rows], self._cover[rows]
        light += (colour - light) * share[..., None]
        cover += (1 - cover) * share

    def lamps(self) -> tuple[Array, Array, Array, Array]:
        """Lamps along both edges: x, y, sigma in pixels, light."""
        s = np.repeat(np.arange(0.0, 1.05, 0.018), 2)
        aside = np.where(np.arange(s.size) % 2, _HALF, -_HALF)
        x, y, scale = self.at(s, _DECK + 8, aside)
        bright = np.clip(0.30 * scale**0.6, 0.35, 1.6)
        return (
            x,
            y,
            np.maximum(0.45 * scale, 0.75 * self._thin),
            linear("#ffc680") * bright[:, None] * F(2.2),
        )

    def cars(self, t: float) -> tuple[Array, Array, Array, Array]:
        """Pairs of lights: x, y, sigma in pixels, light."""
        towards = self._lane > 0
        s = np.mod(self._start + np.where(towards, 1, -1) * self._speed * t, 1.0) * 1.08
        pair = np.repeat([-0.75, 0.75], _CARS)
        s, lane = np.tile(s, 2), np.tile(self._lane, 2) + pair
        x, y, scale = self.at(s, _DECK + 1.0, lane)
        bright = np.clip(0.5 * scale**0.5, 0.3, 2.2) * np.clip(s / 0.03, 0, 1)
        colour = np.where(np.tile(towards, 2)[:, None], HEAD, TAIL)
        return x, y, np.maximum(0.26 * scale, 0.7 * self._thin), colour * bright[:, None] * F(2.4)

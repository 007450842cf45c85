"""Flowing silk: a cloth of soft folds in a slanting light."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ...drawing.noise import Array, F, ScrollingTile, fbm_tile, rng
from .palette import Palette

_TILE = 256
_SHADES = 512


class Silk:
    """``(height, width)``; draws at half the size, the cloth has no finer detail."""

    def __init__(self, width: int, height: int, palette: Palette, pace: float, seed: int) -> None:
        random = rng(seed, 71)
        self._size = (width, height)
        self._pace = pace
        h, w = height // 2, width // 2
        unit = min(h, 1.2 * w)
        y, x = np.mgrid[0:h, 0:w].astype(F)
        x, y = (x - F(w / 2)) / F(unit), (y - F(h / 2)) / F(unit)
        angle = random.uniform(-0.9, 0.9) + (math.pi / 2 if random.random() < 0.35 else 0)
        c, s = math.cos(angle), math.sin(angle)
        self._along, self._across = x * F(c) + y * F(s), y * F(c) - x * F(s)
        self._fine = unit / 360
        wide = fbm_tile(_TILE, 3.6, rng(seed, 72), 1, 7)
        bend = fbm_tile(_TILE, 3.4, rng(seed, 73), 1, 10)
        u, v = self._along * 70 + random.uniform(0, 256), self._across * 70
        self._warps = [ScrollingTile(tile, u, v) for tile in (wide, bend)]
        self._folds = random.uniform(6.2, 9.2)
        self._mix = random.uniform(0.7, 1.2)
        self._colours = palette.along(_SHADES)[None]
        self._shine = palette.shine
        self._deep = np.asarray(np.broadcast_to(palette.deep * 0.25, (h, w, 3))).copy()
        self._phase = random.uniform(0, 6.28, 3)

    def draw(self, t: float, out: Array) -> None:
        """Draw it at ``t`` into ``out``, ``(height, width, 3)``."""
        t = t * self._pace
        first = self._warps[0](5.0 * t, 2.2 * t)
        second = self._warps[1](-4.0 * t, 3.0 * t)
        phase = cv2.scaleAdd(first, 0.17, self._across)
        cv2.scaleAdd(second, 0.06, phase, dst=phase)
        light = self._light(self._cloth(phase, cv2.scaleAdd(second, 0.10, self._along), t))
        shade = cv2.addWeighted(first, 0.16 * self._mix, phase, 0.55, 0.03 * t + 4.0)
        hue = cv2.multiply(shade - np.floor(shade), _SHADES - 1.0)
        colour = cv2.remap(self._colours, hue, np.zeros_like(hue), cv2.INTER_LINEAR)
        small = self._shade(colour, light)
        cv2.resize(small, self._size, dst=out, interpolation=cv2.INTER_LINEAR)

    def _cloth(self, phase: Array, along: Array, t: float) -> Array:
        """Height of the cloth: folds upon folds."""
        k = F(self._folds)
        a = np.sin(phase * k + F(0.35 * t + self._phase[0]))
        b = np.sin(phase * (k * 2.3) + along * 2.1 + a * 0.8 - F(0.5 * t))
        c = np.sin(phase * (k * 4.7) - along * 3.4 + b * 0.7 + F(0.4 * t))
        return a + 0.34 * b + 0.11 * c

    def _light(self, cloth: Array) -> tuple[Array, Array]:
        """Diffuse light and shine, from the slopes of the cloth."""
        scale = 2.9 * self._fine
        dx = cv2.Sobel(cloth, cv2.CV_32F, 1, 0, scale=scale)
        dy = cv2.Sobel(cloth, cv2.CV_32F, 0, 1, scale=scale)
        norm = cv2.sqrt(cv2.multiply(dx, dx) + cv2.multiply(dy, dy) + 1)
        facing = (0.62 - 0.40 * dx - 0.52 * dy) / norm
        diffuse = np.maximum(facing, 0)
        # Satin shines in broad strips: the highlight falls off slowly.
        half = np.clip((0.90 - 0.20 * dx - 0.27 * dy) / norm, 0, 1)
        return diffuse, cv2.pow(half, 26.0)

    def _shade(self, colour: Array, light: tuple[Array, Array]) -> Array:
        diffuse, shine = light
        body = cv2.merge([cv2.addWeighted(diffuse, 1.05, diffuse, 0, 0.05)] * 3)
        cv2.multiply(body, colour, dst=body)
        glint = cv2.merge([cv2.multiply(shine, 0.55 * float(c)) for c in self._shine])
        cv2.add(body, glint, dst=body)
        cv2.add(body, self._deep, dst=body)
        return body

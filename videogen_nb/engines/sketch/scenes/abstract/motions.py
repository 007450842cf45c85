"""Abstract motions: flowing silk, and clouds of ink folding in clear water."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Final

import cv2
import numpy as np

from ...drawing.compositing import grid, stack3
from ...drawing.noise import Array, F, ScrollingTile, fbm_tile, rng, smoothstep, wrap_edge
from .palette import Palette

_CLOTH = 256  # size in texels of the noise that bends the cloth
_SHADES = 512


class Motion(ABC):
    """An abstract motion, computed at half size because it has no finer detail."""

    def __init__(self, width: int, height: int, pace: float) -> None:
        self._size, self._pace = (width, height), pace
        h, w = height // 2, width // 2
        self.unit = min(h, 1.2 * w)
        x, y = grid(h, w, 1 / self.unit)
        #: Coordinates relative to the centre, in units.
        self.x, self.y = np.broadcast_arrays(x - x.mean(), y - y.mean())

    def draw(self, t: float, out: Array) -> None:
        """Draw the motion at ``t`` seconds into ``out``, ``(height, width, 3)``."""
        small = self.small(t * self._pace)
        cv2.resize(small, self._size, dst=out, interpolation=cv2.INTER_LINEAR)

    @abstractmethod
    def small(self, t: float) -> Array:
        """Return the image at half size."""


class Silk(Motion):
    """Layered folds of cloth, bent by noise, with a satin sheen."""

    def __init__(self, width: int, height: int, palette: Palette, pace: float, seed: int) -> None:
        super().__init__(width, height, pace)
        random = rng(seed, 71)
        angle = random.uniform(-0.9, 0.9) + (math.pi / 2 if random.random() < 0.35 else 0)
        c, s = F(math.cos(angle)), F(math.sin(angle))
        self._along, self._across = self.x * c + self.y * s, self.y * c - self.x * s
        u, v = self._along * 70 + random.uniform(0, 256), self._across * 70
        self._wide = ScrollingTile(fbm_tile(_CLOTH, 3.6, rng(seed, 72), 1, 7), u, v)
        self._bend = ScrollingTile(fbm_tile(_CLOTH, 3.4, rng(seed, 73), 1, 10), u, v)
        self._folds = F(random.uniform(6.2, 9.2))
        self._mix = random.uniform(0.7, 1.2)
        self._colours = palette.along(_SHADES)[None]
        self._shine, self._deep = palette.shine * F(0.55), palette.deep * F(0.25)
        self._phase = random.uniform(0, 6.28)

    def small(self, t: float) -> Array:
        first, second = self._wide(5.0 * t, 2.2 * t), self._bend(-4.0 * t, 3.0 * t)
        phase = cv2.scaleAdd(first, 0.17, self._across)
        cv2.scaleAdd(second, 0.06, phase, dst=phase)
        cloth = self._cloth(phase, cv2.scaleAdd(second, 0.10, self._along), t)
        shade = cv2.addWeighted(first, 0.16 * self._mix, phase, 0.55, 0.03 * t + 4.0)
        hue = cv2.multiply(shade - np.floor(shade), _SHADES - 1.0)
        colour = cv2.remap(self._colours, hue, np.zeros_like(hue), cv2.INTER_LINEAR)
        return self._lit(cloth, colour)

    def _cloth(self, phase: Array, along: Array, t: float) -> Array:
        """Return the height field of the cloth."""
        k = self._folds
        a = np.sin(phase * k + F(0.35 * t + self._phase))
        b = np.sin(phase * (k * 2.3) + along * 2.1 + a * 0.8 - F(0.5 * t))
        c = np.sin(phase * (k * 4.7) - along * 3.4 + b * 0.7 + F(0.4 * t))
        return a + 0.34 * b + 0.11 * c

    def _lit(self, cloth: Array, colour: Array) -> Array:
        """Shade ``colour`` by the light on the slopes of the cloth."""
        scale = 2.9 * self.unit / 360
        dx = cv2.Sobel(cloth, cv2.CV_32F, 1, 0, scale=scale)
        dy = cv2.Sobel(cloth, cv2.CV_32F, 0, 1, scale=scale)
        norm = cv2.sqrt(cv2.multiply(dx, dx) + cv2.multiply(dy, dy) + 1)
        diffuse = np.maximum((0.62 - 0.40 * dx - 0.52 * dy) / norm, 0) * 1.05 + 0.05
        # Satin has broad highlights, so the specular falloff is slow.
        shine = cv2.pow(np.clip((0.90 - 0.20 * dx - 0.27 * dy) / norm, 0, 1), 26.0)
        cv2.multiply(colour, stack3(diffuse), dst=colour)
        glint = [
            cv2.addWeighted(shine, float(c), shine, 0, float(d))
            for c, d in zip(self._shine, self._deep, strict=True)
        ]
        return cv2.add(colour, cv2.merge(glint), dst=colour)


_TILE = 512
#: (spectral slope, highest frequency in cycles per tile) of the noises: two that swirl, one that
#: folds, one that billows.
_NOISES: Final = ((3.4, 24), (3.4, 24), (3.1, 60), (2.7, 140))


class Ink(Motion):
    """Two inks in clear water, which absorb light by the Beer–Lambert law.

    The clouds come from domain warping: noise is sampled at positions displaced by other noise,
    which is displaced by a third; each step folds them once more.
    """

    def __init__(self, width: int, height: int, palette: Palette, pace: float, seed: int) -> None:
        super().__init__(width, height, pace)
        random = rng(seed, 81)
        self._u, self._v = (a * 115 + F(random.uniform(0, _TILE)) for a in (self.x, self.y))
        tiles = [
            fbm_tile(_TILE, slope, rng(seed, 82 + k), 1, finest)
            for k, (slope, finest) in enumerate(_NOISES)
        ]
        self._turns = [ScrollingTile(t, self._u * 0.8, self._v * 0.8) for t in tiles[:2]]
        self._fold, self._billow = (wrap_edge(tile) for tile in tiles[2:])
        angle = random.uniform(0, 6.28)
        self._drift = math.cos(angle), math.sin(angle)
        # Absorption of red, green and blue by the inks of the first and the last colour.
        self._inks = -np.log(np.maximum(palette.main[[0, -1]], 0.012)).astype(float)
        # The ink is densest around its source.
        distance = np.hypot(*(a - F(random.uniform(-0.35, 0.35)) for a in (self.x, self.y)))
        self._amount = 0.55 * np.exp(-np.square(distance / 0.75))
        fading = 1 - 0.30 * (np.square(self.x * 0.75) + np.square(self.y))
        self._water = np.maximum(fading, 0.3)[..., None] * (palette.shine * F(1.3))

    def small(self, t: float) -> Array:
        along, aside = self._drift
        a = self._turns[0](4.0 * t * along, 4.0 * t * aside)
        b = self._turns[1](-3.0 * t * aside, 3.0 * t * along)
        u, v = cv2.scaleAdd(a, 34.0, self._u), cv2.scaleAdd(b, 34.0, self._v)
        fold = _look(self._fold, u, v, 5.0 * t, -3.5 * t)
        u, v = cv2.scaleAdd(fold, 20.0, u), cv2.scaleAdd(fold, -14.0, v)
        billow = _look(self._billow, u, v, 2.5 * t, 4.0 * t)
        body = cv2.addWeighted(fold, 0.55, billow, 0.32, 0.02) + self._amount
        # Vary the density inside the clouds.
        uneven = np.maximum(cv2.addWeighted(billow, 0.22, fold, -0.16, 0.82), 0.2)
        first = _thickness(body + 0.34 * a) * uneven
        second = _thickness(body - 0.42 * a + 0.25 * b - 0.25) * uneven
        depth = [cv2.addWeighted(first, -p, second, -q, 0) for p, q in self._inks.T.tolist()]
        left = cv2.exp(cv2.merge(depth))
        return cv2.multiply(left, self._water, dst=left)


def _thickness(body: Array) -> Array:
    """Return the ink's thickness, which rises steeply from zero so that clouds have edges."""
    return np.asarray(smoothstep(0.0, 1.2, body) * (0.35 + 0.42 * np.clip(body, 0, 1.6)), F)


def _look(tile: Array, u: Array, v: Array, du: float, dv: float) -> Array:
    """Sample a tile with a wrapped edge at (u + du, v + dv), any range."""
    u, v = u + F(du), v + F(dv)
    u -= np.floor(u * F(1 / _TILE)) * F(_TILE)
    v -= np.floor(v * F(1 / _TILE)) * F(_TILE)
    return cv2.remap(tile, u, v, cv2.INTER_LINEAR)

"""Abstract motions: a cloth of flowing silk, and clouds of ink that fold in clear water."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np

from ...drawing.noise import Array, F, ScrollingTile, fbm_tile, rng, smoothstep, wrap_edge
from .palette import Palette

_CLOTH = 256  # texels of the noise that bends the cloth
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
        wide = fbm_tile(_CLOTH, 3.6, rng(seed, 72), 1, 7)
        bend = fbm_tile(_CLOTH, 3.4, rng(seed, 73), 1, 10)
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


_TILE = 512
#: spectral slope and finest detail (cycles a tile) of the noises: two that turn, one that folds,
#: one that billows
_NOISES: Final = ((3.4, 24), (3.4, 24), (3.1, 60), (2.7, 140))


class Ink:
    """``(height, width)``; draws at half the size.

    The clouds are noise looked up where other noise, looked up where yet other noise points, says:
    each step folds them once more. Light goes through them as Beer and Lambert say.
    """

    def __init__(self, width: int, height: int, palette: Palette, pace: float, seed: int) -> None:
        random = rng(seed, 81)
        self._size, self._pace = (width, height), pace
        h, w = height // 2, width // 2
        unit = min(h, 1.2 * w)
        y, x = np.mgrid[0:h, 0:w].astype(F)
        x, y = (x - F(w / 2)) / F(unit), (y - F(h / 2)) / F(unit)
        self._u = x * 115 + F(random.uniform(0, _TILE))
        self._v = y * 115 + F(random.uniform(0, _TILE))
        tiles = [
            fbm_tile(_TILE, slope, rng(seed, 82 + k), 1, finest)
            for k, (slope, finest) in enumerate(_NOISES)
        ]
        self._turns = [ScrollingTile(t, self._u * 0.8, self._v * 0.8) for t in tiles[:2]]
        self._fold, self._billow = (wrap_edge(tile) for tile in tiles[2:])
        angle = random.uniform(0, 6.28)
        self._drift = math.cos(angle), math.sin(angle)
        self._inks = _absorption(palette)
        far = np.hypot(x * 0.75, y)
        # The ink has come from somewhere: it is thickest around there.
        at = random.uniform(-0.35, 0.35, 2)
        self._amount = 0.55 * np.exp(-np.square(np.hypot(x - F(at[0]), y - F(at[1])) / 0.75))
        paper = palette.shine * 1.3
        vignette = 1 - 0.30 * np.square(far)
        self._water = cv2.merge([np.maximum(vignette, 0.3) * F(c) for c in paper])

    def draw(self, t: float, out: Array) -> None:
        """Draw it at ``t`` into ``out``, ``(height, width, 3)``."""
        t = t * self._pace
        along, aside = self._drift
        a = self._turns[0](4.0 * t * along, 4.0 * t * aside)
        b = self._turns[1](-3.0 * t * aside, 3.0 * t * along)
        u, v = cv2.scaleAdd(a, 34.0, self._u), cv2.scaleAdd(b, 34.0, self._v)
        fold = _look(self._fold, u, v, 5.0 * t, -3.5 * t)
        u, v = cv2.scaleAdd(fold, 20.0, u), cv2.scaleAdd(fold, -14.0, v)
        billow = _look(self._billow, u, v, 2.5 * t, 4.0 * t)
        small = self._through(a, b, fold, billow)
        cv2.resize(small, self._size, dst=out, interpolation=cv2.INTER_LINEAR)

    def _through(self, a: Array, b: Array, fold: Array, billow: Array) -> Array:
        """What light is left behind both inks."""
        body = cv2.addWeighted(fold, 0.55, billow, 0.32, 0.02) + self._amount
        # Inside the clouds it is here thicker, there thinner.
        uneven = cv2.addWeighted(billow, 0.22, fold, -0.16, 0.82)
        first = _thickness(body + 0.34 * a) * np.maximum(uneven, 0.2)
        second = _thickness(body - 0.42 * a + 0.25 * b - 0.25) * np.maximum(uneven, 0.2)
        depth = [
            cv2.addWeighted(first, -self._inks[0][k], second, -self._inks[1][k], 0)
            for k in range(3)
        ]
        left = cv2.exp(cv2.merge(depth))
        return cv2.multiply(left, self._water, dst=left)


def _thickness(body: Array) -> Array:
    """Nothing where there is no ink, then quickly much: clouds have edges."""
    soft = np.asarray(smoothstep(0.0, 1.2, body), F)
    return cv2.addWeighted(soft, 0.35, cv2.multiply(soft, np.clip(body, 0, 1.6)), 0.42, 0)


def _look(tile: Array, u: Array, v: Array, du: float, dv: float) -> Array:
    """A tile, with wrapped edge, at any (u + du, v + dv)."""
    u, v = u + F(du), v + F(dv)
    u -= np.floor(u * F(1 / _TILE)) * F(_TILE)
    v -= np.floor(v * F(1 / _TILE)) * F(_TILE)
    return cv2.remap(tile, u, v, cv2.INTER_LINEAR)


def _absorption(palette: Palette) -> tuple[list[float], list[float]]:
    """How strongly the first and the last colour, as inks, take away each of red, green, blue."""
    first, last = palette.main[0], palette.main[-1]
    inks = [-np.log(np.maximum(colour, 0.012)) for colour in (first, last)]
    return inks[0].tolist(), inks[1].tolist()

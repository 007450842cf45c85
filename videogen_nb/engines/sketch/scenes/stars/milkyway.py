"""The Milky Way: a band of unresolved stars with dark lanes, a warm core and clouds of red gas."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ...noise import Array, F, fbm_tile, linear, rng, smoothstep, wrap_edge

_TILE = 512


class MilkyWay:
    """The band over a sky of ``columns`` by ``rows``.

    Attributes:
        light: ``(rows, columns, 3)`` linear light of all that is not a single star.
        density: ``(rows, columns)``, how thick stars stand.
    """

    def __init__(
        self, columns: int, rows: int, unit: float, colours: tuple[str, str, str], seed: int
    ) -> None:
        self._seed = seed
        x = ((np.arange(columns, dtype=F) - F(columns / 2)) / F(unit))[None]
        y = (np.arange(rows, dtype=F)[:, None] - F(rows / 2)) / F(unit)
        x, y = np.broadcast_to(x, (rows, columns)), np.broadcast_to(y, (rows, columns))
        warp_x, warp_y = (
            self._noise(0, x, y, 0.30) * F(0.020),
            self._noise(3, x, y, 0.30) * F(0.020),
        )
        along, across = self._band_axes(x + warp_x, y + warp_y)
        broad = self._noise(1, x + 3 * warp_x, y + 3 * warp_y, 0.55)
        fine = self._noise(2, x, y, 1.1)
        body = self._body(along, across)
        dust = self._dust(along, across, x, y, broad, fine)
        clear = 1 - F(0.84) * dust
        clouds = np.clip(F(0.62) + F(0.30) * broad + F(0.13) * fine, 0, 2)
        core = np.exp(-((across / F(0.055)) ** 2) - (along / F(0.26)) ** 2)
        arms, warm, gas = (linear(colour) for colour in colours)
        stars = body * clouds * clear
        tint = arms + (warm - arms) * core[..., None]
        light = (stars * F(0.155))[..., None] * tint
        light += (core * clear * clouds * F(0.085))[..., None] * warm
        knots = smoothstep(1.25, 2.6, self._noise(2, x + F(0.2), y + F(0.7), 0.62))
        light += (knots * body * clear * F(0.075))[..., None] * gas
        light += (np.clip(body - F(0.25), 0, 1) * dust * F(0.020))[..., None] * linear("#b06a4a")
        self.light: Array = np.maximum(light, 0).astype(F)
        self.density: Array = stars.astype(F)

    def _band_axes(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Along the band from its core, and across it; the band bends a little."""
        random = rng(self._seed, 31)
        steep = float(random.uniform(48, 72))
        turn = math.radians(steep if self._seed % 2 else 180 - steep)
        x = x - F(random.uniform(-0.12, 0.12))
        y = y - F(random.uniform(-0.03, 0.06))
        along = x * F(math.cos(turn)) + y * F(math.sin(turn))
        across = y * F(math.cos(turn)) - x * F(math.sin(turn))
        return along, across + F(0.05) * along * along

    def _body(self, along: Array, across: Array) -> Array:
        wide = F(0.105) + F(0.045) * np.exp(-((along / F(0.22)) ** 2))
        lengthwise = F(0.36) + F(0.64) * np.exp(-((along / F(0.42)) ** 2))
        return np.exp(-((across / wide) ** 2) * F(1.1)) * lengthwise

    def _dust(
        self, along: Array, across: Array, x: Array, y: Array, broad: Array, fine: Array
    ) -> Array:
        """Dark lanes: one along the middle, and patches beside it."""
        middle = across - F(0.012) * broad - F(0.006)
        lane = np.exp(-((middle / (F(0.034) + F(0.014) * np.clip(fine, -1, 1))) ** 2))
        lane *= smoothstep(0.62, 0.10, np.abs(along))
        lane *= F(0.85) + F(0.55) * self._noise(0, x + F(0.3), y, 0.9)
        patches = smoothstep(0.35, 1.5, self._noise(1, x + F(0.37), y + F(0.11), 0.85))
        patches = patches * np.exp(-((across / F(0.10)) ** 2))
        return np.clip(lane + F(0.62) * patches, 0, 1)

    def _noise(self, kind: int, x: Array, y: Array, scale: float) -> Array:
        beta, lowest, highest = ((3.0, 1, 200), (2.6, 2, 250), (2.3, 4, 250), (3.0, 2, 200))[kind]
        tile = wrap_edge(fbm_tile(_TILE, beta, rng(self._seed, 32, kind), lowest, highest))
        u = np.mod(x * F(scale * _TILE), _TILE).astype(F)
        v = np.mod(y * F(scale * _TILE), _TILE).astype(F)
        return cv2.remap(tile, u, v, cv2.INTER_LINEAR)

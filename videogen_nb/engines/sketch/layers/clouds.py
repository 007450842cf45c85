"""Thin high clouds, combed out by the wind, seen as a plane far above."""

from __future__ import annotations

import cv2
import numpy as np

from ..drawing.compositing import enlarged, grid, over
from ..drawing.noise import Array, F, ScrollingTile, fbm_tile, rng, smoothstep

_TEXELS = 210  # of the noise across the sky's own scale


class HighVeil:
    """A veil over the upper part of images of one size. Safe from several threads.

    Args:
        horizon: row of the horizon; the veil fades before it.
        span: pixels of the image that count as once across.
        turn: direction in which it is combed, radians.
        strength: 0 to 1, the most it covers.
        colour: linear RGB.
        speed: texels a second; the sign is the side it drifts to.
        combed: how much longer than wide its streaks are.
    """

    def __init__(
        self,
        width: int,
        horizon: float,
        span: float,
        *,
        turn: float,
        strength: float,
        colour: Array,
        speed: float,
        seed: int,
        combed: float = 4.0,
    ) -> None:
        tile = fbm_tile(512, 2.3, rng(seed, 11), 1, 220, combed)
        x, y = grid(round(0.86 * horizon) // 2, width // 2, 2)
        rise = 1 - y / F(horizon) + 0.22
        across = (x - F(width / 2)) / F(span) / rise
        along = np.broadcast_to(0.9 / rise, across.shape)
        c, s = float(np.cos(turn)), float(np.sin(turn))
        fade = smoothstep(0.22, 0.6, rise) * F(strength)
        self._fade = np.ascontiguousarray(np.broadcast_to(fade, across.shape), F)
        self._way = -speed * c, speed * s
        u, v = across * F(c) + along * F(s), along * F(c) - across * F(s)
        self._tile = ScrollingTile(tile, u * F(_TEXELS), v * F(_TEXELS))
        self._colour, self._width = colour, width

    def at(self, t: float) -> Array:
        """The cover of instant ``t``, at half size: for :meth:`over`."""
        du, dv = self._way
        cover = smoothstep(0.1, 2.6, self._tile(du * t, dv * t))
        cover *= self._fade
        return cover

    def over(self, image: Array, rows: slice, cover: Array) -> None:
        """Lay it over ``rows`` of an image in place."""
        rows = slice(rows.start, min(rows.stop, 2 * len(cover)))
        if rows.start >= rows.stop:
            return
        full = enlarged(cover, 2, rows, self._width)
        part = image[rows, : full.shape[1]]
        over(part, cv2.merge([full * c for c in self._colour]), 1 - full)

"""Smoke from a chimney: a plume that widens, leans with the wind and dissolves."""

from __future__ import annotations

import numpy as np

from ...drawing.noise import Array, F, ScrollingTile, fbm_tile, rng, smoothstep

_TALL = 7.0  # metres until it is gone
_RISE = 0.9  # metres a second


class Smoke:
    """A plume in images of one size. Safe from several threads.

    Args:
        mouth: column and row of the chimney's mouth.
        metre: pixels.
        wind: metres that the plume has gone sideways at its end, against ``_TALL``.
    """

    def __init__(
        self,
        width: int,
        height: int,
        mouth: tuple[float, float],
        metre: float,
        wind: float,
        colour: Array,
        seed: int,
    ) -> None:
        x, y = mouth
        reach = (abs(wind) * _TALL + 3.0) * metre
        self._rows = slice(max(0, int(y - _TALL * metre)), min(height, max(int(y), 1)))
        self._columns = slice(max(0, int(x - reach)), min(width, int(x + reach)))
        columns = np.arange(self._columns.start, self._columns.stop, dtype=F)
        rows = np.arange(self._rows.start, self._rows.stop, dtype=F)[:, None]
        up = (F(y) - rows) / F(metre)
        wide = 0.22 + 0.16 * up
        middle = F(x) + F(wind * metre) * up * np.minimum(up / F(_TALL), 1)
        across = (columns - middle) / (F(metre) * wide)
        self._mask = np.exp(-across * across) * smoothstep(0.0, 0.25, up)
        self._mask *= smoothstep(_TALL, 0.25 * _TALL, up) * 0.8
        tile = fbm_tile(256, 2.6, rng(seed, 77), 2, 60)
        # in a wider plume the same billows are drawn larger
        u = across * 16 + up * 3
        v = np.broadcast_to(np.log(wide) * 80, u.shape)
        self._billows = ScrollingTile(tile, u, v)
        self._colour = colour

    def rise(self, image: Array, t: float) -> None:
        """Draws the plume of instant ``t`` over ``image`` in place."""
        billows = self._billows(3.0 * np.sin(0.7 * t), _RISE * 34.0 * t)
        cover = np.clip(0.45 + 0.38 * billows, 0, 1) * self._mask
        part = image[self._rows, self._columns]
        part += (self._colour - part) * cover[..., None]

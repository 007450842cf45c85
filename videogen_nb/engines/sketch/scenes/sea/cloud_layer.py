"""Clouds at dusk, day or night: a drifting density, lit from where the light stands."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...noise import Array, F, ScrollingTile, fbm_tile, rng, smoothstep
from ..optics import strips

_FINE = 2.3  # scale of the second texture against the first
_SIZE = 512
_DEEPEST = 4.5  # no density falls further below zero


@dataclass(frozen=True, slots=True)
class CloudKind:
    """How a kind of cloud is made from two noises.

    ``low`` to ``high`` of the density goes from clear to covered; ``drift`` is texels a second.
    """

    beta: float
    stretch: float
    lowest: float
    fine: float
    low: float
    high: float
    opacity: float
    drift: tuple[float, float]


SCATTERED = CloudKind(2.9, 1.6, 1.0, 0.42, 0.15, 1.55, 0.92, (4.0, -2.7))
STREAKS = CloudKind(2.7, 4.5, 1.0, 0.30, 0.0, 2.1, 0.80, (6.0, -1.7))
MACKEREL = CloudKind(1.9, 1.15, 13.0, 0.75, 0.2, 1.7, 0.85, (3.4, -2.7))
BANK = CloudKind(3.0, 1.5, 3.0, 0.22, 0.0, 0.55, 0.95, (2.4, 0.0))


@dataclass(frozen=True, slots=True)
class CloudPlace:
    """Where each pixel looks into the noise, and how its light and cover vary over the frame.

    All ``(h, w)`` but the colours, ``(h, w, 3)``. ``toward`` points to the light, in texels.
    """

    u: Array
    v: Array
    toward: tuple[Array, Array]
    bias: Array
    fade: Array
    lit: Array
    dark: Array


class CloudLayer:
    """One layer of clouds. Safe from several threads."""

    def __init__(
        self,
        kind: CloudKind,
        place: CloudPlace,
        seed: int,
        part: int,
        sharing: CloudLayer | None = None,
    ) -> None:
        """``sharing``: a layer whose fine noise serves this one too, which saves memory."""
        coarse = fbm_tile(_SIZE, kind.beta, rng(seed, part, 1), kind.lowest, 165, kind.stretch)
        nowhere = np.zeros((1, 1), F)
        self._fine: ScrollingTile
        if sharing:
            self._fine = sharing._fine
        else:
            fine = fbm_tile(_SIZE, 2.5, rng(seed, part, 2), 2 * kind.lowest, 195)
            self._fine = ScrollingTile(fine, nowhere, nowhere)
        tiles = ScrollingTile(coarse, nowhere, nowhere), self._fine
        self._shape = place.u.shape
        reached = (place.fade > 1e-3) & (place.bias > kind.low - _DEEPEST)
        self._strips = [
            _Strip(kind, place, rows, tiles) for rows in strips(*self._shape) if reached[rows].any()
        ]

    def over(self, sky: Array, t: float, clear: Array) -> None:
        """Draws the clouds of instant ``t`` over ``sky`` in place.

        ``clear`` ``(h, w)`` is multiplied by what they let through.
        """
        for strip in self._strips:
            clear[strip.rows] *= 1 - strip.over(sky[strip.rows], t)


class _Strip:
    """Some rows of a layer."""

    def __init__(
        self,
        kind: CloudKind,
        place: CloudPlace,
        rows: slice,
        tiles: tuple[ScrollingTile, ScrollingTile],
    ) -> None:
        self.rows, self._kind = rows, kind
        u, v = place.u[rows], place.v[rows]
        near_u, near_v = u + place.toward[0][rows], v + place.toward[1][rows]
        coarse, fine = tiles
        self._here = coarse.elsewhere(u, v), fine.elsewhere(u * F(_FINE), v * F(_FINE))
        self._nearer = (
            coarse.elsewhere(near_u, near_v),
            fine.elsewhere(near_u * F(_FINE), near_v * F(_FINE)),
        )
        self._bias = np.ascontiguousarray(place.bias[rows])
        self._fade = place.fade[rows] * F(kind.opacity)
        self._dark = np.ascontiguousarray(place.dark[rows])
        self._lit = np.ascontiguousarray(place.lit[rows])

    def over(self, sky: Array, t: float) -> Array:
        density = self._density(self._here, t)
        shade = cv2.subtract(density, self._density(self._nearer, t))
        cv2.add(density, self._bias, dst=density)
        cover = smoothstep(self._kind.low, self._kind.high, density)
        shade *= F(0.55)
        shade += F(0.55)
        np.clip(shade, 0, F(1.25), out=shade)
        shade += cover * (1 - cover) * F(0.9)  # edges shine
        colour = cv2.blendLinear(self._lit, self._dark, shade, 1 - shade)
        cover *= self._fade
        cv2.blendLinear(colour, sky, cover, 1 - cover, dst=sky)
        return cover

    def _density(self, tiles: tuple[ScrollingTile, ScrollingTile], t: float) -> Array:
        # the fine noise drifts a little faster, so that clouds change as they go
        du, dv = self._kind.drift[0] * t, self._kind.drift[1] * t
        fine = tiles[1](du * 1.9, dv * 1.9 + 33)
        return cv2.scaleAdd(fine, self._kind.fine, tiles[0](du, dv))

"""A place lit by a fire, painted once, and how surfaces that stand in it are shaded.

Lengths are metres: x to the right, y up, z away from the eye; the fire burns at the origin. An
image of the place is ``ambient + level · lit``: the level comes and goes with the flames.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from ...drawing.colour import linear
from ...drawing.compositing import blend, grid
from ...drawing.lens import Lens
from ...drawing.noise import Array, F, fbm_tile, lookup, rng, smoothstep

AWAY: Final = 2.7  # metres from the eye to the fire
FLAME: Final = 0.37  # metres above the ground: where the light comes from
FIRE: Final = linear("#ff8428")
TILE: Final = 512

Point = tuple[float, float, float]


class Place:
    """The painting: ``ambient`` and ``lit``, float32 linear light, as large as the image.

    ``cover`` is what hides flames.
    """

    def __init__(self, lens: Lens, seed: int, sky_light: Array) -> None:
        self.lens, self.seed, self.sky_light = lens, seed, sky_light
        shape = (lens.height, lens.width, 3)
        self.ambient, self.lit = np.zeros(shape, F), np.zeros(shape, F)
        self.cover = np.zeros(shape[:2], F)
        self._rough = fbm_tile(TILE, 2.2, rng(seed, 41), 3, 200)

    def project(self, x: float, y: float, z: float) -> tuple[float, float, float]:
        """Pixel x, pixel y, pixels a metre."""
        column, row, scale = self.lens.project(x, y, z + AWAY)
        return float(column), float(row), float(scale)

    def texture(self, u: Array, v: Array | float) -> Array:
        """Roughness, zero mean and unit deviation, at texels (u, v); repeats every ``TILE``."""
        return lookup(self._rough, u, v)

    def lay(
        self,
        where: tuple[slice, slice],
        alpha: Array,
        albedo: Array,
        points: Sequence[Array],
        normal: Sequence[Array],
    ) -> None:
        """Blend a shaded surface over what is there.

        Args:
            alpha: ``(h, w)`` cover, 0–1.
            albedo: ``(h, w, 3)``.
            points, normal: x, y, z of each pixel, each ``(h, w)``.
        """
        alpha = alpha.astype(F)
        sky = (0.45 + 0.55 * np.clip(normal[1], -0.6, 1)).astype(F)[..., None]
        blend(self.ambient[where], albedo * sky * self.sky_light, alpha)
        d = (-points[0], FLAME - points[1], -points[2])
        d2 = d[0] ** 2 + d[1] ** 2 + d[2] ** 2
        facing = (normal[0] * d[0] + normal[1] * d[1] + normal[2] * d[2]) / np.sqrt(d2)
        # A fire is a large light: it reaches a little around the edge, and fades slowly.
        shine = np.maximum(facing * 0.85 + 0.12, 0) / (d2 + 0.06) ** 0.82
        blend(self.lit[where], albedo * shine.astype(F)[..., None] * FIRE, alpha)

    def hide(self, where: tuple[slice, slice], cover: Array) -> None:
        """Remember what of the flames is hidden by something in front of them."""
        self.cover[where] = np.maximum(self.cover[where], cover)

    def add_air(self) -> None:
        """The air itself, lit by the fire: call it last."""
        x, y, scale = self.project(0, 0.35, 0)
        u, v = grid(self.lens.height, self.lens.width)
        far = np.hypot((u - x) / scale, (v - y) / scale * 0.85)
        self.lit += (0.022 * np.exp(-far / 0.42) + 0.010 * np.exp(-far / 1.3))[..., None] * FIRE

    def add_haze(self, colour: Array, amount: float, z: float) -> None:
        """Air between what has been painted and what comes next, which stands at ``z``."""
        foot = self.project(0, 0, z)[1]
        rows = slice(0, min(self.lens.height, int(foot) + 9))
        y = np.arange(rows.stop, dtype=F)[:, None]
        veil = amount * smoothstep(foot + 8, foot - 8, y)
        blend(self.ambient[rows], colour, veil)
        self.lit[rows] *= 1 - veil[..., None]

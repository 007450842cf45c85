"""A place lit by a fire, painted once for each of two lights, and the shapes that stand in it.

Lengths are metres: x to the right, y up, z away from the eye; the fire burns at the origin of
``Place``. A picture of the place is ``ambient + a · lit[0] + b · lit[1]``: as the two lights,
left and right in the flames, come and go, the shadows move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import cv2
import numpy as np

from ...noise import Array, F, fbm_tile, linear, rng, smoothstep, wrap_edge

LIGHTS: Final = ((-0.16, 0.40, 0.02), (0.16, 0.34, -0.02))  # metres
FIRE: Final = linear("#ff8428")
TILE: Final = 512


Point = tuple[float, float, float]


@dataclass(frozen=True)
class Eye:
    """A level pinhole camera that looks along z."""

    width: int
    height: int
    focal: float  # pixels
    x: float  # pixels: where straight ahead is
    horizon: float  # pixels
    up: float  # metres above the ground
    away: float  # metres from the fire

    def project(self, x: float, y: float, z: float) -> tuple[float, float, float]:
        """Pixel x, pixel y, pixels a metre."""
        scale = self.focal / (z + self.away)
        return self.x + x * scale, self.horizon + (self.up - y) * scale, scale


class Box(NamedTuple):
    """A part of the picture: where, and the middles of its pixels."""

    where: tuple[slice, slice]
    x: Array
    y: Array


class Place:
    """The painting: ``ambient`` and ``lit``, float32 linear light, as large as the picture.

    ``glow`` are two patterns of embers in wood and ashes, ``cover`` is what hides flames.
    """

    def __init__(self, eye: Eye, seed: int, sky_light: Array) -> None:
        self.eye = eye
        self.seed = seed
        self.sky_light = sky_light
        shape = (eye.height, eye.width, 3)
        self.ambient = np.zeros(shape, F)
        self.lit = [np.zeros(shape, F) for _ in LIGHTS]
        self.glow = [np.zeros(shape[:2], F) for _ in range(2)]
        self.cover = np.zeros(shape[:2], F)
        self._rough = wrap_edge(fbm_tile(TILE, 2.2, rng(seed, 41), 3, 200))

    def texture(self, u: Array, v: Array) -> Array:
        """Roughness, zero mean and unit deviation, at texels (u, v); repeats every ``TILE``."""
        u, v = np.mod(u, TILE).astype(F), np.mod(v, TILE).astype(F)
        return cv2.remap(self._rough, u, v, cv2.INTER_LINEAR)

    def box(self, x: float, y: float, half_w: float, half_h: float) -> Box | None:
        """The part of the picture around (x, y), pixels; None if it is outside."""
        left, right = max(0, int(x - half_w)), min(self.eye.width, int(x + half_w) + 2)
        top, bottom = max(0, int(y - half_h)), min(self.eye.height, int(y + half_h) + 2)
        if right <= left or bottom <= top:
            return None
        y_, x_ = np.mgrid[top:bottom, left:right].astype(F)
        return Box((slice(top, bottom), slice(left, right)), x_ + F(0.5), y_ + F(0.5))

    def lay(
        self,
        where: tuple[slice, slice],
        alpha: Array,
        albedo: Array,
        points: Sequence[Array],
        normal: Sequence[Array],
        open_: Array | float = 1.0,
    ) -> None:
        """Blend a shaded surface over what is there.

        Args:
            alpha: ``(h, w)`` cover, 0–1.
            albedo: ``(h, w, 3)``.
            points, normal: x, y, z of each pixel, each ``(h, w)``.
            open_: how much of the light finds its way in.
        """
        a = alpha[..., None].astype(F)
        for glow in self.glow:
            glow[where] *= 1 - a[..., 0]

        def blend(into: Array, light: Array, colour: Array) -> None:
            into[where] += ((albedo * light[..., None]).astype(F) * colour - into[where]) * a

        blend(self.ambient, (0.45 + 0.55 * np.clip(normal[1], -0.6, 1)) * open_, self.sky_light)
        for light, lit in zip(LIGHTS, self.lit, strict=True):
            d = [light[i] - points[i] for i in range(3)]
            d2 = d[0] ** 2 + d[1] ** 2 + d[2] ** 2
            facing = (normal[0] * d[0] + normal[1] * d[1] + normal[2] * d[2]) / np.sqrt(d2)
            # A fire is a large light: it reaches a little around the edge, and fades slowly.
            shine = np.maximum(facing * 0.85 + 0.12, 0) / (d2 + 0.06) ** 0.82
            blend(lit, shine * open_, FIRE)

    def panel(self, corners: Sequence[Point], colour: str) -> None:
        """A flat polygon, such as a tent's wall."""
        flat = np.array([self.eye.project(*corner)[:2] for corner in corners])
        middle, half = (flat.max(0) + flat.min(0)) / 2, (flat.max(0) - flat.min(0)) / 2
        box = self.box(middle[0], middle[1], half[0] + 2, half[1] + 2)
        if box is None:
            return
        mask = np.zeros(box.x.shape, np.uint8)
        corner = flat - (box.where[1].start, box.where[0].start) - 0.5
        cv2.fillPoly(mask, [np.round(corner * 256).astype(np.int32)], 255, cv2.LINE_AA, 8)
        points, normal = self._on_plane(box, np.array(corners))
        fold = self.texture(points[0] * 60, points[1] * 25 + points[2] * 40)
        albedo = linear(colour) * (1 + 0.10 * fold)[..., None]
        self.lay(box.where, mask / F(255), albedo, points, normal)

    def _on_plane(self, box: Box, corners: Array) -> tuple[list[Array], list[Array]]:
        """Where each pixel's ray meets the plane, and the plane's normal towards the eye."""
        normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
        normal /= np.linalg.norm(normal)
        eye = np.array([0.0, self.eye.up, -self.eye.away])
        normal *= np.sign(normal @ (eye - corners[0]))
        x = (box.x - F(self.eye.x)) / F(self.eye.focal)
        y = (F(self.eye.horizon) - box.y) / F(self.eye.focal)
        slope = x * F(normal[0]) + y * F(normal[1]) + F(normal[2])
        far = F(normal @ (corners[0] - eye)) / np.minimum(slope, F(-1e-3))
        return [x * far, F(eye[1]) + y * far, F(eye[2]) + far], [np.full_like(x, n) for n in normal]

    def thicket(self, z: float, heights: Array, foliage: str, k: int) -> None:
        """Bushes in a row at ``z``; ``heights`` in metres, one for each column of pixels."""
        _, foot, scale = self.eye.project(0, 0, z)
        top = max(0, int(foot - float(heights.max()) * scale - 8))
        bottom = min(self.eye.height, int(foot + 0.02 * scale) + 1)
        y, x = np.mgrid[top:bottom, 0 : self.eye.width].astype(F)
        x, y = (x + F(0.5) - F(self.eye.x)) / scale, (F(foot) - y - F(0.5)) / scale
        leaf = 0.5 * self.texture(x * 110 + 91 * k, y * 110)
        leaf += 0.6 * self.texture(x * 260 + 17 * k, y * 260)
        soft = max(0.012, 1.0 / scale)
        alpha = smoothstep(-soft, soft, heights[None] + 0.045 * leaf - y)
        albedo = linear(foliage) * np.clip(0.75 + 0.45 * leaf, 0.05, 2)[..., None]
        depth = np.clip(y / np.maximum(heights[None], 0.05), 0, 1)
        points = (x, y, np.full_like(x, z))
        normal = (0.35 * leaf, 0.25 + 0.3 * leaf, np.full_like(x, -0.8))
        where = (slice(top, bottom), slice(0, self.eye.width))
        self.lay(where, alpha, albedo, points, normal, 0.35 + 0.65 * depth)

    def shine(self) -> None:
        """The air itself, lit by the fire: call it last."""
        eye = self.eye
        x, y, scale = eye.project(0, 0.35, 0)
        v, u = np.mgrid[0 : eye.height, 0 : eye.width].astype(F)
        far = np.hypot((u - F(x)) / scale, (v - F(y)) / scale * 0.85)
        glow = 0.022 * np.exp(-far / 0.42) + 0.010 * np.exp(-far / 1.3)
        for lit in self.lit:
            lit += glow[..., None] * FIRE

    def haze(self, colour: Array, amount: float, z: float) -> None:
        """Air between what has been painted and what comes next, which stands at ``z``."""
        foot = self.eye.project(0, 0, z)[1]
        rows = slice(0, min(self.eye.height, int(foot) + 9))
        y = np.arange(rows.stop, dtype=F)[:, None, None]
        veil = amount * smoothstep(foot + 8, foot - 8, y).astype(F)
        self.ambient[rows] += (colour - self.ambient[rows]) * veil
        for lit in self.lit:
            lit[rows] *= 1 - veil

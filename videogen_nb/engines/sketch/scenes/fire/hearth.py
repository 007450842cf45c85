"""A place lit by a fire: the ground, its bed of coals, its ring of stones, and the logs.

Lengths are in metres: x to the right, y up, z away from the camera; the fire burns at the origin.
An image of the place is ``ambient + level · lit``, where the level varies with the flames.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from ...drawing.colour import linear
from ...drawing.compositing import blend, box_around, grid
from ...drawing.lens import Lens
from ...drawing.noise import Array, F, fbm_tile, lookup, rng, smoothstep

AWAY: Final = 2.7  # metres from the camera to the fire
_FLAME: Final = 0.37  # height of the light source above the ground, in metres
_FIRE: Final = linear("#ff8428")
_TILE: Final = 512

Point = tuple[float, float, float]

_STONE, _BARK, _COAL = linear("#756d64"), linear("#6b4a33"), linear("#ff5a10", 0.4)
_STONES, _LOGS = 13, 7


class Place:
    """The painted place: ``ambient`` and ``lit``, float32 linear light, as large as the image.

    ``cover`` is the mask of what hides flames.
    """

    def __init__(self, lens: Lens, seed: int, sky_light: Array) -> None:
        self.lens, self.seed, self.sky_light = lens, seed, sky_light
        shape = (lens.height, lens.width, 3)
        self.ambient, self.lit = np.zeros(shape, F), np.zeros(shape, F)
        self.cover = np.zeros(shape[:2], F)
        self._rough = fbm_tile(_TILE, 2.2, rng(seed, 41), 3, 200)

    def project(self, x: float, y: float, z: float) -> tuple[float, float, float]:
        """Return the column, the row, and the scale in pixels per metre of a point."""
        column, row, scale = self.lens.project(x, y, z + AWAY)
        return float(column), float(row), float(scale)

    def texture(self, u: Array, v: Array | float) -> Array:
        """Return noise, zero mean and unit deviation, at texels (u, v); repeats every ``_TILE``."""
        return lookup(self._rough, u, v)

    def add_surface(
        self,
        where: tuple[slice, slice],
        alpha: Array,
        albedo: Array,
        points: Sequence[Array],
        normal: Sequence[Array],
    ) -> None:
        """Blend a shaded surface into the painting.

        Args:
            alpha: ``(h, w)``, 0 to 1.
            albedo: ``(h, w, 3)``.
            points, normal: x, y, z of each pixel, each ``(h, w)``.
        """
        alpha = alpha.astype(F)
        sky = (0.45 + 0.55 * np.clip(normal[1], -0.6, 1)).astype(F)[..., None]
        blend(self.ambient[where], albedo * sky * self.sky_light, alpha)
        d = (-points[0], _FLAME - points[1], -points[2])
        d2 = d[0] ** 2 + d[1] ** 2 + d[2] ** 2
        facing = (normal[0] * d[0] + normal[1] * d[1] + normal[2] * d[2]) / np.sqrt(d2)
        # A fire is an area light: it wraps slightly around edges, and falls off slowly.
        shine = np.maximum(facing * 0.85 + 0.12, 0) / (d2 + 0.06) ** 0.82
        blend(self.lit[where], albedo * shine.astype(F)[..., None] * _FIRE, alpha)

    def hide(self, where: tuple[slice, slice], cover: Array) -> None:
        """Record which parts of the flames are hidden by something in front."""
        self.cover[where] = np.maximum(self.cover[where], cover)

    def add_air(self) -> None:
        """Add the air lit by the fire; call this last."""
        x, y, scale = self.project(0, 0.35, 0)
        u, v = grid(self.lens.height, self.lens.width)
        r = np.hypot((u - x) / scale, (v - y) / scale * 0.85)
        self.lit += (0.022 * np.exp(-r / 0.42) + 0.010 * np.exp(-r / 1.3))[..., None] * _FIRE

    def add_haze(self, colour: Array, amount: float, z: float) -> None:
        """Add haze at distance ``z``, between what has been painted and what comes next."""
        foot = self.project(0, 0, z)[1]
        rows = slice(0, min(self.lens.height, int(foot) + 9))
        y = np.arange(rows.stop, dtype=F)[:, None]
        veil = amount * smoothstep(foot + 8, foot - 8, y)
        blend(self.ambient[rows], colour, veil)
        self.lit[rows] *= 1 - veil[..., None]


class Stone(NamedTuple):
    """A boulder half sunk into the ground; lengths in metres."""

    x: float
    z: float
    radius: float


def ring(random: np.random.Generator) -> list[Stone]:
    """Return the stones around the fire, the farthest first."""
    turn = random.uniform(0, 6.28)
    stones = []
    for k in range(_STONES):
        angle = turn + 2 * math.pi * (k + random.uniform(-0.2, 0.2)) / _STONES
        r = 0.62 * random.uniform(0.94, 1.06)
        stone = Stone(r * math.sin(angle), r * math.cos(angle), random.uniform(0.085, 0.135))
        stones.append(stone)
    return sorted(stones, key=lambda stone: -stone.z)


def paint_ground(place: Place, soil: str, stones: Sequence[Stone]) -> None:
    """Paint everything below the horizon, with the stones' shadows."""
    lens = place.lens
    top = math.ceil(lens.horizon + 1)
    u, v = grid(lens.height - top, lens.width)
    z = lens.focal * lens.camera_height / (v + F(top - lens.horizon))
    x, z = np.broadcast_arrays((u - F(lens.centre)) * z / lens.focal, z - AWAY)
    relief, slope_x, slope_z = _relief(place, x, z)
    away = np.hypot(x, z)
    open_, touched = _shadows(x, z, away, stones)
    touched *= 1 - 0.75 * smoothstep(0.60, 0.30, away + 0.04 * relief)  # ashes
    albedo = linear(soil) * ((1 + 0.20 * np.clip(relief, -2.5, 2.5)) * touched)[..., None]
    fade = np.exp(-np.maximum(z, 0) / 3.0)[..., None]
    place.ambient[top:] = albedo * place.sky_light * (0.5 + 0.5 * fade)
    d2 = away * away + _FLAME**2
    facing = _FLAME * 1.25 - 0.42 * (slope_x * x + slope_z * z)
    shine = np.maximum(facing, 0.02) / (d2 * np.sqrt(d2) + 0.10)
    bed = smoothstep(0.34, 0.12, away + 0.03 * relief)
    bed *= np.exp(-np.square(place.texture(x * 150 + 90, z * 110) / 0.45))
    place.lit[top:] = albedo * ((shine * open_)[..., None] * _FIRE) + bed[..., None] * _COAL


def paint_stone(place: Place, stone: Stone, k: int) -> None:
    """Paint one boulder; ``k`` selects its shape."""
    random = rng(place.seed, 42, k)
    width = stone.radius * float(random.uniform(1.0, 1.35))
    height = stone.radius * float(random.uniform(0.75, 1.05))
    px, py, scale = place.project(stone.x, height * 0.42, stone.z)
    box = box_around(place.cover, px, py, width * scale * 1.3, height * scale * 1.4)
    if box is None:
        return
    u, v = (box.x - px) / (width * scale), (py - box.y) / (height * scale)
    rim = 1 + 0.05 * np.sin(3 * np.arctan2(v, u) + float(random.uniform(0, 6.28)))
    # A superellipse with exponent 2.6, flatter than an ellipse.
    inside = (np.abs(u) ** 2.6 + np.abs(v) ** 2.6) ** (1 / 2.6) / rim
    soft = 1.2 / (stone.radius * scale)
    alpha = smoothstep(1 + soft, 1 - soft, inside)
    a, b = u * 60 + float(random.uniform(0, _TILE)), v * 60 + float(random.uniform(0, _TILE))
    bump = place.texture(a, b)
    normal = (
        u * inside**1.5 + 0.35 * (bump - place.texture(a + 2, b)),
        v * inside**1.5 + 0.35 * (bump - place.texture(a, b + 2)),
        -np.sqrt(np.maximum(1 - np.clip(inside, 0, 1) ** 4, 0.02)),
    )
    points = (stone.x + u * width, height * (0.42 + v), stone.z + normal[2] * stone.radius)
    # Ambient occlusion darkens it close to the ground.
    light = (0.85 + 0.10 * bump) * np.clip((v + 0.55) / 0.5, 0.15, 1)
    place.add_surface(box.where, alpha, _STONE * light[..., None], points, normal)
    if stone.z < 0:
        place.hide(box.where, alpha)


def _relief(place: Place, x: Array, z: Array) -> tuple[Array, Array, Array]:
    """Return the ground's roughness and its slopes along x and z."""
    # Fade out distant detail, which would alias.
    distance = z / AWAY + 1
    near, nearer = np.clip(2.2 - distance, 0, 1), np.clip(1.5 - distance, 0, 1) * 0.8

    def height(u: float, v: float) -> Array:
        rough = 0.8 * place.texture(x * 33 + u / 2, z * 33 + v / 2)
        rough += place.texture(x * 97 + u, z * 97 + v) * near
        return rough + place.texture(x * 330 + 1.5 * u, z * 330 + 1.5 * v) * nearer

    relief = height(0, 0)
    return relief, relief - height(2, 0), relief - height(0, 2)


def _shadows(x: Array, z: Array, away: Array, stones: Sequence[Stone]) -> tuple[Array, Array]:
    """Return the fraction of firelight that the stones let through, and their ambient occlusion."""
    open_, touched = np.ones_like(x), np.ones_like(x)
    for stone in stones:
        distance = math.hypot(stone.x, stone.z)
        aside = np.abs(x * stone.z - z * stone.x) / (away * stone.radius + 1e-3)
        dark = smoothstep(1.15, 0.7, aside * distance / 0.62) * (x * stone.x + z * stone.z > 0)
        dark *= smoothstep(distance * 0.95, distance + stone.radius * 0.5, away)
        open_ *= 1 - 0.85 * dark * smoothstep(1.6, 0.8, away)
        u, v = (x - stone.x) / (1.25 * stone.radius), (z - stone.z) / stone.radius
        touched *= 1 - 0.75 * np.exp(-np.square(u * u + v * v))
    return open_, touched


def leaning_logs(random: np.random.Generator) -> list[tuple[Point, Point, float]]:
    """Return logs that lean together over the fire: foot, tip, radius; the farthest first."""
    turn = random.uniform(0, 6.28)
    logs = []
    for k in range(_LOGS):
        angle = turn + 2 * math.pi * (k + random.uniform(-0.25, 0.25)) / _LOGS
        r, over = random.uniform(0.36, 0.46), random.uniform(0.1, 0.3)
        x, z = r * math.sin(angle), r * math.cos(angle)
        tip = (-x * over, random.uniform(0.26, 0.36), -z * over)
        logs.append(((x, 0.04, z), tip, random.uniform(0.040, 0.058)))
    return sorted(logs, key=lambda log: -log[0][2])


def paint_log(place: Place, foot: Point, tip: Point, radius: float, k: int) -> None:
    """Paint a log from ``foot`` to ``tip``, in metres; ``k`` selects its bark.

    If its tip is lower than a metre, it lies in the fire and is charred and burnt away there.
    """
    x0, y0, scale0 = place.project(*foot)
    x1, y1, scale1 = place.project(*tip)
    length = math.hypot(x1 - x0, y1 - y0)
    along_x, along_y = (x1 - x0) / length, (y1 - y0) / length
    thick, thin = radius * scale0, radius * scale1 * 0.92
    reach = max(thick, thin) * 1.2
    half_w, half_h = abs(x1 - x0) / 2 + reach, abs(y1 - y0) / 2 + reach
    box = box_around(place.cover, (x0 + x1) / 2, (y0 + y1) / 2, half_w, half_h)
    if box is None:
        return
    shift_u, shift_v = rng(place.seed, 43, k).uniform(0, _TILE, 2).tolist()
    s = ((box.x - F(x0)) * along_x + (box.y - F(y0)) * along_y) / length
    u = s * (math.dist(foot, tip) * 55) + shift_u
    gnarl = place.texture(u * 1.3, shift_v)
    width = (thick + (thin - thick) * np.clip(s, 0, 1)) * (1 + 0.035 * gnarl)
    d = ((box.y - F(y0)) * along_x - (box.x - F(x0)) * along_y) / width
    alpha = _outline(s, d, 1 / np.maximum(width, 1.5), thick / length, 1 / length)
    burns = tip[1] < 1
    if burns:
        alpha *= smoothstep(0.98, 0.72, s + 0.05 * gnarl)
    s, d = np.clip(s, 0, 1), np.clip(d, -1, 1)
    at = [foot[i] + (tip[i] - foot[i]) * s for i in range(3)]
    char = np.exp(-(np.square(at[0] / 0.30) + np.square(at[2] / 0.30) + np.square(at[1] / 0.5)))
    v = np.arcsin(d) * 26 + shift_v
    bark = place.texture(u, v)
    across = d + 0.45 * (bark - place.texture(u, v + 3))
    normal = (-along_y * across, -along_x * across, -np.sqrt(np.maximum(1 - d * d, 0.02)))
    albedo = _BARK * ((0.75 + 0.22 * np.clip(bark, -2, 2)) * (1 - 0.80 * char))[..., None]
    place.add_surface(
        box.where, alpha, albedo, [at[i] + radius * normal[i] for i in range(3)], normal
    )
    if burns:
        crack = np.exp(-np.square(place.texture(u * 2, v * 2) / 0.28))
        glowing = alpha * np.clip(char * 1.25 - 0.35, 0, 1) * crack
        place.lit[box.where] += glowing[..., None] * (_COAL * 1.4)
    if burns and foot[2] < 0.1:  # flames cover the burning upper ends
        place.hide(box.where, alpha * smoothstep(0.32, 0.10, at[1]))


def _outline(s: Array, d: Array, edge: Array, thick: float, pixel: float) -> Array:
    """Return a log's alpha, with rounded ends; ``s`` along it, 0 to 1, ``d`` across, -1 to 1."""
    cut = 0.35 * thick * np.sqrt(np.maximum(1 - np.square(np.clip(d, -1, 1)), 0))
    soft = 1.2 * pixel
    alpha = smoothstep(1, -1, (np.abs(d) - 1) / edge) * smoothstep(-1, 1, (s + cut) / soft)
    return np.asarray(alpha * smoothstep(1, -1, (s - 1 - cut) / soft), F)

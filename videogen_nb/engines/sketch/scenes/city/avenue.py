"""A wet avenue at night, out of focus: fronts, lamps, cars, and all of it again in the road."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ...noise import Array, F, ScrollingTile, fbm_tile, gradient, linear, rng, smoothstep
from ..bokeh import add_discs
from .sky import SkyLook
from .traffic import HEAD, TAIL

_UP, _HALF = 1.7, 13.0  # metres: the eye above the road; from the middle to the fronts
_NEAR, _FAR = 7.0, 210.0  # metres: where cars come and go
_CARS = 56
_LOTS = 80
_LAMP: Final = linear("#ffb860")
_SIGNS: Final = ("#ff3c78", "#38c8ff", "#ffb030", "#6affb0", "#b070ff", "#ff5030", "#fff0d8")
_TILE = 256
_STRIP = 40  # rows at a time: what is worked on stays in the processor's cache


class Avenue:
    """The picture as a function of time, drawn into what ``draw`` is given."""

    def __init__(self, width: int, height: int, seed: int, look: SkyLook) -> None:
        random = rng(seed, 25)
        self._size = (width, height)
        self._unit = min(height, 1.2 * width)
        self._focal = 0.95 * self._unit
        self._x = width * (0.5 + random.uniform(-0.10, 0.10))
        self._horizon = height * (0.50 if width >= height else 0.56)
        self._disc = 0.017 * self._unit
        self._still = np.maximum(self._fronts(look, seed), 0)
        self._add_lamps(self._still, random)
        self._prepare_road(seed)
        self._start = random.random(_CARS)
        self._away = np.arange(_CARS) % 2 == 0
        self._speed = random.uniform(7.5, 12.5, _CARS) / (_FAR - _NEAR)
        self._lane = np.where(self._away, 1, -1) * random.choice([2.0, 5.4], _CARS)
        self._lane += random.uniform(-0.3, 0.3, _CARS)
        self._bright = random.uniform(0.7, 1.4, _CARS)

    def _project(self, x: Array, y: Array, z: Array) -> tuple[Array, Array, Array]:
        scale = self._focal / z
        return self._x + x * scale, self._horizon + (_UP - y) * scale, scale

    def _fronts(self, look: SkyLook, seed: int) -> Array:
        """Both sides of the street and the sky between, out of focus: a small size does."""
        width, height = self._size
        small = min(1.0, 180 / self._unit)
        h, w = round(height * small), round(width * small)
        y, x = (np.mgrid[0:h, 0:w].astype(F) + F(0.5)) * F(1 / small)
        side = (x - F(self._x)) / F(self._focal)
        z = np.minimum(_HALF / np.maximum(np.abs(side), 1e-3), 400.0)
        up = np.abs((F(self._horizon) - y) / F(self._focal) * z + F(_UP))
        random = rng(seed, 26)
        # Fronts of one width after the other, each of its own height.
        lot = np.minimum(np.searchsorted(np.cumsum(random.uniform(9, 22, _LOTS)), z), _LOTS - 1)
        lot += _LOTS * (side > 0)
        tall = random.uniform(12, 46, 2 * _LOTS) * np.where(random.random(2 * _LOTS) < 0.2, 1.8, 1)
        sky = gradient(look.stops, 0.45 + 0.55 * np.clip(y / F(self._horizon), 0, 1)) * F(0.6)
        mist = np.exp(-z / 130)[..., None]
        # The nearest fronts would be large bare panes: there the street is dark.
        near = smoothstep(10, 26, z)[..., None]
        wall = linear(look.stops[1][1]) * F(look.facade * 0.4)
        wall = wall + _LAMP * (F(0.02) * np.exp(-up / 9))[..., None]
        lit = _windows(z, up, lot, random) + _shops(z, up, side > 0, random)
        front = (lit * near + wall) * mist + (1 - mist) * linear("#b08068") * F(0.30)
        picture = np.where((up < tall[lot])[..., None], front, sky).astype(F)
        picture = cv2.GaussianBlur(picture, (0, 0), self._disc * small * 0.6)
        picture = self._mirror(picture, y, z, self._unit * small)
        return cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC)

    def _mirror(self, picture: Array, y: Array, z: Array, k: float) -> Array:
        """Draw out what stands in the wet road, the longer the nearer to the eye."""
        base = F(self._horizon) + F(self._focal * _UP) / z
        near = cv2.blur(picture, (1, round(0.05 * k) | 1))
        long = cv2.blur(cv2.blur(picture, (1, round(0.17 * k) | 1)), (1, round(0.1 * k) | 1))
        down = np.clip((y - base) / (0.5 * self._unit), 0, 1)[..., None]
        road = (near + (long - near) * smoothstep(0, 0.4, down)) * (0.70 - 0.30 * down)
        shore = smoothstep(-4, 4, y - base)[..., None]
        return np.asarray(picture + (road - picture) * shore, F)

    def _add_lamps(self, picture: Array, random: np.random.Generator) -> None:
        z = np.repeat(np.arange(10.0, 240.0, 17.0), 2)
        side = np.where(np.arange(z.size) % 2, 1.0, -1.0)
        x, y, _ = self._project(side * 8.5, np.full(z.size, 7.5), z)
        bright = np.clip(26 / z, 0.12, 1.3)
        add_discs(picture, x, y, self._radius(z), _LAMP * bright[:, None] * F(1.5))
        # Signal lights over the crossings, windows and shops that are points from here.
        z = random.uniform(16, 160, 90)
        side = random.choice([-1.0, 1.0], 90)
        x, y, _ = self._project(side * (_HALF - 1.2), random.uniform(2.2, 11, 90), z)
        palette = np.array([linear(c) for c in _SIGNS])
        colour = palette[random.integers(len(_SIGNS), size=90)]
        add_discs(picture, x, y, self._radius(z), colour * np.clip(14 / z, 0.1, 0.8)[:, None])

    def _radius(self, z: Array) -> Array:
        """Of the blur: the lens is focused a few metres away."""
        return self._disc * (1 - 3.0 / z)

    def _prepare_road(self, seed: int) -> None:
        """Where the wet asphalt shines and where it is rough: two patterns that take turns."""
        width, height = self._size
        self._top = round(self._horizon)
        y, x = np.mgrid[self._top : height, 0:width].astype(F)
        z = F(_UP * self._focal) / (y + F(1.5) - F(self._horizon))
        aside = (x - F(self._x)) / F(self._focal)
        x = aside * z
        # From the foot of the fronts on: 1 on the road, 0 above it.
        foot = F(self._horizon) + F(self._focal * _UP / _HALF) * np.abs(aside)
        road = smoothstep(-8, 8, (y - foot) * F(720 / self._unit))
        tile = fbm_tile(_TILE, 1.9, rng(seed, 27), 3, 100)
        blotch = fbm_tile(_TILE, 3.0, rng(seed, 28), 2, 20)
        grain = np.clip(1.35 - z / 9, 0, 1)
        big = ScrollingTile(blotch, x * 16, z * 7)(0, 0) * np.exp(-z / 25)
        self._wet = []
        for k in range(2):
            fine = ScrollingTile(tile, x * 46 + 80 * k, z * 20)(0, 0) * grain
            wet = np.clip(0.82 + 0.30 * big + 0.26 * fine, 0.12, 1.8)
            wet = 1 + (wet - 1) * road
            self._wet.append(wet.astype(F))

    def draw(self, t: float, out: Array) -> None:
        """Draw the picture at ``t`` into ``out``, ``(height, width, 3)``."""
        width, height = self._size
        # Cars are out of focus: half the size does.
        small = np.zeros((height // 2, width // 2, 3), F)
        self._add_cars(small, t)
        cv2.resize(small, (width, height), dst=out, interpolation=cv2.INTER_LINEAR)
        cv2.add(out, self._still, dst=out)
        turn = 0.5 + 0.5 * np.sin(2.3 * t)
        for top in range(self._top, height, _STRIP):
            road = out[top : top + _STRIP]
            first, second = (w[top - self._top :][:_STRIP] for w in self._wet)
            wet = cv2.addWeighted(first, turn, second, 1 - turn, 0)
            cv2.multiply(road, cv2.merge([wet] * 3), dst=road)

    def _add_cars(self, small: Array, t: float) -> None:
        direction = np.where(self._away, 1, -1)
        s = np.mod(self._start + direction * self._speed * t, 1.0)
        z = _NEAR + (_FAR - _NEAR) * s
        lane, z = np.concatenate([self._lane - 0.68, self._lane + 0.68]), np.tile(z, 2)
        fade = np.clip((z - _NEAR) / 5, 0, 1) * np.clip((_FAR - z) / 40, 0, 1)
        bright = np.clip(22 / z, 0.15, 1.5) * fade * np.tile(self._bright, 2)
        away = np.tile(self._away, 2)[:, None]
        colour = np.where(away, TAIL * F(1.6), HEAD * F(2.2)) * bright[:, None]
        x, y, scale = self._project(lane, np.full(z.size, 0.75), z)
        radius = self._radius(z)
        soft = max(0.8, self._unit / 900)
        add_discs(small, x / 2, y / 2, radius / 2, colour, soft=soft)
        foot = self._horizon + (_UP + 0.75) * scale
        below = (foot + 1.2 * radius) / 2
        add_discs(small, x / 2, below, radius / 2, colour * F(0.30), stretch=3.4, soft=4 * soft)


def _windows(z: Array, up: Array, lot: Array, random: np.random.Generator) -> Array:
    """Light of the windows at ``z`` along the street, ``up`` above it."""
    storey, bay = np.floor(up / 3.4).astype(int), np.floor(z / 2.4).astype(int)
    dice = random.random((64, 256, 2))[np.clip(storey, 0, 63), bay % 256, lot // _LOTS]
    inside = (np.abs(up / 3.4 - storey - 0.5) < 0.3) & (np.abs(z / 2.4 - bay - 0.5) < 0.33)
    share = random.uniform(0.12, 0.5, 2 * _LOTS)[lot]
    warm = gradient(((0, "#ffa850"), (0.6, "#ffe0b0"), (1, "#d8e8ff")), random.random(2 * _LOTS))
    level = (dice / share) ** 2 * 1.8 * ((dice < share) & inside & (storey > 0))
    return np.asarray(warm[lot] * level[..., None], F)


def _shops(z: Array, up: Array, right: Array, random: np.random.Generator) -> Array:
    """Light of shop windows at the foot of the fronts and of upright signs above them."""
    unit = np.floor(z / 4.5).astype(int) % 256 + 256 * right
    across = np.abs(z / 4.5 - np.floor(z / 4.5) - 0.5)
    palette = np.array([linear(c) for c in _SIGNS])
    colour = palette[random.integers(len(_SIGNS), size=512)]
    inside = np.where(random.random(512)[:, None] < 0.7, linear("#ffd8a0"), colour)
    glass = smoothstep(3.2, 2.4, up) * smoothstep(0.2, 0.7, up) * smoothstep(0.46, 0.40, across)
    light = inside[unit] * (glass * random.uniform(0.3, 1.7, 512)[unit])[..., None]
    name = smoothstep(3.3, 3.5, up) * smoothstep(4.3, 4.1, up) * (across < 0.4)
    light += colour[unit] * (name * random.uniform(0.4, 2.0, 512)[unit])[..., None]
    foot, length = random.uniform(5, 9, 512)[unit], random.uniform(3, 10, 512)[unit]
    upright = (up > foot) & (up < foot + length) & (across < 0.13)
    upright &= (random.random(512) < 0.3)[unit]
    return np.asarray(light + colour[unit] * (2.6 * upright)[..., None], F)

"""Weather drawn over any image, generated or uploaded: snow, rain, leaves, fog, thunderstorms."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Protocol

import cv2
import numpy as np

from ..catalogue import Mood
from ..drawing.compositing import blend, grid, strips
from ..drawing.noise import Array, F, ScrollingTile, fbm_tile, rng, smoothstep
from ..drawing.points import surrounding_light
from .drift import Drift
from .falling import RainFall, SnowFall
from .foliage import Blossom, falling, leaf_sprites, petal_sprites

_GALE = 0.6  # wind strength for snow and rain
_LEAVES = (("#ffb838", "#f07818"), ("#ff8a28", "#d84018"), ("#f8d048", "#e89a20"))
_PETALS = Blossom("#e0608c", "#f8c0d4", "#fff0f4", 0.14, 1.0)


class Overlay(Protocol):
    """A layer drawn over images of one size. Thread-safe."""

    def draw(self, image: Array, t: float) -> None:
        """Draw the layer at ``t`` seconds over ``image`` (contiguous, linear float32) in place."""


def overlays(
    mood: Mood, width: int, height: int, seed: int, drawn: Collection[str] = ()
) -> list[Overlay]:
    """Return the overlays for a mood, back to front, without what the scene has ``drawn``."""
    found: list[Overlay] = []
    wind = _GALE if mood.wind or mood.storm else 0.0
    if mood.storm and "storm" not in drawn:
        found.append(Gloom())
    if mood.storm:
        found.append(Lightning(width, height, seed))
    if mood.mist and "mist" not in drawn:
        found.append(Fog(width, height, seed))
    if mood.leaf_fall or mood.petal_fall:
        found.extend(_falling(width, height, seed, mood))
    if (mood.rain or mood.storm) and "rain" not in drawn:
        found.append(RainFall(width, height, seed, wind))
    if (mood.snow or mood.season == "winter") and "snow" not in drawn:
        found.append(SnowFall(width, height, seed, wind))
    return found


class Gloom:
    """Light under thunderclouds: a third of the brightness, and hardly any colour."""

    def draw(self, image: Array, t: float) -> None:
        """See :class:`Overlay`."""
        for rows in strips(*image.shape[:2]):
            grey = cv2.transform(image[rows], _TO_GREY)
            cv2.addWeighted(image[rows], 0.13, grey, 0.20, 0, dst=image[rows])


_TO_GREY = np.outer([0.86, 0.98, 1.16], [0.2126, 0.7152, 0.0722]).astype(F)


def _falling(width: int, height: int, seed: int, mood: Mood) -> list[Drift]:
    """Return leaves or petals in the wind; none so close that they hide what is behind."""
    wind = (0.24 if mood.wind else 0.07) * (1 if seed % 2 else -1)
    if mood.leaf_fall:
        return falling(width, height, leaf_sprites("maple", _LEAVES, seed, 6), wind, seed)[:2]
    return falling(width, height, petal_sprites(_PETALS, seed, 4), wind, seed, 0.55)[:2]


_SMALL = 8  # fog is computed at an eighth of the size


class Fog:
    """Two layers of mist that drift apart, denser towards the ground and the horizon."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        x, y = grid(-(-height // _SMALL), -(-width // _SMALL), _SMALL / min(width, height))
        u, v = np.broadcast_arrays(x, y)
        tile = fbm_tile(256, 2.6, rng(seed, 903), 1, 60, 1.8)
        self._near = ScrollingTile(tile, u * 95, v * 150)
        self._far = self._near.elsewhere(u * 48 + 90, v * 90 + 40)
        low = y / F(y[-1, 0])
        self._thick = 0.36 + 0.30 * np.exp(-np.square((low - 0.6) / 0.30))
        self._side = 1.0 if seed % 2 else -1.0

    def draw(self, image: Array, t: float) -> None:
        """See :class:`Overlay`."""
        h, w = image.shape[:2]
        far, near = self._far(6 * t * self._side, 0.7 * t), self._near(15 * t * self._side, -t)
        cover = self._thick * (1 + 0.42 * far) + 0.16 * smoothstep(0.1, 2.2, near)
        cover = cv2.resize(np.clip(cover, 0, 0.93).astype(F), (w, h))
        light = surrounding_light(image, 0.35, 0.75, 0.03)
        air = cv2.resize(light, (w, h), interpolation=cv2.INTER_LINEAR)
        for rows in strips(h, w):
            blend(image[rows], air[rows], cover[rows])


_PERIOD_S, _GLOW_S = 2.6, 0.20


class Lightning:
    """A flash every few seconds that lights clouds and land, with a bolt for an instant.

    At most one per second, and none of them flickers: flashing images can be harmful.
    """

    def __init__(self, width: int, height: int, seed: int) -> None:
        self._seed, self._size = seed, (width, height)

    def draw(self, image: Array, t: float) -> None:
        """See :class:`Overlay`."""
        turn = math.floor(t / _PERIOD_S)
        random = rng(self._seed, 904, turn)
        since = t - (turn + random.uniform(0.25, 0.6)) * _PERIOD_S
        if not 0 <= since < 5 * _GLOW_S:
            return
        power = math.exp(-since / _GLOW_S)
        x = float(random.uniform(0.12, 0.88)) * self._size[0]
        self._glow(image, x, power)
        if since < 2.2 * _GLOW_S:
            self._bolt(image, x, power, random)

    def _glow(self, image: Array, x: float, power: float) -> None:
        """Brighten everything, most of all the clouds around the bolt."""
        w, h = self._size
        across, down = grid(-(-h // _SMALL), -(-w // _SMALL), _SMALL)
        away = np.hypot((across - F(x)) / F(w), (down - F(0.2 * h)) / F(h))
        light = (np.exp(-away / 0.30) * F(1.7 * power) + F(0.3 * power)).astype(F)
        gain = cv2.resize(light, (w, h))
        for rows in strips(h, w):
            part = image[rows]
            part *= 1 + gain[rows, :, None]
            part += gain[rows, :, None] * _FLASH

    def _bolt(self, image: Array, x: float, power: float, random: np.random.Generator) -> None:
        w, h = self._size
        main = _way(x, -0.02 * h, 0.5 * h, 0.0, h, random)
        ways = [main]
        for x, y in main[random.integers(len(main) // 6, 3 * len(main) // 4, 4)]:
            aside = float(random.choice([-1.1, 1.1]))
            ways.append(_way(x, y, y + random.uniform(0.06, 0.15) * h, aside, h, random))
        sheet = np.zeros((h, w), np.uint8)
        drawn = [np.round(way * 16).astype(np.int32) for way in ways]
        cv2.polylines(sheet, drawn, False, 255, max(1, round(h / 500)), cv2.LINE_AA, 4)
        core = cv2.GaussianBlur(sheet.astype(F) / 255, (0, 0), h / 900)
        halo = cv2.GaussianBlur(core, (0, 0), h / 70)
        image += (core * F(6 * power) + halo * F(3 * power))[..., None] * (_FLASH * 6)


_FLASH = np.array([0.13, 0.15, 0.21], F)


def _way(
    x: float, y: float, foot: float, aside: float, height: int, random: np.random.Generator
) -> Array:
    """Return a jagged path down to row ``foot``, drifting ``aside`` pixels per row: ``(n, 2)``."""
    step = 0.006 * height
    points = max(6, round((foot - y) / step))
    across = np.cumsum(random.normal(aside, 1.3, points)) * step
    return np.stack([x + across - across[0], np.linspace(y, foot, points)], 1)

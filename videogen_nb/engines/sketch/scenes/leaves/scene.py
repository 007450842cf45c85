"""Leaves or petals in the wind: a bough in front of soft light, and what falls from it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ...catalogue import Mood
from ...drawing.colour import load_looks
from ...drawing.noise import Array, F, rng
from ...layers.drift import TurningSprite
from ...layers.foliage import Blossom, falling, flower_sprites, leaf_sprites, petal_sprites
from ..base import Scene
from .boughs import Bough, SwayingLayer, hang, paint_wood
from .glade import Glade, GladeLook


@dataclass(frozen=True, slots=True)
class LeafLook:
    """One kind of bough in one kind of light, with leaves if ``blossom`` is None.

    ``colours`` are those of the leaves, inner and outer.
    """

    glade: GladeLook
    bark: tuple[str, str]
    species: str = "maple"
    colours: tuple[tuple[str, str], ...] = ()
    density: float = 1.3  # leaves or flowers per node
    blossom: Blossom | None = None


_LOOKS = load_looks(LeafLook, __package__)
_GLADES = load_looks(GladeLook, __package__, "glades")


def choose_look(mood: Mood, seed: int) -> LeafLook:
    """Choose the look for a mood; the seed decides what the mood leaves open."""
    looks = _LOOKS["spring" if mood.flowers else "autumn"]
    look = looks[seed % len(looks)]
    return replace(look, glade=_GLADES[mood.time][0]) if mood.time in _GLADES else look


class LeavesScene(Scene):
    """Autumn leaves, or blossoms and their petals, at any time of day."""

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        self._unit = min(height, 1.2 * width)
        self._look = look = choose_look(mood, seed)
        random = rng(seed, 40)
        side = 1 if random.random() < 0.5 else -1
        self._half = (width // 2, height // 2)
        sun = (0.5 + side * random.uniform(0.18, 0.34), random.uniform(0.10, 0.30))
        self._glade = Glade(*self._half, look.glade, sun, seed)
        light = np.array(look.glade.light)
        self._grown = [sprite.tinted(light) for sprite in self._sprites()]
        gust = 1.9 if mood.wind else 1.0
        self._behind = self._bough(0.5, -side, 0.75, gust, 1)
        self._before = self._bough(1.0, -side, 1.0, gust, 0)
        wind = -side * (0.22 if mood.wind else 0.05)
        if look.blossom:
            petals = [sprite.tinted(light) for sprite in petal_sprites(look.blossom, seed, 4)]
            self._drifts = falling(width, height, petals, wind, seed, 0.48, 1.7)
        else:
            self._drifts = falling(width, height, self._grown[:5], wind, seed)

    def _sprites(self) -> list[TurningSprite]:
        look, seed = self._look, self.seed
        if look.blossom:
            return flower_sprites(look.blossom, seed, 6)
        return leaf_sprites(look.species, look.colours, seed, 8)

    def _bough(self, scale: float, side: int, length: float, gust: float, k: int) -> SwayingLayer:
        """Paint a bough that enters from the upper corner at ``side``."""
        width, height = round(self.width * scale), round(self.height * scale)
        unit, look = self._unit * scale, self._look
        random = rng(self.seed, 49, k)
        canvas = np.zeros((height, width, 4), F)
        reach = min(1.15 * unit, 0.95 * width) * length
        low = 0.06 + 0.16 * random.random() if k == 0 else 0.02
        root = (width * (0.5 + 0.53 * side), height * low)
        lean = random.uniform(0.02, 0.22) if k == 0 else random.uniform(0.25, 0.6)
        bough = Bough()
        bough.grow(root, lean if side < 0 else math.pi - lean, reach, 0.030 * unit * length, random)
        paint_wood(canvas, bough, *look.bark)
        size = (0.095 if look.blossom else 0.125) * unit
        hang(canvas, bough, self._grown, size, look.density, not look.blossom, random)
        if k == 1:  # out of focus, and slightly shaded
            canvas = cv2.GaussianBlur(canvas, (0, 0), unit * 0.011)
            canvas[..., :3] *= 0.85
        return SwayingLayer(canvas, root, reach, 0.022 * unit * gust, self.seed + k)

    def frame(self, t: float) -> Array:
        half = self.buffer("half", (self._half[1], self._half[0], 3))
        self._glade.draw(t, half)
        self._behind.over(half, t)
        out = self.buffer("out", (self.height, self.width, 3))
        cv2.resize(half, (self.width, self.height), dst=out, interpolation=cv2.INTER_LINEAR)
        distant, *near = self._drifts
        distant.draw(out, t)
        self._before.over(out, t)
        for drift in near:
            drift.draw(out, t)
        return out

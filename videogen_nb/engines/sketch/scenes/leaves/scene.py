"""Leaves or petals in the wind: a bough before soft light, and what falls from it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ...catalogue import Mood
from ...drawing.colour import load_looks
from ...drawing.noise import Array, F, rng
from ...layers.drift import Drift, DriftStyle
from ...layers.foliage import Blossom, flower_sprites, leaf_sprites, petal_sprites
from ..base import Scene
from .boughs import Bough, SwayingLayer, hang_blossoms, hang_leaves, paint_wood
from .glade import Glade, GladeLook


@dataclass(frozen=True, slots=True)
class LeafLook:
    """One kind of bough before one kind of light; leaves where ``blossom`` is None.

    ``colours`` are those of leaves, inside and outside; ``light`` falls on what is near.
    """

    glade: GladeLook
    bark: tuple[str, str]
    species: str = "maple"
    colours: tuple[tuple[str, str], ...] = ()
    size: float = 0.12  # of a leaf, in parts of the unit
    density: float = 1.2  # leaves a node
    blossom: Blossom | None = None
    light: tuple[float, float, float] = (1.0, 1.0, 1.0)


_LOOKS = load_looks(LeafLook, __package__)
_GLADES = load_looks(GladeLook, __package__, "glades")


def choose_look(mood: Mood, seed: int) -> LeafLook:
    """The look for a mood; where the mood leaves it open, the seed chooses."""
    looks = _LOOKS["spring" if mood.flowers else "autumn"]
    look = looks[seed % len(looks)]
    if mood.time == "dusk":
        return replace(look, glade=_GLADES["dusk"][0], light=(1.15, 0.86, 0.72))
    if mood.time == "night":
        light = (0.95, 0.80, 0.82) if look.blossom else (0.85, 0.72, 0.62)
        return replace(look, glade=_GLADES["night"][0], light=light)
    return look


class LeavesScene(Scene):
    """Autumn leaves, or blossoms and their petals, at any hour."""

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        self._unit = min(height, 1.2 * width)
        self._look = look = choose_look(mood, seed)
        random = rng(seed, 40)
        side = 1 if random.random() < 0.5 else -1
        self._half = (width // 2, height // 2)
        sun = (0.5 + side * random.uniform(0.18, 0.34), random.uniform(0.10, 0.30))
        self._glade = Glade(*self._half, look.glade, sun, seed)
        if look.blossom:
            grown, falling = (
                flower_sprites(look.blossom, seed, 6),
                petal_sprites(look.blossom, seed, 4),
            )
        else:
            grown = leaf_sprites(look.species, look.colours, seed, 8)
            falling = grown[:5]
        light = np.array(look.light)
        self._grown = [sprite.tinted(light) for sprite in grown]
        self._falling = [sprite.tinted(light) for sprite in falling]
        gust = 1.9 if mood.wind else 1.0
        self._behind = self._bough(0.5, -side, 0.75, gust, 1)
        self._before = self._bough(1.0, -side, 1.0, gust, 0)
        self._drifts = self._prepare_drifts(side, gust)

    def _bough(self, scale: float, side: int, share: float, gust: float, k: int) -> SwayingLayer:
        """Paint a bough that comes from the upper corner at ``side``."""
        width, height = round(self.width * scale), round(self.height * scale)
        unit, look = self._unit * scale, self._look
        random = rng(self.seed, 49, k)
        canvas = np.zeros((height, width, 4), F)
        reach = min(1.15 * unit, 0.95 * width) * share
        low = 0.06 + 0.16 * random.random() if k == 0 else 0.02
        root = (width * (0.5 + 0.53 * side), height * low)
        lean = random.uniform(0.02, 0.22) if k == 0 else random.uniform(0.25, 0.6)
        bough = Bough()
        bough.grow(root, lean if side < 0 else math.pi - lean, reach, 0.030 * unit * share, random)
        paint_wood(canvas, bough, *look.bark)
        if look.blossom:
            hang_blossoms(canvas, bough, self._grown, 0.092 * unit, random)
        else:
            hang_leaves(canvas, bough, self._grown, look.size * unit, look.density, random)
        if k == 1:  # out of focus, and a little in the shade
            canvas = cv2.GaussianBlur(canvas, (0, 0), unit * 0.011)
            canvas[..., :3] *= 0.85
        return SwayingLayer(canvas, root, reach, 0.022 * unit * gust, self.seed + k)

    def _prepare_drifts(self, side: int, gust: float) -> list[Drift]:
        """What falls far away, at the bough's distance, and near, out of focus."""
        wind = -side * (0.05 if gust == 1 else 0.22)
        share, many = (0.48, 1.7) if self._look.blossom else (1.0, 1.0)
        soft, hazy = ([s.blurred(b) for s in self._falling] for b in (0.035, 0.055))
        drifts = (
            (soft, round(26 * many), (0.038, 0.060), (0.07, 0.12), 0.6, 0.03, 1.4),
            (self._falling, round(20 * many), (0.080, 0.125), (0.13, 0.21), 1.0, 0.06, 1.9),
            (hazy, 4, (0.26, 0.36), (0.28, 0.38), 1.8, 0.10, 1.6),
        )
        made = []
        for k, (sprites, count, size, fall, gale, sway, spin) in enumerate(drifts):
            sizes = size[0] * share, size[1] * share
            style = DriftStyle(count, sizes, fall, wind * gale, sway, spin)
            made.append(Drift(self.width, self.height, sprites, style, self.seed, k))
        return made

    def frame(self, t: float) -> Array:
        half = self.buffer("half", (self._half[1], self._half[0], 3))
        self._glade.draw(t, half)
        self._behind.over(half, t)
        out = self.buffer("out", (self.height, self.width, 3))
        cv2.resize(half, (self.width, self.height), dst=out, interpolation=cv2.INTER_LINEAR)
        self._drifts[0].draw(out, t)
        self._before.over(out, t)
        self._drifts[1].draw(out, t)
        self._drifts[2].draw(out, t)
        return out

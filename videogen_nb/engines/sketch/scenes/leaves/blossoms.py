"""Blossoms of cherry, plum and peach as sprites: flowers, buds, single petals."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...drawing.colour import linear
from ...drawing.noise import Array, F, rng, smoothstep
from ...drawing.sprites import polygon
from .turning import TurningSprite

_FINE = 192  # pixels of the square that is painted
_SIZE = 96  # of the sprite made of it


@dataclass(frozen=True, slots=True)
class Blossom:
    """Colours of a flower, from its middle to the petals' tips, and its shape."""

    heart: str
    petal: str
    tip: str
    notch: float  # depth of the cut in a petal's tip, in petal lengths
    round_: float  # how broad a petal is


def flower_sprites(kind: Blossom, seed: int, count: int) -> list[TurningSprite]:
    """Open flowers that face the eye; they are tilted when they are laid."""
    return [_flower(kind, rng(seed, 42, k)) for k in range(count)]


def petal_sprites(kind: Blossom, seed: int, count: int) -> list[TurningSprite]:
    """Single petals, as they fall."""
    return [_petal(kind, rng(seed, 43, k)) for k in range(count)]


def bud_sprite(kind: Blossom) -> TurningSprite:
    """A closed bud on its stalk, the stalk downwards."""
    canvas = _Canvas()
    canvas.fill(np.array([[0.5, 0.45], [0.49, 0.98], [0.51, 0.98]]), linear("#5a5a28", 0.8))
    a = np.linspace(0, 2 * np.pi, 60)
    shape = np.stack([0.5 + 0.15 * np.sin(a) * (1 - 0.25 * np.cos(a)), 0.34 - 0.22 * np.cos(a)], 1)
    blend = smoothstep(0.15, 0.6, canvas.y)[..., None]
    canvas.fill(shape, linear(kind.petal) * (1 - blend) + linear(kind.heart) * blend)
    return canvas.sprite()


class _Canvas:
    """A square of pixels; coordinates are parts of its side."""

    def __init__(self) -> None:
        self.rgba = np.zeros((_FINE, _FINE, 4), F)
        self.y, self.x = np.mgrid[0:_FINE, 0:_FINE].astype(F) / F(_FINE)

    def fill(self, points: Array, colour: Array) -> None:
        """Fill a polygon with one colour or with those of an image as large as the canvas."""
        mask = np.zeros((_FINE, _FINE), np.uint8)
        polygon(mask, points * _FINE)
        alpha = (mask / F(255))[..., None]
        self.rgba *= 1 - alpha
        self.rgba[..., :3] += colour * alpha
        self.rgba[..., 3:] += alpha

    def sprite(self) -> TurningSprite:
        return TurningSprite(cv2.resize(self.rgba, (_SIZE, _SIZE), interpolation=cv2.INTER_AREA))


def _petal_edge(kind: Blossom, length: float, random: np.random.Generator) -> Array:
    """A petal's outline from its foot at (0, 0) upwards (negative y)."""
    a = np.linspace(-1, 1, 81)
    half = 0.66 * kind.round_ * random.uniform(0.94, 1.06)
    far = np.sqrt(np.maximum(1 - np.abs(a) ** 2.6, 0)) ** 0.75
    far = far * (1 + 0.03 * np.sin(5 * a + random.uniform(0, 6)))
    far = far - kind.notch * np.exp(-((a / 0.11) ** 2))
    return length * far[:, None] * np.stack([np.sin(a * half), -np.cos(a * half)], 1)


def _flower(kind: Blossom, random: np.random.Generator) -> TurningSprite:
    canvas = _Canvas()
    x, y = canvas.x - 0.5, canvas.y - 0.5
    turn = random.uniform(0, 6.28)
    for k in random.permutation(5):
        angle = turn + k * 2 * np.pi / 5 + random.uniform(-0.06, 0.06)
        c, s = float(np.cos(angle)), float(np.sin(angle))
        edge = _petal_edge(kind, 0.45 * random.uniform(0.95, 1.03), random)
        edge = edge @ np.array([[c, s], [-s, c]]) + 0.5
        u, v = x * c + y * s, x * s - y * c  # across and along the petal
        canvas.fill(edge, _shade(kind, u, v, 0.45, random))
    _add_stamens(canvas, kind, random)
    return canvas.sprite()


def _shade(kind: Blossom, u: Array, v: Array, length: float, random: np.random.Generator) -> Array:
    """Light of a petal: deep at its foot, pale at its tip, cupped across, with fine veins."""
    s = np.clip(v / length, 0, 1)[..., None]
    light = linear(kind.heart)
    for colour, low, high in ((kind.petal, 0.02, 0.38), (kind.tip, 0.30, 0.95)):
        light = light + (linear(colour) - light) * smoothstep(low, high, s)
    fan = np.arctan2(u, np.maximum(v, 0.02))
    cup = 0.90 + 0.12 * np.cos(fan * 4) + 0.03 * np.cos(fan * 34)
    lean = 1 + (0.18 * float(random.uniform(-1, 1))) * np.sin(fan * 2)
    return light * (cup * lean * 0.92)[..., None]


def _add_stamens(canvas: _Canvas, kind: Blossom, random: np.random.Generator) -> None:
    a = np.linspace(0, 6.28, 40)
    disc = np.stack([np.sin(a), np.cos(a)], 1)
    canvas.fill(0.5 + 0.045 * disc, linear(kind.heart, 0.75))
    for k in range(16):
        angle = 2 * np.pi * k / 16 + random.uniform(-0.15, 0.15)
        out = np.array([np.sin(angle), -np.cos(angle)])
        side = np.array([-out[1], out[0]]) * 0.0035
        end = 0.5 + out * random.uniform(0.10, 0.19)
        thread = np.array([0.5 + side, end + side, end - side, 0.5 - side])
        canvas.fill(thread, linear("#f8d8d8"))
        canvas.fill(end + 0.013 * disc, linear("#f0b830"))


def _petal(kind: Blossom, random: np.random.Generator) -> TurningSprite:
    canvas = _Canvas()
    edge = _petal_edge(kind, 0.78, random) + np.array([0.5, 0.89])
    canvas.fill(edge, _shade(kind, canvas.x - 0.5, 0.89 - canvas.y, 0.78, random))
    return canvas.sprite()

"""What grows, as sprites: leaves of maple and ginkgo; flowers and petals of fruit trees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ..drawing.colour import linear
from ..drawing.noise import Array, F, fbm_tile, rng, smoothstep
from ..drawing.sprites import polygon
from .drift import Pose, TurningSprite

_FINE = 288  # pixels of the square that is painted
_SIZE = 144  # of the sprite made of it
_MIDDLE = np.array([0.5, 0.56])  # where a leaf's lobes meet, in parts of the square

Outline = tuple[list[Array], list[Array]]  # filled polygons and veins, parts of the square


def _lobe(angle: float, length: float, wide: float, teeth: int, bite: float) -> Array:
    """A pointed lobe from the middle outwards, with saw teeth."""
    s = np.linspace(0, 1, 12 * max(teeth, 1) + 1)
    half = wide * np.sin(np.pi * s**0.72) ** 0.85 * length
    half = half * (1 - bite * np.mod(s * teeth, 1.0)) if teeth else half
    along, across = np.concatenate([s, s[::-1]]) * length, np.concatenate([half, -half[::-1]])
    c, d = np.sin(angle), -np.cos(angle)
    return _MIDDLE + np.stack([along * c - across * d, along * d + across * c], 1)


def _vein(angle: float, length: float) -> Array:
    s = np.linspace(0, 1, 9)[:, None]
    return np.asarray(_MIDDLE + s * length * np.array([np.sin(angle), -np.cos(angle)]))


def _stalk(length: float, bend: float) -> Array:
    s = np.linspace(0, 1, 9)
    return np.stack([_MIDDLE[0] + bend * s * s, _MIDDLE[1] + length * s], 1)


def _maple(lobes: int, wide: float, teeth: int, random: np.random.Generator) -> Outline:
    spread = np.linspace(-1, 1, lobes)
    angles = spread * (2.25 if lobes > 5 else 1.75) + random.uniform(-0.06, 0.06, lobes)
    lengths = 0.42 * (1 - 0.42 * np.abs(spread) ** 1.5) * random.uniform(0.92, 1.05, lobes)
    blades = [_lobe(a, n, wide, teeth, 0.22) for a, n in zip(angles, lengths, strict=True)]
    veins = [_vein(a, 0.92 * n) for a, n in zip(angles, lengths, strict=True)]
    return blades, [*veins, _stalk(0.30, random.uniform(-0.06, 0.06))]


def _ginkgo(random: np.random.Generator) -> Outline:
    a = np.linspace(-1.12, 1.12, 120)
    notch = 0.16 * np.exp(-((a / 0.07) ** 2))
    wave = 0.022 * np.sin(9 * a + random.uniform(0, 6)) + 0.012 * np.sin(23 * a)
    far = (0.60 - notch + wave) * (1 - 0.10 * np.abs(a) ** 3)
    foot = np.array([0.5, 0.76])
    edge = foot + far[:, None] * np.stack([np.sin(a), -np.cos(a)], 1)
    veins = [
        foot + np.linspace(0.12, 0.93, 9)[:, None] * 0.56 * np.array([np.sin(b), -np.cos(b)])
        for b in np.linspace(-1.0, 1.0, 23)
    ]
    stalk = foot + np.stack([np.linspace(0, 0.05, 9) ** 1.5 * 4, np.linspace(-0.1, 0.2, 9)], 1)
    return [np.vstack([edge, foot])], [*veins, stalk]


_SPECIES: Final[dict[str, Callable[[np.random.Generator], Outline]]] = {
    "momiji": lambda random: _maple(7, 0.17, 7, random),
    "maple": lambda random: _maple(5, 0.36, 4, random),
    "ginkgo": _ginkgo,
}


def leaf_sprites(
    species: str, colours: tuple[tuple[str, str], ...], seed: int, count: int
) -> list[TurningSprite]:
    """``count`` leaves of one species; each blends from a colour's first, inside, to its second."""
    return [_leaf(species, colours[k % len(colours)], rng(seed, 41, k)) for k in range(count)]


def _leaf(species: str, colour: tuple[str, str], random: np.random.Generator) -> TurningSprite:
    blades, veins = _SPECIES[species](random)
    cover = np.zeros((_FINE, _FINE), np.uint8)
    for blade in blades:
        polygon(cover, blade * _FINE)
    vein = np.zeros_like(cover)
    for line in veins[:-1]:
        cv2.polylines(vein, [_fixed(line)], False, 255, 2, cv2.LINE_AA, 4)
    stalk = np.zeros_like(cover)
    cv2.polylines(stalk, [_fixed(veins[-1])], False, 255, 5, cv2.LINE_AA, 4)
    return TurningSprite(_tint(cover, vein, stalk, colour, random))


def _fixed(points: Array) -> Array:
    return np.round((points * _FINE - 0.5) * 16).astype(np.int32)


def _tint(
    cover: Array, vein: Array, stalk: Array, colour: tuple[str, str], random: np.random.Generator
) -> Array:
    y, x = np.mgrid[0:_FINE, 0:_FINE].astype(F) / F(_FINE)
    far = np.hypot(x - 0.5, y - 0.6)
    mottle = cv2.resize(fbm_tile(128, 2.4, random, 2, 40), (_FINE, _FINE))
    blend = smoothstep(0.05, 0.42, far + 0.05 * mottle)[..., None]
    light = linear(colour[0]) * (1 - blend) + linear(colour[1]) * blend
    # Blades arch between their veins: the light changes along them.
    soft = cv2.GaussianBlur(vein.astype(F), (0, 0), _FINE / 55) / 60
    light = light * (1.08 + 0.10 * mottle - 0.30 * np.clip(soft, 0, 1))[..., None]
    share = (vein / F(255) * 0.45)[..., None]
    light = light * (1 - share) + linear(colour[0]) * 1.5 * share
    stem = (stalk / F(255))[..., None]
    light = light * (1 - stem) + linear("#5a2a1a") * stem
    return _sprite(light, np.maximum(cover, stalk))


@dataclass(frozen=True, slots=True)
class Blossom:
    """Colours of a flower, from its middle to the petals' tips, and its shape."""

    heart: str
    petal: str
    tip: str
    notch: float  # depth of the cut in a petal's tip, in petal lengths
    round_: float  # how broad a petal is


def petal_sprites(kind: Blossom, seed: int, count: int) -> list[TurningSprite]:
    """Single petals, as they fall: the foot is at the lower edge of the square."""
    return [TurningSprite(_petal(kind, rng(seed, 43, k))) for k in range(count)]


def _petal(kind: Blossom, random: np.random.Generator) -> Array:
    """Deep at its foot, pale at its tip, cupped across, with fine veins."""
    a = np.linspace(-1, 1, 81)
    half = 0.66 * kind.round_ * random.uniform(0.94, 1.06)
    far = np.sqrt(np.maximum(1 - np.abs(a) ** 2.6, 0)) ** 0.75
    far = far * (1 + 0.03 * np.sin(5 * a + random.uniform(0, 6)))
    far = far - kind.notch * np.exp(-((a / 0.11) ** 2))
    edge = 0.92 * far[:, None] * np.stack([np.sin(a * half), -np.cos(a * half)], 1)
    cover = np.zeros((_FINE, _FINE), np.uint8)
    polygon(cover, (edge + np.array([0.5, 0.98])) * _FINE)
    y, x = np.mgrid[0:_FINE, 0:_FINE].astype(F) / F(_FINE)
    s, fan = (0.98 - y)[..., None], np.arctan2(x - 0.5, np.maximum(0.98 - y, 0.02))
    light = linear(kind.heart)
    for colour, low, high in ((kind.petal, 0.02, 0.38), (kind.tip, 0.30, 0.95)):
        light = light + (linear(colour) - light) * smoothstep(low, high, s)
    cup = 0.83 + 0.11 * np.cos(fan * 4) + 0.03 * np.cos(fan * 34)
    return _sprite(light * cup[..., None], cover)


def flower_sprites(kind: Blossom, seed: int, count: int) -> list[TurningSprite]:
    """Open flowers that face the eye; they are tilted when they are laid."""
    return [_flower(kind, petal_sprites(kind, seed + k, 5), rng(seed, 42, k)) for k in range(count)]


def _flower(
    kind: Blossom, petals: list[TurningSprite], random: np.random.Generator
) -> TurningSprite:
    """Five petals around a heart with its stamens."""
    canvas = np.zeros((_SIZE, _SIZE, 4), F)
    turn, long, middle = random.uniform(0, 6.28), 0.46 * _SIZE, _SIZE / 2
    for k, petal in enumerate(petals):
        angle = turn + 0.8 * np.pi * k + random.uniform(-0.06, 0.06)
        x, y = middle + 0.48 * long * np.sin(angle), middle - 0.48 * long * np.cos(angle)
        petal.lay(canvas, Pose(x, y, long, angle))
    angles = np.linspace(0, 6.28, 17) + random.uniform(-0.15, 0.15, 17)
    out = np.stack([np.sin(angles), np.cos(angles)], 1) * random.uniform(0.09, 0.19, 17)[:, None]
    for colour, at, radius in ((kind.heart, out * 0, 4.5), ("#f0b830", out, 1.9)):
        for px, py in at * _SIZE + middle:
            ink = (*linear(colour).tolist(), 1.0)
            centre = round(float(px) * 16), round(float(py) * 16)
            cv2.circle(canvas, centre, round(radius * 16), ink, -1, cv2.LINE_AA, 4)
    return TurningSprite(canvas)


def _sprite(light: Array, cover: Array) -> Array:
    """Premultiplied ``(_SIZE, _SIZE, 4)`` of a finer painting and its 8-bit cover."""
    alpha = cover[..., None] / F(255)
    rgba = np.concatenate([np.maximum(light, 0) * alpha, alpha], 2).astype(F)
    return cv2.resize(rgba, (_SIZE, _SIZE), interpolation=cv2.INTER_AREA)

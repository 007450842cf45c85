"""Plant sprites: maple leaves, fruit-tree flowers and petals, and how they fall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import cv2
import numpy as np

from ..drawing.colour import linear
from ..drawing.noise import Array, F, fbm_tile, rng, smoothstep
from ..drawing.sprites import polygon
from .drift import Drift, DriftStyle, Pose, TurningSprite

_FINE = 288  # side of the square that is painted, in pixels
_SIZE = 144  # side of the sprite it is reduced to
_MIDDLE = np.array([0.5, 0.56])  # where a leaf's lobes meet, in fractions of the square


class _Maple(NamedTuple):
    """A leaf's outline: lobes, angle of the outermost (radians), their breadth, and teeth."""

    lobes: int
    spread: float
    breadth: float
    teeth: int


_SPECIES: Final = {"momiji": _Maple(7, 2.25, 0.17, 7), "maple": _Maple(5, 1.75, 0.36, 4)}


def leaf_sprites(
    species: str, colours: tuple[tuple[str, str], ...], seed: int, count: int
) -> list[TurningSprite]:
    """Return ``count`` leaves of one species, each shading from its first colour to its second."""
    return [_leaf(species, colours[k % len(colours)], rng(seed, 41, k)) for k in range(count)]


def _leaf(species: str, colour: tuple[str, str], random: np.random.Generator) -> TurningSprite:
    form = _SPECIES[species]
    cover, vein, stalk = np.zeros((3, _FINE, _FINE), np.uint8)
    for u in np.linspace(-1, 1, form.lobes):
        angle = form.spread * u + random.uniform(-0.06, 0.06)
        length = 0.42 * (1 - 0.42 * abs(u) ** 1.5) * random.uniform(0.92, 1.05)
        out = np.array([np.sin(angle), -np.cos(angle)])
        polygon(cover, _lobe(form, out, length) * _FINE)
        _line(vein, 0.92 * length * out, 2)
    _line(stalk, np.array([random.uniform(-0.06, 0.06), 0.30]), 5)
    return TurningSprite(_tint(cover, vein, stalk, colour, random))


def _lobe(form: _Maple, out: Array, length: float) -> Array:
    """Return the outline of a pointed, serrated lobe."""
    s = np.linspace(0, 1, 12 * form.teeth + 1)
    half = form.breadth * length * np.sin(np.pi * s**0.72) ** 0.85
    half = half * (1 - 0.22 * np.mod(s * form.teeth, 1.0))
    along, across = np.append(s, s[::-1]) * length, np.append(half, -half[::-1])
    aside = np.array([out[1], -out[0]])
    return np.asarray(_MIDDLE + along[:, None] * out + across[:, None] * aside)


def _line(sheet: Array, reach: Array, thick: int) -> None:
    ends = np.stack([_MIDDLE, _MIDDLE + reach]) * _FINE - 0.5
    start, end = np.round(ends * 16).astype(int).tolist()
    cv2.line(sheet, start, end, 255, thick, cv2.LINE_AA, 4)


def _tint(
    cover: Array, vein: Array, stalk: Array, colour: tuple[str, str], random: np.random.Generator
) -> Array:
    y, x = np.mgrid[0:_FINE, 0:_FINE].astype(F) / F(_FINE)
    distance = np.hypot(x - 0.5, y - 0.6)
    mottle = cv2.resize(fbm_tile(128, 2.4, random, 2, 40), (_FINE, _FINE))
    blend = smoothstep(0.05, 0.42, distance + 0.05 * mottle)[..., None]
    light = linear(colour[0]) * (1 - blend) + linear(colour[1]) * blend
    # The blade arches between its veins, which varies its shading.
    soft = cv2.GaussianBlur(vein.astype(F), (0, 0), _FINE / 55) / 60
    light = light * (1.08 + 0.10 * mottle - 0.30 * np.clip(soft, 0, 1))[..., None]
    fraction = (vein / F(255) * 0.45)[..., None]
    light = light * (1 - fraction) + linear(colour[0]) * 1.5 * fraction
    stem = (stalk / F(255))[..., None]
    light = light * (1 - stem) + linear("#5a2a1a") * stem
    return _sprite(light, np.maximum(cover, stalk))


@dataclass(frozen=True, slots=True)
class Blossom:
    """Colours of a flower, from its centre to the petals' tips, and its outline."""

    heart: str
    petal: str
    tip: str
    notch: float  # depth of the notch in a petal's tip, in petal lengths
    breadth: float  # relative breadth of a petal


def petal_sprites(kind: Blossom, seed: int, count: int) -> list[TurningSprite]:
    """Return ``count`` single petals, each with its foot at the lower edge of the square."""
    return [TurningSprite(_petal(kind, rng(seed, 43, k))) for k in range(count)]


def _petal(kind: Blossom, random: np.random.Generator) -> Array:
    """Paint a petal: deep colour at its foot, pale at its tip, cupped, with fine veins."""
    a = np.linspace(-1, 1, 81)
    half = 0.66 * kind.breadth * random.uniform(0.94, 1.06)
    radius = np.sqrt(np.maximum(1 - np.abs(a) ** 2.6, 0)) ** 0.75
    radius = radius * (1 + 0.03 * np.sin(5 * a + random.uniform(0, 6)))
    radius = radius - kind.notch * np.exp(-((a / 0.11) ** 2))
    edge = 0.92 * radius[:, None] * np.stack([np.sin(a * half), -np.cos(a * half)], 1)
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
    """Return ``count`` open flowers facing the camera; their pose tilts them later."""
    return [_flower(kind, petal_sprites(kind, seed + k, 5), rng(seed, 42, k)) for k in range(count)]


def _flower(
    kind: Blossom, petals: list[TurningSprite], random: np.random.Generator
) -> TurningSprite:
    """Compose five petals around a centre with stamens."""
    canvas = np.zeros((_SIZE, _SIZE, 4), F)
    turn, long, middle = random.uniform(0, 6.28), 0.46 * _SIZE, _SIZE / 2
    for k, petal in enumerate(petals):
        angle = turn + 0.8 * np.pi * k + random.uniform(-0.06, 0.06)
        x, y = middle + 0.48 * long * np.sin(angle), middle - 0.48 * long * np.cos(angle)
        petal.draw(canvas, Pose(x, y, long, angle))
    angles = np.linspace(0, 6.28, 17) + random.uniform(-0.15, 0.15, 17)
    out = np.stack([np.sin(angles), np.cos(angles)], 1) * random.uniform(0.09, 0.19, 17)[:, None]
    for colour, at, radius in ((kind.heart, out * 0, 4.5), ("#f0b830", out, 1.9)):
        for px, py in at * _SIZE + middle:
            ink = (*linear(colour).tolist(), 1.0)
            centre = round(float(px) * 16), round(float(py) * 16)
            cv2.circle(canvas, centre, round(radius * 16), ink, -1, cv2.LINE_AA, 4)
    return TurningSprite(canvas)


def _sprite(light: Array, cover: Array) -> Array:
    """Return premultiplied ``(_SIZE, _SIZE, 4)`` from a finer painting and its 8-bit mask."""
    alpha = cover[..., None] / F(255)
    rgba = np.concatenate([np.maximum(light, 0) * alpha, alpha], 2).astype(F)
    return cv2.resize(rgba, (_SIZE, _SIZE), interpolation=cv2.INTER_AREA)


def falling(
    width: int,
    height: int,
    sprites: list[TurningSprite],
    wind: float,
    seed: int,
    scale: float = 1.0,
    many: float = 1.0,
) -> list[Drift]:
    """Return three layers of falling sprites: distant, midway, and close up, out of focus.

    Args:
        wind: sideways speed, in units of the image per second.
        scale, many: factors for their usual size and number.
    """
    soft, hazy = ([sprite.blurred(b) for sprite in sprites] for b in (0.035, 0.055))
    drifts = []
    for k, (kind, count, size, fall, gale, sway, spin) in enumerate(
        (
            (soft, round(28 * many), (0.036, 0.058), (0.07, 0.13), 0.7, 0.04, 1.4),
            (sprites, round(20 * many), (0.075, 0.120), (0.13, 0.21), 1.0, 0.06, 1.8),
            (hazy, 4, (0.26, 0.36), (0.28, 0.38), 1.8, 0.10, 1.6),
        )
    ):
        sizes = size[0] * scale, size[1] * scale
        style = DriftStyle(count, sizes, fall, wind * gale, sway, spin)
        drifts.append(Drift(width, height, kind, style, seed, k))
    return drifts

"""Veils of light: translucent bands of fine threads, bright along one edge."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...noise import Array, F, rng, smoothstep
from ..noise_line import along, noise_line
from .palette import Palette

_VEILS = 6
_PROFILE = 1024  # steps across a veil
_COLUMNS = 1024  # steps along it
_COARSE = 4  # pixels
_REACH = 2.2  # units to either side of the middle


@dataclass(frozen=True)
class _Veil:
    """Lengths in units, counted across."""

    profile: Array  # (1, steps): brightness across it
    at: float
    lines: tuple[Array, ...]  # along it: its course, coarse and fine, its width, its light
    start: Array  # where in those lines it begins
    speed: float
    level: float
    up: bool  # whether it fades upwards from its bright edge
    colours: tuple[Array, Array]  # from left to right


class Veils:
    """``(height, width)``; draws at half the size, the threads are soft."""

    def __init__(self, width: int, height: int, palette: Palette, pace: float, seed: int) -> None:
        self._size, self._pace = (width, height), pace
        h, w = height // 2, width // 2
        unit = min(h, 1.2 * w)
        x, y = _grid(w, h, 1, unit)
        # In an upright picture the veils rise, in a wide one they stretch across.
        angle = float(rng(seed, 91).uniform(-0.5, 0.5)) + (0.9 if height > width else 0.0)
        c, s = F(np.cos(angle)), F(np.sin(angle))
        self._blend = np.clip((x * c + y * s) * F(0.6) + F(0.5), 0, 1)
        # Where a veil runs is smooth: it is worked out on a coarse grid.
        rough_x, rough_y = _grid(w, h, _COARSE, unit)
        self._y = rough_y * c - rough_x * s
        self._column = (rough_x * c + rough_y * s + F(_REACH)) * F((_COLUMNS - 1) / (2 * _REACH))
        self._veils = [_veil(palette, rng(seed, 92, k), k) for k in range(_VEILS)]
        glow = np.exp(-np.square(np.hypot(x * F(0.7), y) / F(0.7)))
        self._ground = [
            F(palette.deep[k] * 0.35) + F(palette.main[0][k] * 0.05) * glow for k in range(3)
        ]

    def draw(self, t: float, out: Array) -> None:
        """Draw them at ``t`` into ``out``, ``(height, width, 3)``."""
        planes = [plane.copy() for plane in self._ground]
        for veil in self._veils:
            self._add(planes, veil, t * self._pace)
        cv2.resize(cv2.merge(planes), self._size, dst=out, interpolation=cv2.INTER_LINEAR)

    def _add(self, planes: list[Array], veil: _Veil, t: float) -> None:
        course = cv2.remap(
            _course(veil, t), self._column, np.zeros_like(self._column), cv2.INTER_LINEAR
        )
        across, level = (self._y - course[..., 0]) * course[..., 1], course[..., 2] * veil.level
        size = self._blend.shape[::-1]
        across, level = cv2.resize(across, size), cv2.resize(level, size)
        light = cv2.remap(
            veil.profile,
            across,
            np.zeros_like(across),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
        )
        cv2.multiply(light, level, dst=light)
        right = cv2.multiply(light, self._blend)
        left = cv2.subtract(light, right)
        for k, plane in enumerate(planes):
            cv2.scaleAdd(left, float(veil.colours[0][k]), plane, dst=plane)
            cv2.scaleAdd(right, float(veil.colours[1][k]), plane, dst=plane)


def _grid(width: int, height: int, step: int, unit: float) -> tuple[Array, Array]:
    """x and y, in units from the middle, of every ``step``-th pixel."""
    w, h = -(-width // step), -(-height // step)
    y, x = np.mgrid[0:h, 0:w].astype(F)
    x, y = (x + F(0.5)) * F(width / w), (y + F(0.5)) * F(height / h)
    return (x - F(width / 2)) / F(unit), (y - F(height / 2)) / F(unit)


def _veil(palette: Palette, random: np.random.Generator, k: int) -> _Veil:
    main = palette.main
    return _Veil(
        profile=_threads(random),
        at=random.uniform(-0.32, 0.32),
        lines=(
            noise_line(512, 3.4, random, 1, 14),
            noise_line(512, 3.4, random, 1, 14),
            noise_line(512, 3.2, random, 1, 10),
            noise_line(512, 3.4, random, 1, 14),
        ),
        start=random.uniform(0, 512, 4),
        speed=random.uniform(0.7, 1.3),
        level=random.uniform(0.65, 1.3),
        up=random.random() < 0.5,
        colours=(main[k % len(main)], main[(k + 1) % len(main)]),
    )


def _threads(random: np.random.Generator) -> Array:
    """Brightness across a veil: a bright edge, then threads that fade."""
    s = np.linspace(0, 1, _PROFILE)
    waves = [np.cos(s**0.7 * f + random.uniform(0, 6.28)) for f in random.uniform(60, 210, 5)]
    body = np.exp(-s / 0.30) * smoothstep(0, 0.02, s) * smoothstep(1, 0.6, s)
    profile = body * (0.55 + 0.09 * np.sum(waves, 0))
    profile = profile + 1.1 * np.exp(-np.square((s - 0.03) / 0.010))
    profile[[0, -1]] = 0
    return profile.astype(F)[None]


def _course(veil: _Veil, t: float) -> Array:
    """Along a veil: its place, its profile's steps a unit, its light. ``(1, columns, 3)``."""
    x = np.linspace(-_REACH, _REACH, _COLUMNS)
    t *= veil.speed
    shift = zip(veil.lines, (22, 40, 26, 30), (5.0, -6.0, -4.0, 8.0), veil.start, strict=True)
    coarse, fine, wide, light = (along(line, x * k + v * t + at) for line, k, v, at in shift)
    place = veil.at + 0.16 * coarse + 0.07 * fine
    wide = np.maximum(0.30 + 0.14 * wide, 0.05)
    level = np.clip(0.7 + 0.5 * light, 0.05, 2) * np.minimum(0.3 / wide, 2.0)
    steps = (-_PROFILE if veil.up else _PROFILE) / wide
    return np.stack([place, steps, level], 1).astype(F)[None]

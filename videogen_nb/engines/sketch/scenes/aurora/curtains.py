"""Curtains of northern lights: folded sheets of vertical rays that wander, ripple and flare.

A curtain is a curve seen from the ground. Samples along it each carry a ray with the same vertical
brightness profile: a sharp lower edge, then a long fading tail, green below and red or violet above
(emission of oxygen and nitrogen). Where the curve folds back on itself, the rays add up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from ...drawing.noise import Array, F, along, noise_line, rng, smoothstep

_SAMPLES = 900
_PROFILE = 2048  # entries of the profile over the range below
_LOWEST, _HIGHEST = -0.15, 3.0  # range of the profile, in ray heights
#: Folds of a curtain, broadest first: waves along it, relative speed, relative amplitude.
_WAVES = np.array([0.9, 1.9, 3.4, 5.9])
_QUICKER = np.array([1.0, 1.3, 1.9, 2.6])
_PARTS = np.array([1.0, 0.60, 0.34, 0.17])


@dataclass(frozen=True, slots=True)
class CurtainLook:
    """One curtain; lengths are in units, and x = 0 is the centre of the image."""

    base: float  # height of its lower edge above the horizon
    slant: float  # height of its right end relative to its left end
    tall: float  # height of its rays
    wide: float  # width
    fold: float  # horizontal amplitude of its folds
    deep: float  # vertical amplitude, which suggests depth
    light: float
    middle: float = 0.0
    speed: float = 1.0


class Curtains:
    """All curtains of an image, drawn on a small canvas. Thread-safe.

    Args:
        columns, rows: size of the canvas; its last row lies on the horizon.
        unit: the reference length in pixels of the canvas, horizontally and vertically.
    """

    def __init__(
        self,
        columns: int,
        rows: int,
        unit: tuple[float, float],
        looks: tuple[CurtainLook, ...],
        seed: int,
    ) -> None:
        self._shape = columns, rows
        up = ((rows - np.arange(rows, dtype=F)) - 0.5) / F(unit[1])
        profiles = _profiles()
        self._curtains = [
            _Curtain(look, columns, unit[0], up, profiles, rng(seed, 30, k))
            for k, look in enumerate(looks)
        ]

    def __call__(self, t: float) -> Array:
        """Return ``(rows, columns, 3)`` at ``t`` seconds: light of the edge, body and tops."""
        canvas = np.zeros((*self._shape, 3), F)
        for curtain in self._curtains:
            curtain.add_to(canvas, t)
        return np.ascontiguousarray(canvas.transpose(1, 0, 2))


def _profiles() -> Array:
    """Return the vertical brightness profiles of the three lights: ``(_PROFILE, 3)``."""
    v = np.linspace(_LOWEST, _HIGHEST, _PROFILE, dtype=F)
    rise = smoothstep(-0.07, 0.07, v)
    edge = np.exp(-(((v - 0.02) / 0.065) ** 2))
    fade = smoothstep(2.6, 0.6, v)
    body = rise * np.exp(-np.maximum(v, 0) / 0.36) * fade
    tops = smoothstep(0.20, 1.1, v) * np.exp(-np.maximum(v, 0) / 0.75) * fade
    return np.stack([edge, body, tops], 1).astype(F)


class _Curtain:
    def __init__(
        self,
        look: CurtainLook,
        columns: int,
        unit: float,
        up: Array,
        profiles: Array,
        random: np.random.Generator,
    ) -> None:
        self._look, self._columns, self._unit = look, columns, unit
        self._up, self._profiles = up, profiles
        self._s = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
        n = len(_WAVES)
        self._waves = random.uniform(0.75, 1.25, n) * _WAVES
        self._speeds = random.uniform(0.026, 0.062, n) * random.choice([-1, 1], n) * _QUICKER
        self._phases = random.uniform(0, 2 * math.pi, n)
        # about 45° between the two amplitudes; 90° would close folds into tubes
        self._shifts = random.uniform(0.3, 0.8, n)
        self._patches = noise_line(512, 1.8, random, 2, 14)
        self._rays = noise_line(1024, 0.9, random, 24, 190)
        self._flicker = noise_line(1024, 1.2, random, 12, 90)
        self._heights = noise_line(512, 1.6, random, 6, 60)

    def add_to(self, canvas: Array, t: float) -> None:
        """Add every ray to ``canvas``, ``(columns, rows, 3)``."""
        x, base = self._line(t * self._look.speed)
        light, tall = self._rays_at(t * self._look.speed)
        # nearer parts are higher in the image and look larger
        tall = tall * (0.45 + 0.55 * base / self._look.base)
        # folds are brighter, but the brightness of an edge-on fold is limited
        step = np.abs(np.gradient(x)) * _SAMPLES / self._look.wide
        light = light * (0.10 + step) ** 0.55
        column = (x + 0.5 * self._columns / self._unit) * self._unit - 0.5
        seen = (column > -1) & (column < self._columns)
        if not seen.any():
            return
        column, base, light, tall = (a[seen] for a in (column, base, light, tall))
        v = (self._up[None] - base[:, None].astype(F)) / tall[:, None].astype(F)
        v -= F(_LOWEST)
        v *= F((_PROFILE - 1) / (_HIGHEST - _LOWEST))
        index = np.clip(v, 0, _PROFILE - 1).astype(np.int32)
        rays = self._profiles[index]
        first = np.floor(column).astype(np.int64)
        part = (column - first).astype(F)
        _add_columns(canvas, first, rays * (light * (1 - part))[:, None, None].astype(F))
        _add_columns(canvas, first + 1, rays * (light * part)[:, None, None].astype(F))

    def _line(self, t: float) -> tuple[Array, Array]:
        """Return each sample's x position and the height of its lower edge, in units."""
        look, s = self._look, self._s[:, None]
        angle = 2 * math.pi * (self._waves * s + self._speeds * t) + self._phases
        x = look.middle + look.wide * (self._s - 0.5) + look.fold * (np.sin(angle) @ _PARTS)
        rise = look.deep * (np.sin(angle + self._shifts) @ _PARTS)
        return x, np.maximum(look.base + look.slant * (self._s - 0.5) + rise, 0.012)

    def _rays_at(self, t: float) -> tuple[Array, Array]:
        """Return each ray's brightness and height; fine rays drift along the curtain."""
        s = self._s
        patches = np.exp(0.75 * along(self._patches, s * 150 + 7.0 * t))
        rays = along(self._rays, s * 400 + 3.0 * t) + along(self._flicker, s * 420 - 8.0 * t)
        ends = smoothstep(0, 0.16, s) * smoothstep(1, 0.84, s)
        light = self._look.light * patches * np.exp(0.36 * rays) * ends
        tall = self._look.tall * np.exp(
            0.20 * along(self._heights, s * 300 - 5.0 * t) + 0.10 * rays
        )
        return light * (self._look.wide * self._unit / _SAMPLES), tall


def _add_columns(canvas: Array, column: Array, rays: Array) -> None:
    """Add ``(samples, rows, 3)`` to their columns; several may fall into the same one."""
    inside = (column >= 0) & (column < canvas.shape[0])
    column, rays = column[inside], rays[inside]
    if not len(column):
        return
    order = np.argsort(column, kind="stable")
    ordered = column[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    canvas[ordered[starts]] += np.add.reduceat(rays[order], starts, axis=0)


def soften(canvas: Array, unit: float) -> Array:
    """Add a faint haze of light around the curtains."""
    canvas = cv2.GaussianBlur(canvas, (5, 1), 0)
    small = cv2.resize(canvas, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    haze = cv2.GaussianBlur(small, (0, 0), max(1.0, unit * 0.02))
    haze = cv2.resize(haze, canvas.shape[1::-1])
    return cv2.addWeighted(canvas, 0.80, haze, 0.55, 0)

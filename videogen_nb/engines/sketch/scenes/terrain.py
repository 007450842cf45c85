"""Mountains as a height field seen in perspective: crests hide what is behind, faces catch light.

Each column of the picture looks along a line over the field; what it sees at a height above the
horizon is the first place along the line that stands that high (the "voxel space" way, 1992).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..noise import Array, F, fbm_tile, rng, smoothstep

_TILE = 512
_TEXELS_PER_KM = 26.0
_NEAR_KM, _FAR_KM = 3.2, 15.0
_STEPS = 480


@dataclass(frozen=True, slots=True)
class Mountains:
    """What is seen of them, ``(rows, columns)`` each; the last row stands on the horizon."""

    cover: Array
    light: Array  # 0–1: how much the face turns to the light
    snow: Array  # 0–1
    haze: Array  # 0 near, 1 far


@dataclass(frozen=True, slots=True)
class Massif:
    """How a range is composed: heights over the width of the picture, left to right, 0–1."""

    tall_km: float
    outline: tuple[float, ...]
    snow_line_km: float


def mountains(
    columns: int, rows: int, unit: float, massif: Massif, light_x: float, seed: int
) -> Mountains:
    """The range for a picture; ``light_x`` -1 lights it from the left, 1 from the right."""
    away = np.geomspace(_NEAR_KM, _FAR_KM, _STEPS).astype(F)[:, None]
    across = (np.arange(columns, dtype=F) + F(0.5) - F(columns / 2)) / F(unit)
    height = _heights(across[None] * away, away, seed)
    height *= _envelope(massif, away, across, columns / unit)
    light, snow = _shade(height, away, unit, light_x, massif.snow_line_km)
    reach = np.maximum.accumulate(height / away, 0)
    first, cover = _first_seen(reach, rows, unit)
    column = np.arange(columns)[None]
    far = smoothstep(_NEAR_KM, _FAR_KM, away[first, 0])
    return Mountains(cover, light[first, column], snow[first, column], np.asarray(far, F))


def _heights(x: Array, away: Array, seed: int) -> Array:
    """The field at places in kilometres: ``(steps, columns)``, 0–1."""
    east, north = rng(seed, 60).uniform(0, _TILE, 2)
    u = x * F(_TEXELS_PER_KM) + F(east)
    v = np.broadcast_to(away * F(_TEXELS_PER_KM) + F(north), u.shape)
    height = _lookup(_height_field(seed), u, v, cv2.INTER_CUBIC)
    rock = _lookup(_crests(3.4, 8, 110, rng(seed, 64), 1.8), u * F(3), v * F(3), cv2.INTER_LINEAR)
    return np.asarray(height * (1 + F(0.04) * rock), F)


def _lookup(tile: Array, u: Array, v: Array, interpolation: int) -> Array:
    around = cv2.copyMakeBorder(tile, 2, 2, 2, 2, cv2.BORDER_WRAP)
    u, v = np.mod(u, _TILE) + F(2), np.mod(v, _TILE) + F(2)
    return cv2.remap(around, u.astype(F), v.astype(F), interpolation)


def _height_field(seed: int) -> Array:
    """Sharp crests with smaller crests on their sides, 0–1 and tileable."""
    large = _crests(3.6, 2, 9, rng(seed, 61), 1.5)
    medium = _crests(3.2, 7, 30, rng(seed, 62), 1.7)
    small = _crests(2.8, 20, 200, rng(seed, 63), 1.9)
    # smaller crests grow with the height: valleys are smooth, summits rugged
    field = large * (F(0.60) + F(0.27) * medium + F(0.13) * small)
    return np.asarray(field, F)


def _crests(
    beta: float, lowest: int, highest: int, random: np.random.Generator, wide: float
) -> Array:
    noise = fbm_tile(_TILE, beta, random, lowest, highest)
    return np.clip(1 - np.sqrt(noise * noise + F(0.004)) / F(wide), 0, 1)


def _envelope(massif: Massif, away: Array, across: Array, wide: float) -> Array:
    places = np.linspace(-wide / 2, wide / 2, len(massif.outline))
    outline = np.interp(across, places, massif.outline)[None].astype(F)
    outline = cv2.GaussianBlur(outline, (0, 0), max(1.0, 0.09 * outline.size))
    rise = smoothstep(_NEAR_KM, _NEAR_KM + 4.5, away)
    return np.asarray(massif.tall_km * rise * outline, F)


def _shade(
    height: Array, away: Array, unit: float, light_x: float, snow_line: float
) -> tuple[Array, Array]:
    """Light on each face, and the snow that holds where it is high and not too steep."""
    pixel_km = away / F(unit)
    along_x = np.gradient(height, axis=1) / pixel_km
    along_z = np.gradient(height, axis=0) / np.gradient(away, axis=0)
    length = np.sqrt(1 + along_x**2 + along_z**2)
    sun = np.array([-light_x * 0.75, 0.55, -0.38])
    light = (along_x * -sun[0] * -1 + sun[1] + along_z * sun[2]) / length
    steep = np.hypot(along_x, along_z)
    snow = smoothstep(snow_line - 0.25, snow_line + 0.25, height) * smoothstep(2.1, 0.95, steep)
    return np.clip(light * 0.75 + 0.25, 0, 1).astype(F), snow.astype(F)


def _first_seen(reach: Array, rows: int, unit: float) -> tuple[Array, Array]:
    """For each pixel the step along its line, and how much of the pixel is land."""
    up = ((rows - np.arange(rows) - 0.5) / unit).astype(F)
    first = np.empty((rows, reach.shape[1]), np.int32)
    for column in range(reach.shape[1]):
        first[:, column] = np.searchsorted(reach[:, column], up)
    cover = np.clip((reach[-1][None] - up[:, None]) * F(unit) + F(0.5), 0, 1)
    return np.minimum(first, reach.shape[0] - 1), cover.astype(F)

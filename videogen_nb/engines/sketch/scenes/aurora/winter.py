"""A land under snow at night, dark blue by itself, that takes on the light of the sky."""

from __future__ import annotations

import cv2
import numpy as np

from ...noise import Array, F, fbm_tile, linear, rng, smoothstep
from ..land import Land, Landscape, Tone
from ..noise_line import along, noise_line
from ..terrain import mountains
from ..trees import wood
from .looks import AuroraLook

_SNOW = "#3c5c94"
_TILE = 512


def winter_land(columns: int, rows: int, unit: float, look: AuroraLook, seed: int) -> Land:
    """Mountains and woods above a lake; ``rows`` is the horizon's."""
    land = Landscape(columns, rows, unit)
    snow, rock = Tone(linear(_SNOW) * F(0.33), 1.0), Tone(linear("#10141f") * F(0.5), 0.10)
    air = Tone(linear(look.sky[2][1]) * F(0.6), 0.12)
    seen = mountains(columns, rows, unit, look.massif, 1.0 if seed % 2 else -1.0, seed)
    land.add_mountains(seen, rock, snow, air)
    land.add_mist(0.03, 0.5, air)
    land.add_hills(0.004, 0.008, 2.2, Tone(snow.own * F(0.5), 0.38), rng(seed, 82))
    needles, laden = Tone(linear("#04070c") * F(0.5), 0.01), Tone(snow.own * F(0.6), 0.36)
    for part, growth in enumerate(look.woods):
        land.add_wood(wood(columns, unit, growth, rng(seed, 80, part)), needles, laden)
    return land.finished()


def snow_bank(width: int, height: int, unit: float, seed: int) -> Land:
    """The near shore: drifts of snow, higher at one side, with grass that looks out of it."""
    random = rng(seed, 86)
    x = (np.arange(width, dtype=F) + F(0.5)) / F(width)
    side = x if seed % 2 else 1 - x
    line = noise_line(512, 3.2, random, 1, 12)
    rise = F(0.016) + F(0.075) * smoothstep(0.25, 1.0, side) + F(0.010) * along(line, x * 260)
    tall = np.maximum(rise, 0.004).astype(F) * F(unit)
    rows = int(tall.max()) + 2
    up = (F(rows) - np.arange(rows, dtype=F) - F(0.5))[:, None]
    cover = np.clip(tall[None] - up + F(0.5), 0, 1)
    deep = np.clip((tall[None] - up) / F(0.05 * unit), 0, 1)
    light = _drifts(width, rows, unit, seed) * (F(0.95) - F(0.45) * deep)
    own = (light * cover)[..., None] * (linear(_SNOW) * F(0.28))
    grass = _grass(width, rows, tall, unit, random)
    keep = (1 - grass)[..., None]
    answer = light * cover * F(0.55) * keep[..., 0]
    own = own * keep + grass[..., None] * (linear("#0a0c10") * F(0.3))
    past = (1 - cover) * keep[..., 0]
    return Land(height - rows, np.ascontiguousarray(own, F), answer, past)


def _drifts(width: int, rows: int, unit: float, seed: int) -> Array:
    """Light and shade of wind-blown snow, seen at a low angle."""
    tile = fbm_tile(_TILE, 3.0, rng(seed, 87), 2, 110, 0.45)
    slope = tile - np.roll(tile, 3, 1)
    slope /= slope.std()
    y, x = np.mgrid[0:rows, 0:width].astype(F)
    u, v = np.mod(x * F(230 / unit), _TILE), np.mod(y * F(900 / unit), _TILE)
    around = cv2.copyMakeBorder(slope, 0, 1, 0, 1, cv2.BORDER_WRAP)
    return np.clip(F(0.80) + F(0.085) * cv2.remap(around, u, v, cv2.INTER_LINEAR), F(0.1), F(1.4))


def _grass(width: int, rows: int, tall: Array, unit: float, random: np.random.Generator) -> Array:
    """Dry stalks in tufts, bent by the wind: how much of each pixel they cover."""
    sheet = np.zeros((rows, width), np.uint8)
    thick = max(1, round(unit / 1400))
    for middle in random.uniform(0, width, 9):
        for _ in range(int(random.integers(5, 16))):
            x = float(middle + random.normal(0, 0.010 * unit))
            foot = rows - 0.80 * float(tall[int(np.clip(x, 0, width - 1))])
            high = float(random.uniform(0.012, 0.040)) * unit
            bend = float(random.normal(0.15, 0.25)) * high
            t = np.linspace(0, 1, 8)
            stalk = np.stack([x + bend * t**2, foot - high * t], 1)
            points = np.round(stalk * 16).astype(np.int32)
            cv2.polylines(sheet, [points], False, 255, thick, cv2.LINE_AA, 4)
    return sheet.astype(F) / 255

"""The look of a night of northern lights, and the land under snow that takes on their light."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...drawing.colour import Light, gradient, linear, load_looks
from ...drawing.compositing import grid
from ...drawing.noise import Array, F, along, fbm_tile, lookup, noise_line, rng, smoothstep
from ...layers.land import Growth, Land, Landscape, Massif, Tone
from .curtains import CurtainLook


@dataclass(frozen=True, slots=True)
class AuroraLook:
    """Colours are sRGB; the sky's stops run from the zenith (0) to the horizon (1)."""

    sky: str
    edge: Light
    body: Light
    tops: Light
    curtains: tuple[CurtainLook, ...]
    massif: Massif
    woods: tuple[Growth, ...]
    on_land: tuple[float, float, float] = (1.0, 1.0, 1.0)  # of the three lights, on the snow


LOOKS = load_looks(AuroraLook, __package__)


_SNOW = "#3c5c94"


def winter_land(columns: int, rows: int, unit: float, look: AuroraLook, seed: int) -> Land:
    """Mountains and woods above a lake; ``rows`` is the horizon's."""
    land = Landscape(columns, rows, unit)
    snow, rock = Tone(linear(_SNOW, 0.33), 1.0), Tone(linear("#10141f", 0.5), 0.10)
    air = Tone(gradient(look.sky, np.array([0.85]))[0] * 0.6, 0.12)
    land.add_mountains(look.massif, rock, snow, air, 1.0 if seed % 2 else -1.0, seed)
    land.add_mist(0.03, 0.5, air)
    land.add_hills(0.004, 0.008, 2.2, Tone(snow.own * 0.5, 0.38), rng(seed, 82))
    needles, laden = Tone(linear("#04070c", 0.5), 0.01), Tone(snow.own * 0.6, 0.36)
    for part, growth in enumerate(look.woods):
        land.add_wood(growth, needles, laden, seed * 7 + part)
    return land.finished()


def snow_bank(width: int, height: int, unit: float, seed: int) -> Land:
    """The near shore: drifts of snow, higher at one side, with grass that looks out of it."""
    random = rng(seed, 86)
    x = (np.arange(width, dtype=F) + 0.5) / F(width)
    side = x if seed % 2 else 1 - x
    line = noise_line(512, 3.2, random, 1, 12)
    rise = 0.016 + 0.075 * smoothstep(0.25, 1.0, side) + 0.010 * along(line, x * 260)
    tall = np.maximum(rise, 0.004).astype(F) * F(unit)
    rows = int(tall.max()) + 2
    up = (F(rows) - np.arange(rows, dtype=F) - 0.5)[:, None]
    cover = np.clip(tall[None] - up + 0.5, 0, 1)
    deep = np.clip((tall[None] - up) / F(0.05 * unit), 0, 1)
    light = _drifts(width, rows, unit, seed) * (0.95 - 0.45 * deep) * cover
    grass = _grass(rows, tall, unit, random)
    own = light[..., None] * linear(_SNOW, 0.28)
    own += (linear("#0a0c10", 0.3) - own) * grass[..., None]
    answer, past = light * 0.55 * (1 - grass), (1 - cover) * (1 - grass)
    return Land(height - rows, np.ascontiguousarray(own, F), answer, past)


def _drifts(width: int, rows: int, unit: float, seed: int) -> Array:
    """Light and shade of wind-blown snow, seen at a low angle."""
    tile = fbm_tile(512, 3.0, rng(seed, 87), 2, 110, 0.45)
    slope = tile - np.roll(tile, 3, 1)
    x, y = grid(rows, width)
    slope = lookup(slope / slope.std(), x * F(230 / unit), y * F(900 / unit))
    return np.clip(0.80 + 0.085 * slope, 0.1, 1.4)


def _grass(rows: int, tall: Array, unit: float, random: np.random.Generator) -> Array:
    """Dry stalks in tufts, bent by the wind: how much of each pixel they cover."""
    sheet = np.zeros((rows, tall.size), np.uint8)
    thick = max(1, round(unit / 1400))
    for middle in random.uniform(0, tall.size, 9):
        for _ in range(int(random.integers(5, 16))):
            x = float(middle + random.normal(0, 0.010 * unit))
            foot = rows - 0.80 * float(tall[int(np.clip(x, 0, tall.size - 1))])
            high = float(random.uniform(0.012, 0.040)) * unit
            bend = float(random.normal(0.15, 0.25)) * high
            t = np.linspace(0, 1, 8)
            points = np.round(np.stack([x + bend * t**2, foot - high * t], 1) * 16)
            cv2.polylines(sheet, [points.astype(np.int32)], False, 255, thick, cv2.LINE_AA, 4)
    return sheet.astype(F) / 255

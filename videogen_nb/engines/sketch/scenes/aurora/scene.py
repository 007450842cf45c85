"""Northern lights over a lake and mountains in the snow, which they light."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from ...catalogue import Daytime, Mood
from ...drawing.colour import Light, choose, gradient, linear, load_looks
from ...drawing.compositing import darken, vignette
from ...drawing.lens import reference_length
from ...drawing.noise import Array, F, rng
from ...layers.land import Growth, Land, Landscape, Massif, Tone
from ...layers.sky import FixedStars, clear_sky
from ...layers.water import Lake, LakeLook
from ..base import Scene
from .curtains import CurtainLook, Curtains, fan, soften, spread


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
_CANVAS_UNIT = 320.0, 256.0  # the reference length on the curtains' canvas, across and up
_GAIN = 0.34
_ON_LAND = 2.1  # how strongly the sky's mean light falls on what is below it


class AuroraScene(Scene):
    """Curtains flow over stars; snow and water take on their light as it changes."""

    exposure = 2.2

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        look = choose(LOOKS, "night", "night", seed)
        random = rng(seed, 1)
        unit = reference_length(width, height)
        self._unit = unit
        self._horizon = horizon = 2 * round(height * float(random.uniform(0.71, 0.76)) / 2)
        self._half = (width + 1) // 2, horizon // 2
        across, up = (part / unit for part in _CANVAS_UNIT)
        canvas = int(width * across * spread(horizon, unit)) + 2, math.ceil(horizon * up)
        self._curtains = Curtains(*canvas, _CANVAS_UNIT, look.curtains, seed)
        self._fan = fan(*self._half, unit / 2, canvas, _CANVAS_UNIT)
        self._colours = _colours(look)
        self._air = _air(self._half, look, mood.time)
        self._stars = FixedStars((horizon, width), unit, rng(seed, 40))
        self._land = winter_land(width, horizon, unit, look, seed)
        self._on_land = np.array(look.on_land, F) * F(_ON_LAND)
        self._night = linear("#6a8cc0", 0.03)
        deep, mist = gradient(look.sky, np.array([0.5, 1.0]))
        water = LakeLook(deep * 0.4, mist * 0.12, taller=1.9)
        self._lake = Lake(width, height, horizon, unit, water, seed)
        self._shade = vignette(width, height, 0.30, 0.45)

    def frame(self, t: float) -> Array:
        out = self.buffer("image", (self.height, self.width, 3))
        sky = out[: self._horizon]
        canvas = soften(self._curtains(t), _CANVAS_UNIT[0])
        lights = cv2.transform(canvas, self._colours)
        u, v = self._fan
        wide = cv2.remap(cv2.cvtColor(lights, cv2.COLOR_RGB2RGBA), u, v, cv2.INTER_LINEAR)
        half = cv2.cvtColor(wide, cv2.COLOR_RGBA2RGB)
        cv2.add(half, self._air, dst=half)
        cv2.resize(half, sky.shape[1::-1], dst=sky)
        self._stars.draw(sky, 0.8, t)
        light = self._light_below(canvas)
        self._land.over(sky, light)
        small = cv2.resize(sky, self._half, interpolation=cv2.INTER_AREA)
        self._lake.below(cv2.cvtColor(small, cv2.COLOR_RGB2RGBA), out[self._horizon :], t)
        darken(out, self._shade)
        return out

    def _light_below(self, canvas: Array) -> Array:
        """What falls on the land below each column: ``(width, 3)``, in strong colours."""
        mean = cv2.resize(canvas.mean(0)[None], (self.width, 1))
        mean = cv2.GaussianBlur(mean, (0, 0), self._unit * 0.09)
        light = cv2.transform(mean, self._colours * self._on_land)[0]
        grey = light.mean(1, keepdims=True)
        return np.maximum(grey + (light - grey) * 1.6, 0) + self._night


def _colours(look: AuroraLook) -> Array:
    """The matrix from a canvas's three lights to RGB."""
    lights = (look.edge, look.body, look.tops)
    return np.stack([linear(colour, strength * _GAIN) for colour, strength in lights], 1)


def _air(half: tuple[int, int], look: AuroraLook, time: Daytime | None) -> Array:
    """The sky without lights at half size; at dusk the last of the day stands at the horizon."""
    columns, rows = half
    air = clear_sky(look.sky, rows, columns, rows)
    if time == "dusk":
        down = (np.arange(rows, dtype=F)[:, None, None] + 0.5) / F(rows)
        air += np.exp((down - 1) / 0.16) * linear("#ff9a5c", 0.30)
    return np.ascontiguousarray(air, F)


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

"""Northern lights over a lake and snowy mountains, which they illuminate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from ...catalogue import Mood
from ...drawing.colour import Light, choose, gradient, linear, load_looks
from ...drawing.noise import Array, F, rng
from ...layers.night_land import Growth, Massif, Tone
from ...layers.sky import FixedStars
from ...layers.water import LakeLook
from ..lakeside import LakesideScene, LandTones
from .curtains import CurtainLook, Curtains, soften


@dataclass(frozen=True, slots=True)
class AuroraLook:
    """Colours (sRGB) of one aurora; the sky's stops run from zenith (0) to horizon (1)."""

    sky: str
    edge: Light
    body: Light
    tops: Light
    curtains: tuple[CurtainLook, ...]
    massif: Massif
    woods: tuple[Growth, ...]
    on_land: tuple[float, float, float] = (1.0, 1.0, 1.0)  # intensity of the three lights on snow


LOOKS = load_looks(AuroraLook, __package__)

_CANVAS_UNIT = 320.0, 256.0  # reference length on the curtains' canvas, in pixels (x, y)
_GAIN = 0.34
_ON_LAND = 2.1  # intensity of the sky's mean light on the land


class AuroraScene(LakesideScene):
    """Curtains over stars; snow and water reflect their changing light."""

    exposure = 2.2

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        look = choose(LOOKS, "night", "night", seed)
        across, up = (part / self._unit for part in _CANVAS_UNIT)
        canvas = math.ceil(width * across), math.ceil(self._horizon * up)
        self._curtains = Curtains(*canvas, _CANVAS_UNIT, look.curtains, seed)
        lights = (look.edge, look.body, look.tops)
        self._colours = np.stack([linear(colour, power * _GAIN) for colour, power in lights], 1)
        self._clear = self._air(look.sky, "#ff9a5c", 0.45 if mood.time == "dusk" else 0.0)
        self._stars = FixedStars((self._horizon, width), self._unit, rng(seed, 40))
        self._on_land = np.array(look.on_land, F) * F(_ON_LAND)
        self._night = linear("#6a8cc0", 0.03)
        deep, low, mist = gradient(look.sky, np.array([0.5, 0.85, 1.0]))
        snow, air = Tone(linear("#3c5c94", 0.33), 1.0), Tone(low * 0.6, 0.12)
        tones = LandTones(
            rock=Tone(linear("#10141f", 0.5), 0.10),
            snow=snow,
            air=air,
            mist=air,
            shore=Tone(snow.own * 0.5, 0.38),
            needles=Tone(linear("#04070c", 0.5), 0.01),
            laden=Tone(snow.own * 0.6, 0.36),
        )
        self._settle(look.massif, look.woods, tones, LakeLook(deep * 0.4, mist * 0.12, 1.9))

    def _draw_sky(self, sky: Array, t: float) -> Array:
        canvas = soften(self._curtains(t), _CANVAS_UNIT[0])
        half = cv2.resize(cv2.transform(canvas, self._colours), self._half)
        cv2.add(half, self._clear, dst=half)
        cv2.resize(half, sky.shape[1::-1], dst=sky)
        self._stars.draw(sky, 0.8, t)
        return self._light_below(canvas)

    def _light_below(self, canvas: Array) -> Array:
        """Return the saturated light on the land below each column: ``(width, 3)``."""
        mean = cv2.resize(canvas.mean(0)[None], (self.width, 1))
        mean = cv2.GaussianBlur(mean, (0, 0), self._unit * 0.09)
        light = cv2.transform(mean, self._colours * self._on_land)[0]
        grey = light.mean(1, keepdims=True)
        return np.maximum(grey + (light - grey) * 1.6, 0) + self._night

"""A starry sky rotating over a lake: Milky Way, twinkling stars, an occasional shooting star."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from ...catalogue import Mood
from ...drawing.colour import Light, choose, linear, load_looks
from ...drawing.compositing import strips
from ...drawing.noise import Array, F, rng, smoothstep
from ...layers.night_land import Growth, Massif, Tone
from ...layers.sky import Stars
from ...layers.water import LakeLook
from ..lakeside import LakesideScene, LandTones
from .heavens import MilkyWay, add_meteor


@dataclass(frozen=True, slots=True)
class StarLook:
    """Colours (sRGB) of a starry sky; its stops run from the zenith (0) to the horizon (1)."""

    sky: str
    glow: Light  # along the horizon: a distant town, or afterglow
    band: tuple[str, str]  # colours of the Milky Way's arms and core
    rock: str
    snow: str
    air: str
    needles: str
    water: str
    mist: str
    woods: tuple[Growth, ...]
    massif: Massif


LOOKS = load_looks(StarLook, __package__)

_TURN_DEGREES_S = 0.5
_MIDDLE_S = 2.5  # the time at which the sky is unrotated
_MARGIN = 0.155  # margin for rotation within 15 s, as a fraction of the sky's diagonal
_STARS = 1500


class StarsScene(LakesideScene):
    """A sky that rotates about the pole: a texture larger than the frame, and single stars.

    Smooth parts are kept at half size; the dust of faint stars and the single ones are not.
    """

    exposure = 2.6

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        look, random = choose(LOOKS, "night", "night", seed), self._random
        self._margin = 2 * round(_MARGIN * math.hypot(width, self._horizon) / 2)
        self._pole = np.array(
            [width * random.uniform(0.3, 0.7), -height * random.uniform(0.25, 0.5)]
        )
        self._turn = math.radians(_TURN_DEGREES_S) * (1 if random.random() < 0.5 else -1)
        self._prepare_sky(look, seed)
        glow, strength = look.glow
        self._clear = self._air(look.sky, glow, strength * (2.2 if mood.time == "dusk" else 1.0))
        needles, snow = Tone(linear(look.needles)), look.snow
        tones = LandTones(
            rock=Tone(linear(look.rock, 0.9)),
            snow=Tone(linear(snow, 0.8)),
            air=Tone(linear(look.air)),
            mist=Tone(linear(look.mist, 0.55)),
            shore=Tone(linear(snow, 0.16)) if mood.snow else Tone(needles.own * 1.5),
            needles=needles,
            laden=Tone(linear(snow, 0.24)) if mood.snow else None,
        )
        water = LakeLook(linear(look.water, 0.55), linear(look.mist, 0.10))
        self._settle(look.massif, look.woods, tones, water)

    def _prepare_sky(self, look: StarLook, seed: int) -> None:
        m, unit = self._margin, self._unit
        columns, rows = self.width + 2 * m, self._horizon + 2 * m
        band = MilkyWay(columns // 2, rows // 2, unit / 2, look.band, seed)
        self._band = band.light
        self._dust = _faint_stars(columns, rows, unit, band.density, rng(seed, 50))
        size = math.sqrt(columns * rows) / unit
        low, high = (-m, -m), (self.width + m, self._horizon + m)
        count = int(_STARS * size * size)
        scale = unit / 1280
        self._stars = Stars(count, low, high, scale, rng(seed, 51), band.density)

    def _draw_sky(self, sky: Array, t: float) -> None:
        angle = self._turn * (t - _MIDDLE_S)
        c, s = math.cos(angle), math.sin(angle)
        band = self._turn_texture(self._band, c, s, 0.5, self._half)
        cv2.add(band, self._clear, dst=band)
        cv2.resize(band, sky.shape[1::-1], dst=sky)
        dust = self._turn_texture(self._dust, c, s, 1.0, sky.shape[1::-1])
        for rows in strips(*dust.shape):
            dots = dust[rows]
            cv2.add(sky[rows], cv2.merge([dots * 0.63, dots * 0.73, dots]), dst=sky[rows])
        x, y = self._stars.x - self._pole[0], self._stars.y - self._pole[1]
        x, y = self._pole[0] + c * x - s * y, self._pole[1] + s * x + c * y
        low = np.clip((self._horizon - y) / (0.22 * self._horizon), 0, 1) ** 0.6
        light = self._stars.light(t) * low[:, None].astype(F)
        self._stars.draw(sky, x, y, light)
        add_meteor(sky, self._unit, self.seed, t)

    def _turn_texture(
        self, texture: Array, c: float, s: float, scale: float, size: tuple[int, int]
    ) -> Array:
        """Return a texture with a margin, at ``scale`` of the frame, rotated about the pole."""
        px, py = self._pole * scale
        m = self._margin * scale
        to_texture = np.array([[c, s, m + px - c * px - s * py], [-s, c, m + py + s * px - c * py]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(texture, to_texture, size, flags=flags)


def _faint_stars(
    columns: int, rows: int, unit: float, density: Array, random: np.random.Generator
) -> Array:
    """Return stars too faint to draw singly: dots blurred so that they rotate without aliasing."""
    most = F(0.0018 + 0.018 * 1.6)
    likely = cv2.resize(0.0018 + 0.018 * np.clip(density, 0, 1.6), (columns, rows)) / most
    most *= F((1280 / unit) ** 2)  # the same apparent density at every resolution
    dots = np.zeros((rows, columns), F)
    for top in range(0, rows, 64):
        part = likely[top : top + 64]
        here = random.random(part.shape, dtype=F) < most
        bright = np.minimum(random.pareto(2.2, part.shape) + 0.25, 4)
        bright *= smoothstep(-0.05, 0.05, part - random.random(part.shape, dtype=F))
        dots[top : top + 64] = np.where(here, bright, 0)
    return cv2.GaussianBlur(dots, (0, 0), 0.78 * max(unit / 1280, 0.75)) * 0.16

"""Big clouds drifting across a blue, dusky or moonlit sky."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...catalogue import Mood
from ...drawing.colour import Light, choose, linear, load_looks
from ...drawing.compositing import darken, grid, strips, vignette
from ...drawing.noise import Array, F, rng
from ...layers.night_land import Land, Landscape, Tone
from ...layers.sky import FixedStars, HighVeil, add_glow, away_from, clear_sky, orb
from ..base import Scene
from .bank import CloudBank, CloudColours
from .cumulus import heap


@dataclass(frozen=True, slots=True)
class SkyLook:
    """The colours (sRGB) of one time of day, and the direction of its light.

    ``toward`` points to the sun or moon with x to the right; a seed may mirror it. ``glow`` is the
    light on the horizon below it.
    """

    sky: str
    sun: Light
    fill: Light
    air: str
    glow: Light
    veil: Light
    land: tuple[str, str]
    toward: tuple[float, float, float]
    moon: bool = False  # whether the moon and stars are visible
    exposure: float = 1.0


@dataclass(frozen=True, slots=True)
class BankLook:
    """The layout of one bank of near clouds; see ``banks.toml``."""

    base: float
    speed: float
    haze: float
    heaps: tuple[tuple[float, float, float], ...]


LOOKS = load_looks(SkyLook, __package__)
BANKS = load_looks(BankLook, __package__, "banks")
_KINDS = "tower", "scattered", "wall"

_HORIZON = 0.925  # row of the horizon, as a fraction of the height
#: (base and roughness as fractions of the height, haze), back to front.
_HILLS = ((0.922, 0.010, 0.72), (0.937, 0.010, 0.50), (0.956, 0.011, 0.26), (0.982, 0.012, 0.07))
_VOLUME_ROWS = 480  # maximum resolution of a volume, in rows per frame


class CloudsScene(Scene):
    """Near and distant cumulus under a veil of high cloud, above a low strip of land."""

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        random = rng(seed, 10)
        self._look = look = choose(LOOKS, mood.time, "day", seed)
        self._side = 1.0 if random.random() < 0.5 else -1.0
        self._wind = (1.0 if random.random() < 0.5 else -1.0) * (1.8 if mood.wind else 1.0)
        self._unit = min(width, height) / 720
        self._span = max(width, 0.8 * height)  # horizontal scale of the clouds
        self.exposure = look.exposure
        self._sky = self._paint_sky(random)
        self._veil = HighVeil(
            width,
            _HORIZON * height,
            self._span,
            turn=random.uniform(0.25, 0.85) * np.pi * self._side,
            strength=random.uniform(0.25, 0.5),
            colour=linear(*look.veil),
            speed=5.0 * self._wind,
            seed=seed,
        )
        near = enumerate(BANKS[_KINDS[seed % 3]], start=2)
        self._banks = [self._far_bank(random)]
        self._banks += [self._near_bank(bank, part, random) for part, bank in near]
        self._land = self._paint_land(random)
        self._shade = vignette(width, height, 0.16)

    def frame(self, t: float) -> Array:
        out = self.buffer("out", (self.height, self.width, 3))
        veil = self._veil.at(t)
        for rows in strips(self.height, self.width):
            np.copyto(out[rows], self._sky[rows])
            self._veil.over(out, rows, veil)
        for bank in self._banks:
            bank.over(out, t)
        self._land.over(out)
        darken(out, self._shade)
        return out

    def _paint_sky(self, random: np.random.Generator) -> Array:
        w, h, look = self.width, self.height, self._look
        horizon = _HORIZON * h
        sky = clear_sky(look.sky, h, w, horizon)
        away = away_from(sky, (0.5 - self._side * 0.62) * w, horizon, 1.1 * h / w / 0.86)
        low = np.abs(grid(h, w)[1] / F(horizon) - 1)
        add_glow(sky, away, look.glow, ((0.33, 1.0),))
        add_glow(sky, low, look.glow, ((0.10, 0.5),))
        if look.moon:
            FixedStars((h, w), self._span, rng(self.seed, 40)).draw(sky, 0.6)
            x = (0.5 - self._side * random.uniform(0.24, 0.36)) * w
            y, radius = random.uniform(0.11, 0.17) * h, 0.026 * min(w, h)
            light = ("#eef2ff", 1.0)
            sky += orb(h, w, x, y, radius, self.seed)[..., None] * linear(*light) * 1.4
            add_glow(sky, away_from(sky, x, y), light, ((0.057, 0.10), (0.21, 0.05)))
        return np.ascontiguousarray(sky, F)

    def _bank(
        self, base: float, puffs: list[Array], speed: float, haze: float, zoom: float, part: int
    ) -> CloudBank:
        look, (x, y, z) = self._look, self._look.toward
        colours = CloudColours(linear(*look.sun), linear(*look.fill), linear(look.air), haze)
        return CloudBank(
            self.width,
            self.height,
            base * self.height,
            np.vstack(puffs),
            toward=(self._side * x, y, z),
            colours=colours,
            drift=self._wind * speed * self._unit,
            zoom=max(1.0, min(self.height, self.width) / zoom),
            seed=self.seed * 7 + part,
        )

    def _far_bank(self, random: np.random.Generator) -> CloudBank:
        """Create many small clouds above the horizon."""
        puffs, x = [], -0.2 * self.width
        while x < 1.25 * self.width:
            width = self._span * random.uniform(0.10, 0.24)
            puffs.append(heap(random, x + width / 2, width, width * random.uniform(0.35, 0.6)))
            x += width * random.uniform(0.75, 1.5)
        return self._bank(_HORIZON - 0.035, puffs, 5.0, 0.55, 600, 1)

    def _near_bank(self, look: BankLook, part: int, random: np.random.Generator) -> CloudBank:
        """Create one towering cloud, some scattered ones, or a wall of them to one side."""
        span, tall = self._span, min(self.height, 0.75 * self._span)
        shift, puffs = random.uniform(-0.15, 0.15), []
        for x, width, height in look.heaps:
            at = self.width / 2 - self._side * span * (x + shift + random.uniform(-0.05, 0.05))
            wider, higher = random.uniform(0.85, 1.15), random.uniform(0.85, 1.15)
            puffs.append(heap(random, at, width * span * wider, height * tall * higher))
        return self._bank(look.base, puffs, look.speed, look.haze, _VOLUME_ROWS, part)

    def _paint_land(self, random: np.random.Generator) -> Land:
        """Paint low hills at the lower edge, the distant ones in haze."""
        land = Landscape(self.width, self.height, self._span)
        light, dark = (linear(c, 0.62) for c in self._look.land)
        for k, (base, tall, haze) in enumerate(_HILLS):
            tone = (light + (dark - light) * F(k / 5)) * F(1 - haze)
            tone += linear(self._look.air, 0.8 * haze)
            low, high = ((1 - base) * self.height / self._span, tall)
            land.add_hills(low - high, 2 * high, 2.6, Tone(tone), random)
        return land.finished()

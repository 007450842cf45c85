"""City lights: a skyline across a river, perhaps with a bridge."""

from __future__ import annotations

import numpy as np

from ...catalogue import Mood
from ...drawing.colour import choose, linear
from ...drawing.compositing import glow, over, strips
from ...drawing.noise import Array, F, rng
from ...drawing.points import add_spots
from ...layers.sky import HighVeil, clear_sky
from ...layers.water import River
from ..base import Scene
from .bridge import Bridge
from .place import LOOKS, BankTraffic, CityLook, Place, beacons, promenade
from .skyline import Daylight, Skyline, build_skyline

_ACCENTS = ("#6ab4ff", "#ffc88a", "#ff8ab4", "#7ae8d8", "#b49cff", "#ffb45a")


class Riverside:
    """The image as a function of time, drawn into what ``draw`` is given."""

    def __init__(self, width: int, height: int, seed: int, mood: Mood, look: CityLook) -> None:
        self._place = place = Place.of(width, height)
        bank = place.bank
        self._sky = clear_sky(look.sky, bank, width, bank, look.level)
        random = rng(seed, 24)
        side = 1 if random.random() < 0.5 else -1
        accent = linear(_ACCENTS[int(random.integers(len(_ACCENTS)))], 1.0 if look.night else 0.15)
        self._bridge = Bridge(place, side, seed) if random.random() < 0.6 else None
        self._veil = HighVeil(
            width,
            bank,
            min(width, 1.5 * height),
            turn=0.25 * np.pi * side,
            strength=0.75,
            colour=linear(*look.cloud),
            speed=5.0 * side,
            seed=seed,
            combed=1.6,
        )
        daylight = Daylight(
            lit=look.lit,
            facade=self._sky[int(bank * 0.55), 0] * F(look.facade) + 0.006,
            air=self._sky[int(bank * 0.88), 0] * F(look.haze),
            street=linear("#ff9a48", look.street),
        )
        tallest = bank * (0.80 if width >= height else 0.60)
        skyline = build_skyline(width, bank, place.lens.focal, tallest, daylight, seed)
        self._compose(skyline, accent, look.night)
        self._flow(seed, 1.4 if mood.wind or mood.rain else 1.0)
        self._traffic = BankTraffic(place, seed)

    def _compose(self, skyline: Skyline, accent: Array, night: bool) -> None:
        """Join what stands still before the sky."""
        light, cover = skyline.light, skyline.cover
        self._beacons = skyline.beacons if night else skyline.beacons[:0]
        if night:
            add_spots(light, *promenade(self._place))
        self._pier: tuple[Array, Array] | None = None
        if self._bridge:
            cover = self._span(self._bridge, light, cover, accent, night)
        unit = self._place.unit
        light += glow(np.minimum(light, 4), ((unit / 110, 0.28), (unit / 18, 0.42)), 0.10)
        self._city, self._open = light, 1 - cover

    def _span(
        self, bridge: Bridge, light: Array, cover: Array, accent: Array, night: bool
    ) -> Array:
        """Put the bridge before the skyline; what of it stands in the water is drawn last."""
        bank = self._place.bank
        bridge_light, bridge_cover = bridge.paint(accent)
        over(light, bridge_light[:bank], 1 - bridge_cover[:bank])
        if night:
            add_spots(light, *bridge.lamps())
        wet = np.flatnonzero(bridge_cover[bank:].any(1))
        rows = slice(bank, bank + (int(wet[-1]) + 1 if wet.size else 0))
        if wet.size:
            self._pier = bridge_light[rows].copy(), 1 - bridge_cover[rows]
        return np.maximum(cover, bridge_cover[:bank])

    def _flow(self, seed: int, rough: float) -> None:
        place = self._place
        mirrored = self._sky * self._open[..., None] + self._city
        rows = place.lens.height - place.bank
        dark = linear("#081420", 0.12)
        self._river = River(mirrored, rows, place.unit, seed, rough, dark)

    def draw(self, t: float, out: Array) -> None:
        """Draw the image at ``t`` into ``out``, ``(height, width, 3)``."""
        bank, veil = self._place.bank, self._veil.at(t)
        for rows in strips(bank, self._place.lens.width):
            np.copyto(out[rows], self._sky[rows])
            self._veil.over(out, rows, veil)
            over(out[rows], self._city[rows], self._open[rows])
        self._river(t, out[bank:])
        if self._pier:
            over(out[bank : bank + len(self._pier[0])], *self._pier)
        add_spots(out, *self._traffic(t))
        if self._bridge:
            add_spots(out, *self._bridge.cars(t))
        if len(self._beacons):
            add_spots(out, *beacons(self._place, self._beacons, t))


class CityScene(Scene):
    """A city by night, dusk or day."""

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        look = choose(LOOKS, mood.time, "night", seed)
        self._view = Riverside(width, height, seed, mood, look)

    def frame(self, t: float) -> Array:
        out = self.buffer("out", (self.height, self.width, 3))
        self._view.draw(t, out)
        return out

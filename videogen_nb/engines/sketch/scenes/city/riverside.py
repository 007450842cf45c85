"""A city from across the river: skyline and mirror, a bridge with cars or a wheel, a ferry."""

from __future__ import annotations

import cv2
import numpy as np

from ...mood import Mood
from ...noise import Array, F, linear, rng
from ..spots import add_spots
from .bridge import Bridge
from .ferry import Ferry
from .river import River
from .riverview import RiverView
from .sky import CitySky, SkyLook
from .skyline import Daylight, Skyline, build_skyline
from .traffic import BankTraffic
from .wheel import Wheel

_ACCENTS = ("#6ab4ff", "#ffc88a", "#ff8ab4", "#7ae8d8", "#b49cff", "#ffb45a")
_STRIP = 40  # rows at a time: what is worked on stays in the processor's cache
_BEACON = linear("#ff2010")


class Riverside:
    """The picture as a function of time, drawn into what ``draw`` is given."""

    def __init__(self, width: int, height: int, seed: int, mood: Mood, look: SkyLook) -> None:
        self._seed, self._mood = seed, mood
        unit = min(height, 1.2 * width)
        bank = round(height * (0.635 if width >= height else 0.66))
        self._view = RiverView(width, height, unit, 1.1 * unit, bank)
        self._sky = CitySky(width, bank, look, seed)
        night = look.lit > 0.3
        random = rng(seed, 24)
        side = 1 if random.random() < 0.5 else -1
        accent = linear(_ACCENTS[int(random.integers(len(_ACCENTS)))]) * F(1.0 if night else 0.15)
        self._bridge = Bridge(self._view, side, seed) if random.random() < 0.6 else None
        self._wheel = None
        if self._bridge is None and night:
            self._wheel = Wheel(self._view, 0.5 + side * random.uniform(0.18, 0.32), seed)
        air = self._sky.base
        day = Daylight(
            lit=look.lit,
            facade=air[int(bank * 0.55), 0] * F(look.facade) + F(0.006),
            air=air[int(bank * 0.88), 0] * F(look.haze),
            street=linear("#ff9a48") * F(look.street),
        )
        tallest = bank * (0.80 if width >= height else 0.60)
        self._compose(
            build_skyline(width, bank, self._view.focal, tallest, day, seed), accent, night
        )
        self._traffic = BankTraffic(self._view, seed)
        self._ferry = Ferry(self._view, 230.0, seed)

    def _compose(self, skyline: Skyline, accent: Array, night: bool) -> None:
        """Join what stands still: ``_city`` over the sky, and the river's mirror of it."""
        view, bank = self._view, self._view.bank
        light, cover = skyline.light, skyline.cover
        self._beacons = skyline.beacons if night else []
        if night:
            add_spots(light, *self._promenade())
        self._pier: tuple[Array, Array] | None = None
        if self._bridge:
            light, cover = self._span(self._bridge, light, cover, accent, night)
        light += self._glow(light)
        self._city, self._open = light, 1 - cover
        mirrored = self._sky.base * self._open[..., None]
        mirrored += light
        if self._wheel:
            add_spots(mirrored, *self._wheel.lights(0.0))
        dark = linear("#081420") * F(0.12)
        rows = view.height - bank
        rough = 1.4 if self._mood.wind or self._mood.rain else 1.0
        self._river = River(mirrored, rows, view.unit, self._seed, rough, dark)

    def _span(
        self, bridge: Bridge, light: Array, cover: Array, accent: Array, night: bool
    ) -> tuple[Array, Array]:
        """Put the bridge before the skyline; what of it stands in the water is drawn last."""
        bank = self._view.bank
        bridge_light, bridge_cover = bridge.paint(accent)
        over = bridge_cover[:bank]
        light *= (1 - over)[..., None]
        light += bridge_light[:bank]
        if night:
            add_spots(light, *bridge.lamps())
        wet = bridge_cover[bank:].any(1)
        rows = slice(bank, bank + (int(np.flatnonzero(wet)[-1]) + 1 if wet.any() else 0))
        self._pier = cv2.merge([1 - bridge_cover[rows]] * 3), bridge_light[rows].copy()
        return light, np.maximum(cover, over)

    def _promenade(self) -> tuple[Array, Array, Array, Array]:
        """Lamps along the far bank."""
        scale = self._view.focal / self._view.away
        count = max(2, int(self._view.width / (16 * scale)))
        x = (np.arange(count) + 0.5) * self._view.width / count
        y = np.full(count, self._view.bank - 6.5 * scale)
        light = np.tile(linear("#ffc070") * F(2.2), (count, 1))
        return x, y, np.full(count, 0.8 * scale), light

    def _glow(self, light: Array) -> Array:
        """The haze that lights make around themselves."""
        h, w = light.shape[:2]
        small = cv2.resize(np.minimum(light, 4), (w // 4, h // 4), interpolation=cv2.INTER_AREA)
        small = np.maximum(small - 0.10, 0)
        k = self._view.unit / 4
        near, wide = (
            cv2.GaussianBlur(small, (0, 0), k / 110),
            cv2.GaussianBlur(small, (0, 0), k / 18),
        )
        return cv2.resize(cv2.addWeighted(near, 0.28, wide, 0.42, 0), (w, h))

    def draw(self, t: float, out: Array) -> None:
        """Draw the picture at ``t`` into ``out``, ``(height, width, 3)``."""
        bank = self._view.bank
        above, below = out[:bank], out[bank:]
        self._sky(t, above)
        for top in range(0, bank, _STRIP):
            rows = slice(top, min(top + _STRIP, bank))
            cv2.multiply(above[rows], cv2.merge([self._open[rows]] * 3), dst=above[rows])
            cv2.add(above[rows], self._city[rows], dst=above[rows])
        self._river(t, below)
        if self._pier:
            open_, light = self._pier
            wet = below[: len(light)]
            cv2.multiply(wet, open_, dst=wet)
            cv2.add(wet, light, dst=wet)
        self._add_lights(out, t)
        self._ferry(out, t)

    def _add_lights(self, out: Array, t: float) -> None:
        add_spots(out, *self._traffic.cars(t))
        if self._bridge:
            add_spots(out, *self._bridge.cars(t))
        if self._wheel:
            add_spots(out, *self._wheel.lights(t))
        if self._beacons:
            x, y = np.array(self._beacons).T
            pulse = np.maximum(np.sin(2.1 * t + x * 0.37), 0) ** 2
            sigma = np.full(x.size, 1.1 * self._view.unit / 720)
            add_spots(out, x, y, sigma, _BEACON * (2.5 * pulse[:, None]).astype(F))

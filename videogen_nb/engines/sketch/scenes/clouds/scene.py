"""Big clouds drifting over a blue, a dusky or a moonlit sky."""

from __future__ import annotations

from typing import ClassVar

import cv2
import numpy as np

from .....i18n import Text
from ...noise import Array, F, fbm_tile, gradient, linear, rng
from ..base import Mood, Scene
from ..enlarge import bands
from ..optics import stack3, vignette
from ..spots import add_spots
from ..veil import HighVeil
from .bank import CloudBank, CloudColours
from .cumulus import heap
from .looks import look_for

_HORIZON = 0.925  # of the height
#: (base and unevenness in parts of the height, how much air lies before it), from far to near
_HILLS = ((0.922, 0.013, 0.72), (0.937, 0.014, 0.50), (0.956, 0.016, 0.26), (0.982, 0.018, 0.07))
_VOLUME_ROWS = 480  # a volume's pixels are no finer than this many over the frame


class CloudsScene(Scene):
    """Cumulus near and far under a veil of high cloud, above a low strip of land."""

    name: ClassVar[str] = "clouds"
    title: ClassVar[Text] = Text("Clouds", "云海天空")
    example: ClassVar[Text] = Text("White clouds drifting across a blue sky", "蓝天白云缓缓飘过")

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        random = rng(seed, 10)
        self._look = look_for(mood.time, seed)
        self._side = 1.0 if random.random() < 0.5 else -1.0
        self._wind = (1.0 if random.random() < 0.5 else -1.0) * (1.8 if mood.wind else 1.0)
        self._unit = (min(width, height)) / 720
        self._span = max(width, 0.8 * height)  # the clouds' own scale across
        self.exposure = self._look.exposure
        self._sky = self._paint_sky(random)
        self._veil = self._high_veil(random)
        self._banks = [self._far_bank(random), *self._near_banks(random)]
        self._land, self._air_above = self._paint_land(random)
        self._shade = vignette(width, height, 0.16)

    def frame(self, t: float) -> Array:
        out = self.buffer("out", (self.height, self.width, 3))
        veil = self._veil.at(t)
        for rows in bands(0, self.height):
            np.copyto(out[rows], self._sky[rows])
            self._veil.over(out, rows, veil)
        for bank in self._banks:
            bank.over(out, t)
        low = out[self.height - len(self._land) :]
        cv2.multiply(low, self._air_above, dst=low)
        cv2.add(low, self._land, dst=low)
        for rows in bands(0, self.height):
            cv2.multiply(out[rows], stack3(self._shade[rows]), dst=out[rows])
        return out

    def _paint_sky(self, random: np.random.Generator) -> Array:
        w, h, look = self.width, self.height, self._look
        y = (np.arange(h, dtype=F) + F(0.5)) / F(_HORIZON * h)
        sky = np.repeat(gradient(look.sky, y)[:, None], w, 1)
        x = (np.arange(w, dtype=F) + F(0.5)) / F(w)
        sun_x = 0.5 - self._side * 0.62
        away = np.hypot((x[None] - F(sun_x)) * F(1.1), (y[:, None] - 1) * F(0.8))
        glow = np.exp(-away / F(0.28)) + F(0.5) * np.exp(-np.abs(y[:, None] - 1) / F(0.10))
        sky += (F(look.glow_power) * glow)[..., None] * linear(look.glow)
        if look.moon:
            self._stars(sky, random)
            self._moon(sky, random)
        return np.ascontiguousarray(sky, F)

    def _stars(self, sky: Array, random: np.random.Generator) -> None:
        n = 420
        x, y = random.uniform(0, self.width, n), random.uniform(0, 0.85, n)
        flux = np.minimum(0.10 * (1 - random.random(n)) ** (-1 / 1.5), 1.8) * (1 - y) ** 0.4
        tint = np.where(random.random(n)[:, None] < 0.6, linear("#c4d4ff"), linear("#fff0dc"))
        sigma = np.full(n, max(0.6, 0.75 * self._unit))
        add_spots(sky, x, y * self.height, sigma, tint * flux[:, None])

    def _moon(self, sky: Array, random: np.random.Generator) -> None:
        """The moon where its light comes from, high enough to stand free of the clouds."""
        radius = 0.026 * min(self.width, self.height)
        x = (0.5 - self._side * random.uniform(0.24, 0.36)) * self.width
        y = random.uniform(0.11, 0.17) * self.height
        dx = np.arange(self.width, dtype=F) + F(0.5 - x)
        dy = np.arange(self.height, dtype=F)[:, None] + F(0.5 - y)
        away = np.hypot(dx, dy) / F(radius)
        mare = fbm_tile(64, 2.6, rng(self.seed, 12), 1, 16)
        face = cv2.remap(
            mare,
            dx * F(9 / radius) + 32 + dy * 0,
            dy * F(9 / radius) + 32 + dx * 0,
            cv2.INTER_LINEAR,
        )
        disc = np.clip((1 - away) * F(radius) + F(0.5), 0, 1) * (F(1.15) - F(0.14) * face)
        glow = F(0.10) * np.exp(-away / F(2.2)) + F(0.05) * np.exp(-away / F(8))
        sky += (disc + glow)[..., None] * linear("#eef2ff")

    def _high_veil(self, random: np.random.Generator) -> HighVeil:
        look = self._look
        return HighVeil(
            self.width,
            _HORIZON * self.height,
            self._span,
            turn=random.uniform(0.25, 0.85) * np.pi * self._side,
            strength=random.uniform(0.25, 0.5),
            colour=linear(look.veil) * F(look.veil_power),
            speed=5.0 * self._wind,
            seed=self.seed,
        )

    def _bank(
        self, base: float, puffs: Array, speed: float, haze: float, zoom: float, part: int
    ) -> CloudBank:
        look, drift = self._look, self._wind * speed * self._unit
        x, y, z = look.toward
        colours = CloudColours(
            linear(look.sun) * F(look.sun_power),
            linear(look.fill) * F(look.fill_power),
            linear(look.air),
            haze,
        )
        room = round(abs(drift) * 17)
        toward = (self._side * x, y, z)
        seed = self.seed * 7 + part
        return CloudBank(
            self.width, self.height, base, puffs, toward, colours, drift, room, zoom, seed
        )

    def _far_bank(self, random: np.random.Generator) -> CloudBank:
        """Many small clouds that stand over the horizon."""
        span, puffs, x = self._span, [], -0.2 * self.width
        while x < 1.25 * self.width:
            wide = span * random.uniform(0.10, 0.24)
            puffs.append(heap(random, x + wide / 2, wide, wide * random.uniform(0.35, 0.6)))
            x += wide * random.uniform(0.75, 1.5)
        zoom = max(1.0, self.height / 600 if self.width > self.height else self.width / 600)
        base = (_HORIZON - 0.035) * self.height
        return self._bank(base, np.vstack(puffs), 5.0, 0.55, zoom, 1)

    def _near_banks(self, random: np.random.Generator) -> list[CloudBank]:
        """One towering cloud, clouds scattered over the sky, or a wall of them to one side."""
        kind = self.seed % 3
        if kind == 0:
            at = random.uniform(0.3, 0.7)
            heaps = [(at, 0.58, 0.74), (at - 0.60, 0.42, 0.26), (at + 0.64, 0.46, 0.30)]
            return [self._heaps(random, heaps, 0.835, 15.0, 0.30, 2)]
        if kind == 1:
            at = random.uniform(-0.1, 0.15)
            low = [
                (
                    at + 0.5 * k + random.uniform(-0.08, 0.08),
                    random.uniform(0.26, 0.36),
                    random.uniform(0.2, 0.3),
                )
                for k in range(-1, 3)
            ]
            at = random.uniform(0.1, 0.3)
            high = [
                (at + 0.72 * k, random.uniform(0.42, 0.54), random.uniform(0.30, 0.38))
                for k in range(-1, 2)
            ]
            return [
                self._heaps(random, low, 0.835, 11.0, 0.38, 2),
                self._heaps(random, high, 0.60, 20.0, 0.12, 3),
            ]
        heaps = [
            (
                0.5 - self._side * (0.40 - 0.25 * k + random.uniform(-0.05, 0.05)),
                random.uniform(0.34, 0.52),
                (0.62 - 0.13 * k) * random.uniform(0.8, 1.15),
            )
            for k in range(-1, 4)
        ]
        return [self._heaps(random, heaps, 0.835, 15.0, 0.30, 2)]

    def _heaps(
        self,
        random: np.random.Generator,
        heaps: list[tuple[float, float, float]],
        base: float,
        speed: float,
        haze: float,
        part: int,
    ) -> CloudBank:
        """Clouds given as (centre, width, height) in parts of the clouds' own scale."""
        across, span = self.width / self._span, self._span
        tall = min(self.height, 0.75 * span)
        puffs = [
            heap(random, (0.5 + (x - 0.5) / across) * self.width, wide * span, high * tall)
            for x, wide, high in heaps
        ]
        zoom = max(1.0, min(self.height, self.width) / _VOLUME_ROWS)
        return self._bank(base * self.height, np.vstack(puffs), speed, haze, zoom, part)

    def _paint_land(self, random: np.random.Generator) -> tuple[Array, Array]:
        """Low hills at the lower edge: their light, and what of the sky shows beside them."""
        w, top = self.width, int((_HORIZON - 0.04) * self.height)
        rows = np.arange(top, self.height, dtype=F)[:, None] + F(0.5)
        land, clear = np.zeros((len(rows), w, 3), F), np.ones((len(rows), w), F)
        x = np.arange(w, dtype=F) / F(self._span)
        texture = fbm_tile(256, 2.0, rng(self.seed, 13), 4, 100, 4.0)
        for k, (base, tall, haze) in enumerate(_HILLS):
            line = self._hill_line(k, x, random)
            ridge = (F(base) - F(tall) * line) * F(self.height)
            cover = np.clip(rows - ridge[None] + F(0.5), 0, 1)
            deep = np.clip((rows - ridge[None]) / F(0.05 * self.height), 0, 1)
            u = np.mod(x[None] * F(900 / (1 + k)) + rows * 0, 256)
            v = np.mod(rows * F(3.2 / self._unit / (1 + k)) + x[None] * 0 + 70 * k, 256)
            grain = cv2.remap(texture, u, v, cv2.INTER_LINEAR)
            body = self._land_colour(deep, grain, haze)
            land += (body - land) * cover[..., None]
            clear *= 1 - cover
        return land, stack3(clear)

    def _hill_line(self, k: int, x: Array, random: np.random.Generator) -> Array:
        tile = fbm_tile(256, 2.6, rng(self.seed, 14, k), 1, 60)
        place = random.uniform(0, 200)
        u = np.mod(x * F(70) + F(place), 255)[None]
        return cv2.remap(
            tile, np.ascontiguousarray(u), np.full_like(u, 40 + 50 * k), cv2.INTER_LINEAR
        )[0]

    def _land_colour(self, deep: Array, grain: Array, haze: float) -> Array:
        look = self._look
        light, dark = (linear(c) for c in look.land)
        mix = np.clip(F(0.55) + F(0.22) * grain - F(0.25) * deep, 0, 1)[..., None]
        colour = (dark + (light - dark) * mix) * F(0.62)
        return colour * F(1 - haze) + linear(look.air) * F(0.8 * haze)

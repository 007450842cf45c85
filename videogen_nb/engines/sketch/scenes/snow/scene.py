"""Snow falling on a winter land: a field of drifts, snowy spruces, perhaps a cabin with lights."""

from __future__ import annotations

import math
from typing import ClassVar

import cv2
import numpy as np

from .....i18n import Text
from ...noise import Array, F, gradient, linear, rng, smoothstep
from ..base import Mood, Scene
from ..conifers import Sprite, TreeLight, conifer
from ..noise_line import along, noise_line
from ..optics import vignette
from ..overlays import SnowFall
from ..vista import Lens
from .cabin import Cabin, CabinPainter
from .looks import winter_look
from .smoke import Smoke
from .snowfield import Snowfield
from .wood import Tree, plant

_STOCK = 10  # trees drawn once and set many times, resized
_STOCK_TALL = 240  # their height in pixels of a 720p frame; taller ones are drawn for themselves


class SnowScene(Scene):
    """Deep snow, spruces and falling flakes, by day, at dusk or at night."""

    name: ClassVar[str] = "snow"
    title: ClassVar[Text] = Text("Snowfall", "雪景")
    example: ClassVar[Text] = Text("Snow falling in a quiet forest", "安静的森林里下着雪")
    understands: ClassVar[frozenset[str]] = frozenset({"time", "snow", "wind"})

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        random = rng(seed, 70)
        self._look = winter_look(mood.time, seed)
        self.exposure = self._look.exposure
        self._side = 1.0 if random.random() < 0.5 else -1.0
        self._unit = min(width, height) / 720
        self._focal = 1.1 * max(width, 0.85 * height)
        self._horizon = (0.47 if width > height else 0.57) * height
        lens = Lens(width, height, self._focal, self._horizon, 2.3)
        self._field = Snowfield(lens, seed)
        self._cabin_at: tuple[float, float] | None = None
        if self._look.night or random.random() < 0.65:
            side = 1.0 if random.random() < 0.5 else -1.0
            half = 0.5 * width / self._focal
            z = random.uniform(25, 30) * (1.0 if width > height else 1.35)
            self._cabin_at = side * min(random.uniform(0.30, 0.55) * half * z, half * z - 4.5), z
        trees = plant(random, 0.5 * width / self._focal, self._cabin_at)
        self._picture = self._paint(trees, random)
        self._flakes = SnowFall(width, height, seed, 0.65 if mood.wind else 0.0)

    def frame(self, t: float) -> Array:
        out = self.buffer("out", (self.height, self.width, 3))
        np.copyto(out, self._picture)
        if self._smoke is not None:
            self._smoke.rise(out, t)
        self._flakes.draw(out, t)
        return out

    def _toward(self) -> tuple[float, float, float]:
        x, y, z = self._look.toward
        return self._side * x, y, z

    def _paint(self, trees: list[Tree], random: np.random.Generator) -> Array:
        look = self._look
        picture = self._sky(random)
        self._far_woods(picture)
        self._ground(picture, trees)
        cabin = self._build_cabin(random)
        self._smoke = None if cabin is None else self._light_stove(cabin)
        light = self._wood_light()
        tall = _STOCK_TALL * self._unit
        stock = [conifer(tall, light, rng(self.seed, 73, k)) for k in range(_STOCK)]
        air = linear(look.air) * F(look.air_power)
        drawn = cabin is None
        for k, (x, z, tall) in enumerate(trees):
            if cabin is not None and not drawn and z < cabin.distance:
                self._set_cabin(picture, cabin)
                drawn = True
            self._set_tree(picture, k, (x, z, tall), stock, light, air)
        if cabin is not None and not drawn:
            self._set_cabin(picture, cabin)
        picture *= vignette(self.width, self.height, 0.22)[..., None]
        return np.ascontiguousarray(picture, F)

    def _wood_light(self) -> TreeLight:
        look = self._look
        sun = linear(look.sun) * F(look.sun_power)
        fill = linear(look.fill) * F(look.fill_power)
        plain = fill * F(0.5) + F(0.5 * fill.mean())  # needles stay green in coloured light
        return TreeLight(
            needles=linear("#1f3a35") * plain,
            needles_lit=linear("#4f7c64") * (plain * F(0.8) + F(0.25 * sun.mean())),
            bark=linear("#6a5240") * (fill * F(0.8) + sun * F(0.35)),
            snow_shade=fill * F(0.62),
            snow_lit=fill * F(0.85) + sun * F(0.72),
            side=-self._side * float(np.sign(-look.toward[0])),
            snow=0.95,
        )

    def _sky(self, random: np.random.Generator) -> Array:
        w, h, look = self.width, self.height, self._look
        y = (np.arange(h, dtype=F) + F(0.5)) / F(self._horizon)
        sky = np.repeat(gradient(look.sky, y)[:, None], w, 1)
        x = np.arange(w, dtype=F) / F(w)
        sun_x = 0.5 + self._side * look.toward[0] * 0.5
        away = np.hypot((x[None] - F(sun_x)) * F(1.2), (y[:, None] - 1) * F(0.7))
        sky += (F(look.glow_power) * np.exp(-away / F(0.35)))[..., None] * linear(look.glow)
        return np.ascontiguousarray(sky, F)

    def _far_woods(self, picture: Array) -> None:
        """Two ridges of distant forest, toothed with tree tops, dissolving in the snowy air."""
        look, w, h = self._look, self.width, self.height
        air = linear(look.air) * F(look.air_power)
        wood = linear("#3a4a50") * (linear(look.fill) * F(look.fill_power))
        rows = np.arange(h, dtype=F)[:, None] + F(0.5)
        x = np.arange(w, dtype=F) / F(self._focal / 1.1)
        for k, (base, tall, haze) in enumerate(((0.070, 0.045, 0.80), (0.025, 0.028, 0.62))):
            hills = noise_line(512, 1.8, rng(self.seed, 74, k), 1, 40)
            teeth = noise_line(512, 0.3, rng(self.seed, 75, k), 60, 250)
            line = along(hills, x * 150) * (0.5 * tall)
            line = line + np.abs(along(teeth, x * 620)) * (0.0075 * (1 + k))
            ridge = F(self._horizon) - (F(base) + line) * F(h)
            cover = np.clip(rows - ridge[None], 0, 1)
            deep = np.clip((rows - ridge[None]) / F(0.10 * h), 0, 1) ** F(0.8)
            mixed = F(haze) + F(1 - haze) * F(0.75) * deep
            colour = wood * (1 - mixed[..., None]) + air * mixed[..., None]
            picture += (colour - picture) * cover[..., None]

    def _ground(self, picture: Array, trees: list[Tree]) -> None:
        look, field = self._look, self._field
        x, z = field.on_ground()
        shade = np.ones(x.shape, F)
        for tree_x, tree_z, tall in trees:
            self._shadow(shade, x, z, tree_x, tree_z, tall)
        colour, cover = field.paint(
            self._toward(),
            linear(look.sun) * F(look.sun_power),
            linear(look.fill) * F(look.fill_power),
            linear(look.air) * F(look.air_power),
            look.reach * 1.6,
            shade,
            self._lamplight(x, z),
        )
        part = picture[field.top :]
        part *= 1 - cover[..., None]
        part += colour

    def _shadow(
        self, shade: Array, x: Array, z: Array, tree_x: float, tree_z: float, tall: float
    ) -> None:
        """A long soft shadow away from the light, and the dark hollow round the foot."""
        tx, ty, tz = self._toward()
        flat = math.hypot(tx, tz)
        length = min(tall * flat / ty, 3.2 * tall)
        ax, az = -tx / flat, -tz / flat
        rows = np.flatnonzero(np.abs(z[:, 0] - tree_z) < length + 2)
        if not len(rows):
            return
        part = slice(rows[0], rows[-1] + 1)
        dx, dz = x[part] - F(tree_x), z[part] - F(tree_z)
        along, across = dx * F(ax) + dz * F(az), dx * F(az) - dz * F(ax)
        half = F(0.20 * tall) * np.clip(1 - along / F(length), 0, 1) + F(0.15)
        inside = np.exp(-np.square(across / half)) * smoothstep(-0.6, 0.4, along)
        inside *= smoothstep(length, 0.5 * length, along)
        foot = np.exp(-(dx * dx + dz * dz) / F((0.17 * tall) ** 2))
        shade[part] *= 1 - F(0.62) * inside
        shade[part] *= 1 - F(0.45) * foot

    def _lamplight(self, x: Array, z: Array) -> Array | None:
        """Warm light that the windows throw on the snow before the cabin."""
        if self._cabin_at is None:
            return None
        cx, cz = self._cabin_at
        front = np.square((x - F(cx)) / F(4.6)) + np.square((z - F(cz - 4.2)) / F(3.6))
        pool = np.exp(-front) * F(0.075 * self._look.lamp)
        return pool[..., None] * linear("#ffb45e")

    def _set_tree(
        self,
        picture: Array,
        k: int,
        tree: Tree,
        stock: list[Sprite],
        light: TreeLight,
        air: Array,
    ) -> None:
        x, z, tall = tree
        ground = self._field.height_at(x, z)
        column, row = self._field.project(x, ground - 0.25, z)
        pixels = tall * self._focal / z
        if not -0.3 * pixels < column < self.width + 0.3 * pixels:
            return
        haze = 1 - math.exp(-z / self._look.reach)
        random = rng(self.seed, 76, k)
        if pixels > 1.4 * _STOCK_TALL * self._unit:
            sprite = conifer(pixels, light, random)
        else:
            chosen = stock[int(random.integers(_STOCK))]
            factor = pixels / (_STOCK_TALL * self._unit)
            sprite = chosen.scaled(factor, float(random.uniform(0.85, 1.2)))
        before = self._snow_at(picture, column, row)
        sprite.stand(picture, column, row, air, haze)
        self._mound(picture, column, row, pixels, before)

    def _snow_at(self, picture: Array, x: float, y: float) -> Array:
        """The snow's colour near a place on the ground."""
        row = min(max(int(y), 0), self.height - 1)
        column = min(max(int(x), 0), self.width - 1)
        part = picture[max(row - 2, 0) : row + 3, max(column - 3, 0) : column + 4]
        return np.asarray(part.mean((0, 1)), F)

    def _mound(self, picture: Array, x: float, y: float, pixels: float, snow: Array) -> None:
        """Snow drawn up round the foot, so that the tree stands in it and not on it."""
        wide, high = 0.16 * pixels, 0.040 * pixels
        y0, y1 = max(int(y - 3 * high), 0), min(int(y + 3 * high) + 1, self.height)
        x0, x1 = max(int(x - 2.5 * wide), 0), min(int(x + 2.5 * wide) + 1, self.width)
        if y0 >= y1 or x0 >= x1:
            return
        across = (np.arange(x0, x1, dtype=F) + F(0.5 - x)) / F(wide)
        down = (np.arange(y0, y1, dtype=F)[:, None] + F(0.5 - y)) / F(high)
        crest = F(0.9) * np.exp(-across * across)
        cover = smoothstep(-0.5, 0.25, down + crest - F(0.4)) * np.exp(-(across**4))
        cover = (cover * smoothstep(2.8, 1.2, down))[..., None]
        part = picture[y0:y1, x0:x1]
        part += (snow - part) * cover

    def _build_cabin(self, random: np.random.Generator) -> Cabin | None:
        if self._cabin_at is None:
            return None
        x, z = self._cabin_at
        turn = float(random.uniform(0.35, 0.6)) * (1.0 if x > 0 else -1.0)
        ground = self._field.height_at(x, z) - 0.15
        place = x, ground, z
        return CabinPainter(self._field.project, place, -turn, self._wood_light(), random).paint()

    def _light_stove(self, cabin: Cabin) -> Smoke:
        look = self._look
        colour = linear(look.air) * F(0.55 * look.air_power) + linear(look.fill) * F(
            0.55 * look.fill_power
        )
        metre = self._focal / cabin.distance
        wind = self._side * (2.2 if self.mood.wind else 0.45)
        return Smoke(self.width, self.height, cabin.chimney, metre, wind, colour, self.seed)

    def _set_cabin(self, picture: Array, cabin: Cabin) -> None:
        haze = 0.35 * (1 - math.exp(-cabin.distance / self._look.reach))
        air = linear(self._look.air) * F(self._look.air_power)
        before = [self._snow_at(picture, x, y + 6 * self._unit) for x, y in cabin.foot]
        cabin.sprite.stand(picture, cabin.left, cabin.top, air, haze)
        metre = self._focal / cabin.distance
        for (x, y), snow in zip(cabin.foot, before, strict=True):
            self._mound(picture, x, y, 5.0 * metre, snow)
        h, w = cabin.shine.shape
        shine = np.zeros((self.height, self.width), F)
        x0, y0 = max(cabin.left, 0), max(cabin.top, 0)
        x1, y1 = min(cabin.left + w, self.width), min(cabin.top + h, self.height)
        shine[y0:y1, x0:x1] = cabin.shine[
            y0 - cabin.top : y1 - cabin.top, x0 - cabin.left : x1 - cabin.left
        ]
        warm = linear("#ffb75c") * F(self._look.lamp)
        picture += shine[..., None] * warm
        picture += self._halo(shine)[..., None] * warm

    def _halo(self, shine: Array) -> Array:
        """Light of the windows scattered in the snowy air; smooth, so worked out small."""
        small = cv2.resize(shine, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        halo = sum(
            cv2.GaussianBlur(small, (0, 0), size * self._unit / 4) * F(power)
            for size, power in ((6, 0.30), (18, 0.25), (60, 0.24))
        )
        return cv2.resize(halo, (self.width, self.height), interpolation=cv2.INTER_LINEAR)

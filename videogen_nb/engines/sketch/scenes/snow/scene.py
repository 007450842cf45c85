"""Snow falling on a winter landscape: drifts, snowy spruces, perhaps a cabin with lights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...catalogue import Daytime, Mood
from ...drawing.colour import Light, choose, linear, load_looks
from ...drawing.compositing import glow, vignette
from ...drawing.lens import Lens
from ...drawing.noise import Array, F, rng, smoothstep
from ...drawing.sprites import Sprite
from ...layers.conifers import TreeLight, conifer
from ...layers.falling import SnowFall
from ...layers.night_land import Growth, Landscape, Tone
from ...layers.sky import add_glow, away_from, clear_sky
from ..base import Scene
from .cabin import Cabin, CabinPainter
from .ground import Snowfield, Tree, plant


@dataclass(frozen=True, slots=True)
class WinterLook:
    """The colours (sRGB) of one time of day.

    ``toward`` points to the light with x to the right, y up, z away from the camera; a seed may
    mirror it. At ``reach`` metres, falling snow hides two thirds of the view; ``lamp`` is the
    brightness of a lit window.
    """

    sky: str
    glow: Light
    sun: Light
    fill: Light
    air: Light
    reach: float
    toward: tuple[float, float, float]
    lamp: float
    night: bool = False  # if so, there is always a lit cabin
    exposure: float = 1.0


LOOKS = load_looks(WinterLook, __package__)
#: Times of day that seeds cycle through if the prompt names none.
TURNS: tuple[Daytime, ...] = ("dusk", "night", "day")

_STOCK = 10  # trees generated once and drawn many times at different sizes
_STOCK_TALL = 240  # their height in pixels of a 720p frame; taller ones are drawn individually


class SnowScene(Scene):
    """Deep snow, spruces and falling flakes, by day, at dusk or at night."""

    def __init__(self, width: int, height: int, seed: int, mood: Mood) -> None:
        super().__init__(width, height, seed, mood)
        random = rng(seed, 70)
        self._look = choose(LOOKS, mood.time, TURNS[seed % 3], seed)
        self.exposure = self._look.exposure
        self._side = 1.0 if random.random() < 0.5 else -1.0
        self._unit = min(width, height) / 720
        horizon = (0.47 if width > height else 0.57) * height
        self._lens = Lens(width, height, 1.1 * max(width, 0.85 * height), horizon, 2.3)
        self._field = Snowfield(self._lens, seed)
        self._cabin_at: tuple[float, float] | None = None
        if self._look.night or random.random() < 0.65:
            side = 1.0 if random.random() < 0.5 else -1.0
            z = random.uniform(25, 30) * (1.0 if width > height else 1.35)
            half = self._lens.half * z
            self._cabin_at = side * min(random.uniform(0.30, 0.55) * half, half - 4.5), z
        trees = plant(random, self._lens.half, self._cabin_at)
        self._image = self._paint(trees, random)
        self._flakes = SnowFall(width, height, seed, 0.65 if mood.wind else 0.0)

    def frame(self, t: float) -> Array:
        out = self.buffer("out", (self.height, self.width, 3))
        np.copyto(out, self._image)
        self._flakes.draw(out, t)
        return out

    def _paint(self, trees: list[Tree], random: np.random.Generator) -> Array:
        """Paint the still image back to front."""
        look, lens, w, h = self._look, self._lens, self.width, self.height
        image = clear_sky(look.sky, h, w, lens.horizon)
        sun_x = (0.5 + self._side * look.toward[0] * 0.5) * w
        away = away_from(image, sun_x, lens.horizon, 0.85 * h / w)
        add_glow(image, away, look.glow, ((0.25, 1.0),))
        self._far_woods(image)
        self._ground(image, trees)
        light = self._wood_light()
        cabin = self._build_cabin(light, random)
        tall = _STOCK_TALL * self._unit
        stock = [conifer(tall, light, rng(self.seed, 73, k)) for k in range(_STOCK)]
        nearer = len(trees) if cabin is None else sum(z >= cabin.distance for _, z, _ in trees)
        for k, tree in enumerate(trees):
            if k == nearer and cabin:
                self._draw_cabin(image, cabin)
            self._draw_tree(image, k, tree, stock, light)
        if nearer == len(trees) and cabin:
            self._draw_cabin(image, cabin)
        image *= vignette(w, h, 0.22)[..., None]
        return np.ascontiguousarray(image, F)

    def _toward(self) -> tuple[float, float, float]:
        x, y, z = self._look.toward
        return self._side * x, y, z

    def _wood_light(self) -> TreeLight:
        sun, fill = linear(*self._look.sun), linear(*self._look.fill)
        plain = fill * 0.5 + F(0.5 * fill.mean())  # needles stay green in coloured light
        return TreeLight(
            needles=linear("#1f3a35") * plain,
            needles_lit=linear("#4f7c64") * (plain * 0.8 + F(0.25 * sun.mean())),
            bark=linear("#6a5240") * (fill * 0.8 + sun * 0.35),
            snow_shade=fill * 0.62,
            snow_lit=fill * 0.85 + sun * 0.72,
            side=-self._side * float(np.sign(-self._look.toward[0])),
            snow=0.95,
        )

    def _far_woods(self, image: Array) -> None:
        """Draw two ridges of distant forest that fade into the snowy air."""
        lens, air = self._lens, linear(*self._look.air)
        wood = linear("#3a4a50") * linear(*self._look.fill)
        rows = round(lens.horizon + 0.02 * self.height)
        land = Landscape(self.width, rows, self.height)
        for k, (base, tall, haze) in enumerate(((0.06, 0.05, 0.72), (0.02, 0.04, 0.5))):
            tone = Tone(wood + (air - wood) * F(haze))
            land.add_hills(base, tall, 1.8, tone, rng(self.seed, 74, k))
            count = round(240 * self.width / self.height)
            land.add_wood(Growth(count, 0.055 + 0.01 * k, 0.2, 0.2), tone, None, self.seed + k)
        land.finished().over(image)

    def _ground(self, image: Array, trees: list[Tree]) -> None:
        look, field = self._look, self._field
        x, z = field.on_ground()
        shade = np.ones(x.shape, F)
        for tree in trees:
            self._shadow(shade, x, z, *tree)
        light = (linear(*look.sun), linear(*look.fill), linear(*look.air))
        colour, cover = field.paint(
            self._toward(), light, look.reach * 1.6, shade, self._lamplight(x, z)
        )
        part = image[field.top :]
        part *= 1 - cover[..., None]
        part += colour

    def _shadow(
        self, shade: Array, x: Array, z: Array, tree_x: float, tree_z: float, tall: float
    ) -> None:
        """Add a long soft shadow away from the light, and a dark hollow around the foot."""
        tx, ty, tz = self._toward()
        flat = math.hypot(tx, tz)
        length = min(tall * flat / ty, 3.2 * tall)
        ax, az = -tx / flat, -tz / flat
        rows = np.flatnonzero(np.abs(z[:, 0] - tree_z) < length + 2)
        if not len(rows):
            return
        part = slice(rows[0], rows[-1] + 1)
        dx, dz = x[part] - F(tree_x), z[part] - F(tree_z)
        away, across = dx * F(ax) + dz * F(az), dx * F(az) - dz * F(ax)
        half = F(0.20 * tall) * np.clip(1 - away / F(length), 0, 1) + 0.15
        inside = np.exp(-np.square(across / half)) * smoothstep(-0.6, 0.4, away)
        inside *= smoothstep(length, 0.5 * length, away)
        foot = np.exp(-(dx * dx + dz * dz) / F((0.17 * tall) ** 2))
        shade[part] *= (1 - 0.62 * inside) * (1 - 0.45 * foot)

    def _lamplight(self, x: Array, z: Array) -> Array | None:
        """Return the warm light that the windows cast on the snow in front of the cabin."""
        if self._cabin_at is None:
            return None
        cx, cz = self._cabin_at
        front = np.square((x - F(cx)) / 4.6) + np.square((z - F(cz - 4.2)) / 3.6)
        return np.exp(-front)[..., None] * linear("#ffb45e", 0.075 * self._look.lamp)

    def _draw_tree(
        self, image: Array, k: int, tree: Tree, stock: list[Sprite], light: TreeLight
    ) -> None:
        x, z, tall = tree
        column, row, scale = self._lens.project(x, self._field.height_at(x, z) - 0.25, z)
        pixels = tall * scale
        if not -0.3 * pixels < column < self.width + 0.3 * pixels:
            return
        random, usual = rng(self.seed, 76, k), _STOCK_TALL * self._unit
        if pixels > 1.4 * usual:
            sprite = conifer(pixels, light, random)
        else:
            chosen = stock[int(random.integers(_STOCK))]
            sprite = chosen.scaled(pixels / usual, float(random.uniform(0.85, 1.2)))
        haze = 1 - math.exp(-z / self._look.reach)
        sprite.draw(image, column, row, linear(*self._look.air), haze)

    def _build_cabin(self, light: TreeLight, random: np.random.Generator) -> Cabin | None:
        if self._cabin_at is None:
            return None
        x, z = self._cabin_at
        turn = float(random.uniform(0.35, 0.6)) * (-1.0 if x > 0 else 1.0)
        place = x, self._field.height_at(x, z) - 0.15, z
        return CabinPainter(self._lens, place, turn, light, random).paint()

    def _draw_cabin(self, image: Array, cabin: Cabin) -> None:
        haze = 0.35 * (1 - math.exp(-cabin.distance / self._look.reach))
        left, top = cabin.corner
        cabin.sprite.draw(image, left, top, linear(*self._look.air), haze)
        lamps = np.zeros((self.height, self.width, 4), F)
        Sprite(np.repeat(cabin.shine[..., None], 4, 2)).draw(lamps, left, top)
        shine, unit = lamps[..., 0].copy(), self._unit
        shine += glow(shine, ((6 * unit, 0.30), (18 * unit, 0.25), (60 * unit, 0.24)))
        image += shine[..., None] * linear("#ffb75c", self._look.lamp)

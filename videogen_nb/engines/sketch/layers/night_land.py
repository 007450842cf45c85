"""The dark foreground of a night: mountains, hills and woods, painted once, back to front.

Everything painted has its own colour, plus a part that reflects the light of the sky, which may
change from frame to frame.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from ..drawing.compositing import stack3, strips
from ..drawing.lens import Lens
from ..drawing.noise import (
    Array,
    F,
    along,
    fbm_tile,
    lookup,
    noise_line,
    rng,
    smoothstep,
    wrap_edge,
)
from ..drawing.sprites import grove
from .conifers import TreeLight, conifer
from .terrain import Vista

_NEAR_KM, _FAR_KM, _STEPS = 3.2, 15.0, 480
_TILE, _TEXELS_PER_KM = 512, 26.0  # size and scale of the noise that mountains are made of
_STOCK = 6  # trees generated once and drawn many times at different sizes


@dataclass(frozen=True, slots=True)
class Tone:
    """A linear RGB colour, and how strongly it reflects the sky's light (0 to 1)."""

    own: Array
    answer: float = 0.0

    def mixed(self, other: Tone, part: Array) -> Array:
        """Blend two tones by ``part`` (any shape, 0 to 1); adds an axis of four channels."""
        a, b = self.channels(), other.channels()
        return np.asarray(a + (b - a) * part[..., None], F)

    def channels(self) -> Array:
        return np.append(self.own, self.answer).astype(F)


@dataclass(frozen=True, slots=True)
class Massif:
    """The composition of a mountain range: its height profile from left to right, 0 to 1."""

    tall_km: float
    outline: tuple[float, ...]
    snow_line_km: float


@dataclass(frozen=True, slots=True)
class Growth:
    """A row of trees; ``tall`` is their typical height in units.

    ``crowd`` 0 spreads the trees evenly, 1 gathers them in groves; ``edges`` makes those at the
    sides of the image taller, so that they frame it; ``clearing`` (centre and half width, as
    fractions of the image's width) is left open.
    """

    count: int
    tall: float
    crowd: float = 0.6
    edges: float = 1.0
    clearing: tuple[float, float] = (0.5, 0.0)


def wood(columns: int, unit: float, growth: Growth, seed: int) -> tuple[Array, Array]:
    """Return trees on the lowest row: their alpha, and that of their snow, ``(rows, columns)``."""
    random = rng(seed, 80)
    heights = np.clip(random.gamma(5.0, 1 / 5.0, growth.count), 0.3, 2.0) * growth.tall
    places = _places(columns, growth, random)
    heights = heights * (1 + growth.edges * np.abs(places / columns * 2 - 1) ** 2.2) * unit
    tall = float(heights.max())
    canvas = np.zeros((int(tall * 1.15) + 4, columns, 4), F)
    black, white = np.zeros(3, F), np.ones(3, F)  # snow is drawn white
    light = TreeLight(black, black, black, white * 0.5, white, 0.0, 0.9)
    stock = [conifer(tall, light, rng(seed, 84, k)) for k in range(_STOCK)]
    order = np.argsort(-heights)
    for k, tree in zip(order, grove(stock, tall, heights[order].tolist(), random), strict=True):
        tree.draw(canvas, float(places[k]), len(canvas) + 0.02 * heights[k])
    return canvas[..., 3], canvas[..., 0]


def _places(columns: int, growth: Growth, random: np.random.Generator) -> Array:
    """Return the columns of the trees in pixels: some alone, the rest gathered in groves."""
    count = growth.count
    groves = random.random(max(2, count // 9))
    alone = random.random(count) >= growth.crowd
    grown = groves[random.integers(0, len(groves), count)] + random.normal(0, 0.022, count)
    part = np.where(alone, random.random(count), grown) % 1.0
    middle, half = growth.clearing
    # spread the trees over the width that remains on both sides of the clearing
    place = part * (1 - 2 * half)
    place = np.where(place < middle - half, place, place + 2 * half)
    return np.asarray((place * 1.04 - 0.02) * columns)


def _crags(seed: int) -> Callable[[Array, Array], Array]:
    """Return a height function, 0 to 1 over x, z in km: sharp crests with smaller ones on them."""
    large, medium, small, rock = (
        _crests(seed, 61 + k, *kind)
        for k, kind in enumerate(
            ((3.6, 2, 9, 1.5), (3.2, 7, 30, 1.7), (2.8, 20, 200, 1.9), (3.4, 8, 110, 1.8))
        )
    )
    # smaller crests scale with the height: valleys are smooth, summits rugged
    field = wrap_edge(large * (0.60 + 0.27 * medium + 0.13 * small), 3)
    east, north = rng(seed, 60).uniform(0, _TILE, 2)

    def heights(x: Array, z: Array) -> Array:
        u, v = x * F(_TEXELS_PER_KM) + F(east), z * F(_TEXELS_PER_KM) + F(north)
        smooth = cv2.remap(field, np.mod(u, _TILE) + 1, np.mod(v, _TILE) + 1, cv2.INTER_CUBIC)
        return smooth * (1 + 0.04 * lookup(rock, u * 3, v * 3))

    return heights


def _crests(seed: int, part: int, beta: float, lowest: int, highest: int, width: float) -> Array:
    noise = fbm_tile(_TILE, beta, rng(seed, part), lowest, highest)
    return np.clip(1 - np.sqrt(noise * noise + 0.004) / F(width), 0, 1)


class Landscape:
    """A premultiplied canvas ``(rows, columns)`` that ends at the horizon."""

    def __init__(self, columns: int, rows: int, unit: float) -> None:
        self.columns, self.rows, self.unit = columns, rows, unit
        self._paint = np.zeros((rows, columns, 4), F)
        self._seen_past = np.ones((rows, columns), F)

    def blend(self, cover: Array, paint: Array) -> None:
        """Blend ``paint``, ``(4,)`` or ``(rows, columns, 4)``, into the lowest rows."""
        low = slice(self.rows - cover.shape[0], None)
        self._paint[low] *= (1 - cover)[..., None]
        self._paint[low] += cover[..., None] * paint
        self._seen_past[low] *= 1 - cover

    def add_mountains(
        self, massif: Massif, rock: Tone, snow: Tone, air: Tone, side: float, seed: int
    ) -> None:
        """Add a mountain range lit from ``side`` and faded into ``air`` by haze.

        Its own light is diffuse; the sky's light falls on the slopes that face it.
        """
        lens = Lens(self.columns, self.rows, self.unit, self.rows, 0.0)
        field = _crags(seed)
        places = np.linspace(-lens.half, lens.half, len(massif.outline))

        def heights(x: Array, z: Array, spacing: Array) -> Array:
            outline = np.interp(x[0] / z[0, 0], places, massif.outline)[None].astype(F)
            outline = cv2.GaussianBlur(outline, (0, 0), max(1.0, 0.09 * self.columns))
            rise = smoothstep(_NEAR_KM, _NEAR_KM + 4.5, z) * outline * F(massif.tall_km)
            return np.asarray(rise * field(x, z), F)

        vista = Vista(lens, _NEAR_KM, _FAR_KM, _STEPS, heights)
        light = np.clip(vista.facing((0.75 * side, 0.55, -0.38)) * 0.75 + 0.25, 0, 1)
        line = massif.snow_line_km
        white = smoothstep(line - 0.25, line + 0.25, vista.heights)
        white = white * smoothstep(0.40, 0.75, vista.level)
        far = np.broadcast_to(smoothstep(_NEAR_KM, _FAR_KM, vista.distance), light.shape)
        seen, cover = vista.image(np.ascontiguousarray(np.stack([light, white, far], 2), F))
        light, white, far = (seen / np.maximum(cover, 1e-3)[..., None]).transpose(2, 0, 1)
        face = rock.mixed(snow, white)
        face[..., :3] *= (0.12 + 0.88 * light**1.4)[..., None]
        face[..., 3] *= 0.05 + 0.95 * light**2
        haze = (0.12 + 0.38 * far)[..., None]
        self.blend(cover, face + (air.channels() - face) * haze)

    def add_hills(
        self, base: float, tall: float, rough: float, tone: Tone, random: np.random.Generator
    ) -> None:
        """Add a line of hills; heights are in units above the horizon."""
        line = noise_line(1024, rough, random, 1, 220)
        x = (np.arange(self.columns) + 0.5) / self.unit
        top = base + tall * (0.5 + 0.30 * along(line, x * 400 + random.uniform(0, 1024)))
        line = np.maximum(top, 0).astype(F) * F(self.unit)
        rows = int(np.ceil(line.max())) + 2
        up = rows - np.arange(rows, dtype=F) - 0.5
        self.blend(np.clip(line[None] - up[:, None] + 0.5, 0, 1), tone.channels())

    def add_wood(self, growth: Growth, needles: Tone, snow: Tone | None, seed: int) -> None:
        """Add trees standing at the horizon, with snow on their boughs if ``snow`` is given."""
        cover, white = (a[-self.rows :] for a in wood(self.columns, self.unit, growth, seed))
        self.blend(cover, needles.channels())
        if snow:
            self.blend(white, snow.channels())

    def add_mist(self, tall: float, thick: float, tone: Tone) -> None:
        """Add ground mist that thins out ``tall`` units above the horizon."""
        up = (self.rows - np.arange(self.rows, dtype=F) - 0.5) / F(self.unit)
        veil = np.exp(-((up / F(tall)) ** 2)) * F(thick)
        self.blend(np.repeat(veil[:, None], self.columns, 1), tone.channels())

    def finished(self) -> Land:
        """Return the canvas without the empty rows at the top."""
        any_land = (self._seen_past < 0.998).any(1)
        top = int(np.argmax(any_land)) if any_land.any() else self.rows - 1
        own, answer = self._paint[top:, :, :3], self._paint[top:, :, 3]
        return Land(
            top, np.ascontiguousarray(own), np.ascontiguousarray(answer), self._seen_past[top:]
        )


@dataclass(frozen=True, slots=True)
class Land:
    """A finished landscape, from row ``top`` of the image downwards."""

    top: int
    own: Array  # (rows, columns, 3), premultiplied
    answer: Array  # (rows, columns), reflectance of the sky's light
    seen_past: Array  # (rows, columns), 1 minus the alpha

    def over(self, image: Array, light: Array | None = None) -> None:
        """Composite the land over ``image`` in place; ``light``, ``(columns, 3)``, falls on it."""
        low = image[self.top : self.top + len(self.own)]
        for rows in strips(*self.answer.shape):
            part = low[rows]
            cv2.multiply(part, stack3(self.seen_past[rows]), dst=part)
            cv2.add(part, self.own[rows], dst=part)
            if light is not None:
                cv2.add(part, stack3(self.answer[rows]) * light, dst=part)

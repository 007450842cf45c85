"""The mountains of a scene as seen from a high valley: shaped, lit and veiled by distance."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...noise import Array, F, fbm_tile, linear, rng, smoothstep, wrap_edge
from ..conifers import Sprite, TreeLight, conifer
from ..vista import Lens, Vista
from .looks import MountainLook
from .relief import Relief

_NEAR, _FAR, _STEPS = 0.9, 34.0, 1250
#: Heights in km that ridges reach at distances in km: so that each row shows behind the last.
_RIDGES = ((0.9, 2, 5, 9, 14, 25, 34), (0.70, 0.95, 1.28, 1.80, 2.55, 3.5, 4.1))
_HERO_AWAY = 13.0
_TREES, _STOCK = 9000, 8
_WOOD_ENDS = 5.5  # km
_TREE = 0.033  # km
_MIST_LEVEL = 0.58  # km; what grows lower is hidden

_GROUNDS = ("#2c3d24", "#566036", "#6c655c", "#eef2f8")  # wood, meadow, rock, snow


@dataclass(frozen=True, slots=True)
class Shape:
    """What sort of mountains: see :data:`KINDS`."""

    wave: float  # km from one to the next
    sharpness: float
    tall: float
    hero: float  # how far one of them stands out
    snowline: float  # km


KINDS = (
    Shape(wave=9.5, sharpness=0.95, tall=1.0, hero=1.0, snowline=2.1),
    Shape(wave=5.2, sharpness=0.55, tall=0.86, hero=0.25, snowline=9.0),
    Shape(wave=7.0, sharpness=0.80, tall=1.05, hero=0.55, snowline=2.6),
)


class Massif:
    """The land of a seed through a lens. Everything that does not move is painted here.

    Attributes:
        top: first row that shows land.
        colour, cover: premultiplied, from row ``top`` on.
        mistiness: how much still mist lies before it, likewise.
    """

    def __init__(
        self, lens: Lens, shape: Shape, look: MountainLook, side: float, snow: bool, seed: int
    ) -> None:
        random = rng(seed, 30)
        self._lens, self._shape, self._look, self._snow = lens, shape, look, snow
        self._side, self._seed = side, seed
        half = lens.width / lens.focal / 2
        self._hero = random.uniform(-0.5, 0.5) * half * _HERO_AWAY
        self._valley = random.uniform(-0.35, 0.35) * half
        self._relief = Relief(seed, shape.wave, shape.sharpness)
        self._vista = Vista(lens, _NEAR, _FAR, _STEPS, self._heights)
        self.top = self._vista.top
        self.colour, self.cover, self.mistiness = self._paint()
        self._trees = self._wood()
        self._plant()

    def behind(self, distances: tuple[float, ...]) -> list[Array]:
        """How much of each pixel from ``top`` on lies farther than each distance (km); sky does."""
        away = self._vista.distance
        masks = []
        for first in range(0, len(distances), 4):
            group = distances[first : first + 4]
            steps = np.concatenate([smoothstep(0.80 * d, 1.22 * d, away) for d in group], 1)
            layers = np.broadcast_to(steps[:, None], (*self._vista.x.shape, len(group)))
            seen, cover = self._vista.picture(np.ascontiguousarray(layers, F))
            seen = seen.reshape(*cover.shape, len(group))
            masks += [seen[..., k] + (1 - cover) for k in range(len(group))]
        before = 1 - self._trees[..., 3]  # the trees stand before all of it
        return [mask * before for mask in masks]

    def _heights(self, x: Array, z: Array, spacing: Array) -> Array:
        shape = self._shape
        rough = self._relief.heights(x, z, spacing)
        reach = np.interp(z[:, 0], *_RIDGES).astype(F)[:, None] * F(shape.tall)
        off = smoothstep(0.03, 0.40, np.abs(x / z - F(self._valley)))
        near, far = smoothstep(16, 7, z), smoothstep(7, 16, z)
        hero = np.square(x - F(self._hero)) + F(0.6) * np.square(z - F(_HERO_AWAY))
        hero = np.exp(hero * F(-1 / 3.4**2)) * F(shape.hero)
        heights = reach * (rough - F(0.42)) * F(0.95)
        heights *= F(0.62) + F(0.55) * off * near + F(0.30) * far
        heights += hero * (F(0.25) + F(0.9) * rough) + F(0.1)
        return _along(np.asarray(heights, F), 1.0)

    def _paint(self) -> tuple[Array, Array, Array]:
        v, look = self._vista, self._look
        layers = np.empty((*v.x.shape, 4), F)
        facing, open_sky = self._light()
        high, snow = self._cover_of_ground()
        self._clear = self._clear_of_mist()
        # one colour at a time, since each of these arrays has millions of places
        for c, thin in enumerate((0.75, 1.0, 1.35)):  # distance turns blue
            wood, meadow, stone, white, air, sun, fill = (
                linear(h)[c] for h in (*_GROUNDS, look.air, look.sun, look.fill)
            )
            ground = wood + (meadow - wood) * high
            ground += (stone - ground) * self._rock
            ground += (white - ground) * snow
            ground *= facing * F(sun * look.sun_power) + open_sky * F(fill * look.fill_power)
            ground -= air
            ground *= np.exp(v.distance * F(-look.blue * thin))
            ground += air
            np.multiply(ground, self._clear, out=layers[..., c])
        np.subtract(1, self._clear, out=layers[..., 3])
        picture, cover = v.picture(layers)
        del layers, facing, open_sky, high, snow
        nearness, _ = v.picture(np.exp(v.distance * F(-1 / 5.5)) * self._clear)
        grain = self._grain(cover.shape) * nearness
        return picture[..., :3] * (1 + grain[..., None]), cover, picture[..., 3].copy()

    def _grain(self, shape: tuple[int, ...]) -> Array:
        """Unevenness finer than the land's own shape: stones, scree, single bushes."""
        tile = fbm_tile(512, 1.5, rng(self._seed, 34), 10, 230)
        step = F(720 / min(self._lens.width, self._lens.height))
        y, x = (np.arange(n, dtype=F) * step for n in shape)
        u, v = (np.broadcast_to(np.mod(a, 512), shape) for a in (x, y[:, None] * F(0.8)))
        return np.clip(cv2.remap(wrap_edge(tile), u, v, cv2.INTER_LINEAR) * F(0.13), -0.4, 0.5)

    def _wood(self) -> Array:
        """Conifers on the near slopes: premultiplied RGB and cover, from row ``top`` on."""
        v, lens, look, random = self._vista, self._lens, self._look, rng(self._seed, 32)
        light = self._tree_light()
        tall = 0.060 * lens.height
        stock = [conifer(tall, light, rng(self._seed, 33, k)) for k in range(_STOCK)]
        canvas = np.zeros((*self.cover.shape, 4), F)
        last = int(np.searchsorted(v.distance[:, 0], _WOOD_ENDS))
        steps = np.sort(last * random.random(_TREES) ** 0.8).astype(int)[::-1]
        columns = random.integers(0, lens.width, _TREES)
        picks = random.integers(0, _STOCK, _TREES)
        tone = linear(look.mist) * F(look.mist_power)
        sizes: dict[tuple[int, int], Sprite] = {}
        for step, column, pick in zip(steps, columns, picks, strict=True):
            row, free = v.seen(step, column)
            bare = self._rock[step, column] > 0.6 or v.heights[step, column] < _MIST_LEVEL
            if bare or not free or row > lens.height + tall:
                continue
            away = float(v.distance[step, 0])
            pixels = round(random.uniform(0.6, 1.25) * _TREE * lens.focal / away)
            if pixels < 3:
                continue
            if (pick, pixels) not in sizes:
                sizes[pick, pixels] = stock[pick].scaled(pixels / tall)
            haze = 2 - float(self._clear[step, column]) - np.exp(-look.blue * away)
            place = column + 0.5, row + 0.05 * pixels - self.top
            sizes[pick, pixels].stand(canvas, *place, tone, min(haze, 1.0))
        return canvas

    def _tree_light(self) -> TreeLight:
        look = self._look
        sun = linear(look.sun) * F(look.sun_power)
        fill = linear(look.fill) * F(look.fill_power)
        return TreeLight(
            needles=linear("#1d2a1c") * fill,
            needles_lit=linear("#3f5230") * (fill + sun * F(0.45)),
            bark=linear("#3a3028") * fill,
            snow_shade=fill * F(0.7),
            snow_lit=fill * F(0.8) + sun * F(0.4),
            side=-self._side,
            snow=0.9 if self._snow else 0.0,
        )

    def _plant(self) -> None:
        """Sets the wood before the painted land."""
        open_still = 1 - self._trees[..., 3]
        self.colour *= open_still[..., None]
        self.colour += self._trees[..., :3]
        self.mistiness *= open_still
        self.cover = 1 - (1 - self.cover) * open_still

    def _cover_of_ground(self) -> tuple[Array, Array]:
        """How far each place is mountain meadow and not wood, and how much snow lies there."""
        v, shape = self._vista, self._shape
        steep = 1 - 1 / np.sqrt(1 + v.slope_x**2 + v.slope_z**2)
        steep = cv2.GaussianBlur(steep, (0, 0), 2.0)
        high = smoothstep(1.3, 2.2, v.heights)
        self._rock = smoothstep(0.28, 0.52, steep + F(0.20) * high)
        above = v.heights - F(0.25) * np.sin(v.x * F(1.7)) - F(0.2) * steep
        snow = smoothstep(shape.snowline - 0.25, shape.snowline + 0.35, above)
        snow *= smoothstep(0.52, 0.34, steep)
        if self._snow:
            snow = np.maximum(snow, smoothstep(0.60, 0.28, steep) * F(0.92))
        return high, snow

    def _light(self) -> tuple[Array, Array]:
        """How squarely the sun falls on each place, and how open it is to the sky."""
        v, look = self._vista, self._look
        lx, ly, lz = np.array(look.toward) / np.linalg.norm(look.toward)
        lx *= self._side
        level = 1 / np.sqrt(1 + v.slope_x**2 + v.slope_z**2)
        facing = np.clip((F(ly) - F(lx) * v.slope_x - F(lz) * v.slope_z) * level, 0, 1)
        facing *= self._sunny(float(lx), float(ly))
        hollow = v.heights - cv2.GaussianBlur(v.heights, (0, 0), 14)
        return _along(facing, 1.5), np.clip(F(0.65) + hollow * F(1.6), 0.25, 1.2)

    def _sunny(self, lx: float, ly: float) -> Array:
        """1 in the sun, 0 in the shadow of what stands to the light's side at the same distance."""
        v = self._vista
        rise = ly / max(abs(lx), 0.2)
        column = v.distance * F(1 / self._lens.focal)  # km a column
        x = np.arange(v.x.shape[1], dtype=F)[None]
        rows = np.broadcast_to(np.arange(len(v.x), dtype=F)[:, None], v.x.shape)
        over = np.full(v.x.shape, -1, F)
        for way in (0.06, 0.15, 0.35, 0.7, 1.3, 2.2):
            there = x + F(np.sign(lx) * way) / column
            blocking = cv2.remap(
                v.heights, there, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
            np.maximum(
                over, (blocking - v.heights - F(way * rise)) / F(0.05 + 0.12 * way), out=over
            )
        return smoothstep(0.6, -0.3, over)

    def _clear_of_mist(self) -> Array:
        """What of each place is seen through still mist, thinning upwards exponentially."""
        v = self._vista
        start = F(np.exp(-(self._lens.eye - 0.35) / 0.20) * 0.62)
        k = (v.heights - F(self._lens.eye)) / F(0.20)
        k = np.where(np.abs(k) < 1e-3, F(1e-3), k)
        depth = start * v.distance * (1 - np.exp(-k)) / k
        return np.asarray(np.exp(-depth), F)


def _along(land: Array, steps: float) -> Array:
    """Softened by so many steps away from the eye: where a crest falls between two of them, the
    light of its two sides would else change from column to column, like beads on a string."""
    return cv2.GaussianBlur(land, (1, 9), 0, sigmaY=steps)

"""The mountains of a scene as seen from a high valley: shaped, lit and veiled by distance."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...catalogue import Mood
from ...drawing.colour import Light, linear, load_looks
from ...drawing.lens import Lens
from ...drawing.noise import Array, F, ScrollingTile, fbm_tile, lookup, rng, smoothstep
from ...layers.terrain import Relief, Vista


@dataclass(frozen=True, slots=True)
class MountainLook:
    """The colours (sRGB) of one time of day.

    ``toward`` points to the light with x to the right, y up, z away from the camera; a seed may
    mirror it. ``orb`` is the brightness of the sun's or moon's disc and its height between horizon
    (0) and top (1). ``blue`` is the haze per kilometre; ``shadows`` is the darkness of the clouds'
    shadows.
    """

    sky: str
    sun: Light
    fill: Light
    air: str
    blue: float
    mist: tuple[str, str, float]  # colour in the shade, colour in the light, intensity
    glow: Light
    veil: Light
    toward: tuple[float, float, float]
    orb: tuple[float, float] = (0.0, 0.3)
    shadows: float = 0.4
    stars: bool = False
    exposure: float = 1.0


LOOKS = load_looks(MountainLook, __package__)

_NEAR, _FAR, _STEPS = 0.9, 34.0, 1250
#: Distances and ridge heights there, in km, chosen so that each row rises behind the last.
_RIDGES = ((0.9, 2, 5, 9, 14, 25, 34), (0.70, 0.95, 1.28, 1.80, 2.55, 3.5, 4.1))
_HERO_AWAY = 13.0
#: (size in km, strength) of detail finer than the terrain mesh.
_DETAIL = ((0.55, 0.8), (0.19, 0.9), (0.062, 1.0), (0.021, 0.9), (0.007, 0.7))
_SHADOWS = 26.0  # texels per km of the clouds' shadows
_SMALL = 4  # the shadows are computed at a quarter of the size

#: Colours of forest and meadow.
_GROUNDS = {"spring": ("#4c7a30", "#9cb848"), "summer": ("#2c661e", "#74982c")}
_GROUNDS |= {"autumn": ("#a8741c", "#d0a838")}
_ROCK, _SNOW = "#6c655c", "#eef2f8"


@dataclass(frozen=True, slots=True)
class Shape:
    """The type of mountains; see :data:`KINDS`."""

    wave: float  # distance between mountains in km
    sharpness: float
    tall: float
    hero: float  # prominence of the dominant mountain
    snowline: float  # height in km


KINDS = (
    Shape(wave=9.5, sharpness=0.95, tall=1.0, hero=1.0, snowline=2.1),
    Shape(wave=5.2, sharpness=0.55, tall=0.86, hero=0.25, snowline=9.0),
    Shape(wave=7.0, sharpness=0.80, tall=1.05, hero=0.55, snowline=2.6),
)


class Massif:
    """The terrain of a seed seen through a lens. Everything static is painted here.

    Attributes:
        top: first row that shows land.
        colour, cover: premultiplied colour and alpha, from row ``top`` on.
        mistiness: opacity of the static mist in front of it, likewise.
        shadows: texture and depth of the clouds' shadows, at a quarter of the size.
    """

    def __init__(
        self, lens: Lens, shape: Shape, look: MountainLook, side: float, mood: Mood, seed: int
    ) -> None:
        random = rng(seed, 30)
        self._lens, self._shape, self._look, self._snow = lens, shape, look, mood.snow
        self._side, self._seed = side, seed
        self._grounds = _GROUNDS.get(mood.season or "", ("#2c3d24", "#566036"))
        seen = mood.season in _GROUNDS  # then the ground is the image's subject
        self._rocks, self._blue = (0.45, 0.5 * look.blue) if seen else (1.0, look.blue)
        self._hero = random.uniform(-0.5, 0.5) * lens.half * _HERO_AWAY
        self._valley = random.uniform(-0.35, 0.35) * lens.half
        self._relief = Relief(seed, shape.wave, shape.sharpness)
        self._vista = Vista(lens, _NEAR, _FAR, _STEPS, self._heights)
        self.top = self._vista.top
        self._paint()

    def behind(self, distances: tuple[float, ...]) -> list[Array]:
        """Return how much of each pixel from ``top`` on is beyond each distance in km."""
        away = self._vista.distance
        steps = np.concatenate([smoothstep(0.80 * d, 1.22 * d, away) for d in distances], 1)
        layers = np.broadcast_to(steps[:, None], (*self._vista.x.shape, len(distances)))
        seen, cover = self._vista.image(np.ascontiguousarray(layers, F))
        return [seen[..., k] + 1 - cover for k in range(len(distances))]

    def _heights(self, x: Array, z: Array, spacing: Array) -> Array:
        shape = self._shape
        rough = self._relief.heights(x, z, spacing)
        reach = np.interp(z[:, 0], *_RIDGES).astype(F)[:, None] * F(shape.tall)
        off = smoothstep(0.03, 0.40, np.abs(x / z - F(self._valley)))
        near, far = smoothstep(16, 7, z), smoothstep(7, 16, z)
        hero = np.square(x - F(self._hero)) + 0.6 * np.square(z - F(_HERO_AWAY))
        hero = np.exp(hero * F(-1 / 3.4**2)) * F(shape.hero)
        heights = reach * (rough - 0.42) * 0.95
        heights *= 0.62 + 0.55 * off * near + 0.30 * far
        heights += hero * (0.25 + 0.9 * rough) + 0.1
        return _along(np.asarray(heights, F), 1.0)

    def _paint(self) -> None:
        v, look = self._vista, self._look
        layers = np.empty((*v.x.shape, 4), F)
        facing, open_sky = self._light()
        high, snow = self._cover_of_ground()
        self._clear = self._clear_of_mist()
        # one channel at a time, since each of these arrays has millions of elements
        for c, thin in enumerate((0.75, 1.0, 1.35)):  # aerial perspective is blue
            seen = (*self._grounds, _ROCK, _SNOW, look.air)
            wood, meadow, stone, white, air = (linear(colour)[c] for colour in seen)
            sun, fill = linear(*look.sun)[c], linear(*look.fill)[c]
            ground = wood + (meadow - wood) * high
            ground += (stone - ground) * self._rock
            ground += (white - ground) * snow
            ground *= facing * sun + open_sky * fill
            ground -= air
            ground *= np.exp(v.distance * F(-self._blue * thin))
            ground += air
            np.multiply(ground, self._clear, out=layers[..., c])
        np.subtract(1, self._clear, out=layers[..., 3])
        image, self.cover = v.image(layers)
        self.colour = np.ascontiguousarray(image[..., :3])
        self.mistiness = image[..., 3].copy()
        del layers, image, facing, open_sky, high, snow
        self._detail()

    def _detail(self) -> None:
        """Add gullies, scree and stones as a texture in terrain space, not image space.

        Each octave is lit like the terrain and visible where it is neither finer than a pixel nor
        large enough to be part of the terrain itself.
        """
        v, lens = self._vista, self._lens
        place = np.empty((*v.x.shape, 4), F)
        place[..., 0], place[..., 1], place[..., 2] = v.x, v.heights, v.distance
        place[..., 3] = self._clear * np.exp(v.distance * F(-1 / 15))
        seen, cover = v.image(place)
        seen /= np.maximum(cover, 1e-3)[..., None]
        x, height, away, weight = (np.ascontiguousarray(seen[..., k]) for k in range(4))
        tile = fbm_tile(512, 2.0, rng(self._seed, 34), 6, 220)
        relief = tile - np.roll(tile, (2, int(2 * self._side)), (0, 1))
        relief /= relief.std()
        light = np.zeros_like(x)
        for size, strength in _DETAIL:
            pixels = F(size * lens.focal) / np.maximum(away, 0.1)
            shown = smoothstep(3, 9, pixels) * smoothstep(190, 60, pixels) * F(strength)
            texels = F(30 / size)  # texels per km: a typical bump spans 30 texels
            light += shown * lookup(relief, x * texels, (away * 0.6 - height) * texels)
        self.colour *= (1 + np.clip(light * 0.11, -0.4, 0.5) * weight)[..., None]
        small = (slice(None, None, _SMALL),) * 2
        tile = fbm_tile(256, 3.0, rng(self._seed, 35), 2, 16)
        lx, ly, lz = self._look.toward  # shadows fall along the light's direction
        lean = height[small] / F(max(ly, 0.3))
        x, z = x[small] - lean * F(lx * self._side), away[small] - lean * F(lz)
        deep = np.clip(cover, 0, 1) * np.exp(away * F(-1 / 5))
        self.shadows = ScrollingTile(tile, x * F(_SHADOWS), z * F(_SHADOWS)), deep[small].copy()

    def _cover_of_ground(self) -> tuple[Array, Array]:
        """Return the fractions of meadow (the rest is forest) and of snow at each sample."""
        v, shape = self._vista, self._shape
        steep = cv2.GaussianBlur(1 - v.level, (0, 0), 2.0)
        high = smoothstep(1.3, 2.2, v.heights)
        self._rock = smoothstep(0.28, 0.52, steep + 0.20 * high) * F(self._rocks)
        above = v.heights - 0.25 * np.sin(v.x * 1.7) - 0.2 * steep
        snow = smoothstep(shape.snowline - 0.25, shape.snowline + 0.35, above)
        snow *= smoothstep(0.52, 0.34, steep)
        if self._snow:
            snow = np.maximum(snow, smoothstep(0.60, 0.28, steep) * 0.92)
        return high, snow

    def _light(self) -> tuple[Array, Array]:
        """Return the direct sunlight on each sample, and how open it is to the sky."""
        v, (lx, ly, lz) = self._vista, self._look.toward
        lx *= self._side
        facing = np.maximum(v.facing((lx, ly, lz)), 0) * self._sunny(lx, ly)
        return _along(facing, 1.0), np.clip(0.65 + v.hollows(14) * 1.6, 0.25, 1.2)

    def _sunny(self, lx: float, ly: float) -> Array:
        """Return a mask: 1 in the sun, 0 in the shadow of terrain at the same distance."""
        v = self._vista
        rise = ly / max(abs(lx), 0.2)
        column = v.distance * F(1 / self._lens.focal)  # km per column
        x = np.arange(v.x.shape[1], dtype=F)[None]
        rows = np.broadcast_to(np.arange(len(v.x), dtype=F)[:, None], v.x.shape)
        over = np.full(v.x.shape, -1, F)
        for way in (0.06, 0.15, 0.35, 0.7, 1.3, 2.2):
            there = x + F(np.sign(lx) * way) / column
            blocking = cv2.remap(v.heights, there, rows, cv2.INTER_LINEAR, borderMode=1)
            blocking -= v.heights + F(way * rise)
            np.maximum(over, blocking / F(0.05 + 0.12 * way), out=over)
        return smoothstep(0.6, -0.3, over)

    def _clear_of_mist(self) -> Array:
        """Return the transmittance of static mist that thins exponentially with height."""
        v = self._vista
        start = F(np.exp(-(self._lens.camera_height - 0.35) / 0.20) * 0.62)
        k = (v.heights - F(self._lens.camera_height)) / 0.20
        k = np.where(np.abs(k) < 1e-3, 1e-3, k)
        depth = start * v.distance * (1 - np.exp(-k)) / k
        return np.asarray(np.exp(-depth), F)


def _along(land: Array, steps: float) -> Array:
    """Blur along the view by ``steps``: crests between two steps must not flicker by column."""
    return cv2.GaussianBlur(land, (1, 9), 0, sigmaY=steps)

"""The ground of a winter landscape: soft snow drifts in low light, and where trees stand."""

from __future__ import annotations

import math

import numpy as np

from ...drawing.lens import Lens
from ...drawing.noise import Array, F, fbm_tile, lookup, rng
from ...layers.terrain import Vista

_SIZE = 512
_NEAR, _FAR = 4.0, 400.0  # distances in metres
#: (size of a noise tile, amplitude), both in metres.
_WAVES = ((150.0, 0.75), (37.0, 0.20), (9.0, 0.034), (2.1, 0.0035))


class Snowfield:
    """The ground of a winter scene; lengths are in metres, x to the right and z away."""

    def __init__(self, lens: Lens, seed: int) -> None:
        self._tiles = [fbm_tile(_SIZE, 3.0, rng(seed, 71, k), 2, 7, 1.0 + k / 3) for k in range(4)]
        self._vista = Vista(lens, _NEAR, _FAR, 520, self._heights)
        self.top = self._vista.top

    def _heights(self, x: Array, z: Array, spacing: Array) -> Array:
        total = np.zeros_like(x)
        for tile, (period, tall) in zip(self._tiles, _WAVES, strict=True):
            scale = F(_SIZE / period)
            shown = np.clip(F(period / 8) / spacing - 0.5, 0, 1)
            total += lookup(tile, x * scale, z * scale) * (F(tall) * shown)
        # the land rises slightly to the sides and in the distance, to lift woods above the field
        total += 0.0010 * np.square(np.minimum(np.abs(x), 40)) + 2.0 * (z / F(_FAR)) ** 1.5
        return total

    def height_at(self, x: float, z: float) -> float:
        """Return the height of the snow's surface at one point, in metres."""
        place = np.full((1, 1), x, F), np.full((1, 1), z, F), np.full((1, 1), 0.01, F)
        return float(self._heights(*place)[0, 0])

    def paint(
        self,
        toward: tuple[float, float, float],
        colours: tuple[Array, Array, Array],
        reach: float,
        shade: Array,
        lamps: Array | None = None,
    ) -> tuple[Array, Array]:
        """Return the ground's premultiplied colours and alpha from row ``top`` on.

        ``colours`` are those of sunlight, skylight and haze. On the grid of :meth:`on_ground`,
        ``shade`` is the fraction of sunlight at each point, and ``lamps`` (RGB) any other light.
        """
        sun, fill, air = colours
        v = self._vista
        facing = v.facing(toward)
        # subsurface scattering: light wraps around
        direct = np.clip((facing + 0.25) / 1.25, 0, 1) ** 1.3
        direct *= shade
        open_sky = np.clip(0.86 + v.hollows(9) * 1.6, 0.5, 1.08) * (0.75 + 0.25 * v.level)
        clear = np.exp(-v.distance / F(reach))
        light = np.empty((*v.x.shape, 4), F)
        for c in range(3):
            lit = direct * sun[c] + open_sky * fill[c]
            if lamps is not None:
                lit += lamps[..., c]
            light[..., c] = lit * clear + air[c] * (1 - clear)
        light[..., 3] = 0
        colour, cover = v.image(light)
        return np.ascontiguousarray(colour[..., :3]), cover

    def on_ground(self) -> tuple[Array, Array]:
        """Return x and z of the grid on which the ground is lit, for shadows and pools of light."""
        return self._vista.x, self._vista.distance


#: x to the right, z away and height, in metres.
Tree = tuple[float, float, float]

_TRIES = 184
_FIRST, _LAST = 20.0, 165.0
_YARD = 6.5  # metres kept free around a cabin


def plant(
    random: np.random.Generator, half: float, cabin: tuple[float, float] | None
) -> list[Tree]:
    """Place trees, back to front; the centre and the yard of the cabin at (x, z) stay free.

    ``half`` is half the visible width at a distance of one metre, in metres.
    """
    trees: list[Tree] = []
    way = random.uniform(-0.25, 0.25)
    for z in np.geomspace(_LAST, _FIRST, _TRIES):
        x = random.uniform(-1.15, 1.15) * half * z
        off = abs(x / (half * z) - way * (1 - 20 / z))
        young = random.random() < 0.16
        free = 0.12 if young else 0.20 + 0.42 * math.exp(-z / 40)
        tall = random.uniform(1.3, 3.6) if young else random.uniform(5.5, 13.5)
        if z < 26:
            tall *= 0.82
        crowded = any(math.hypot(x - a, z - b) < 0.16 * (tall + c) for a, b, c in trees)
        if not crowded and not _in_the_way(x, z, cabin) and (off > free or z > 110):
            trees.append((x, float(z), tall))
    return trees


def _in_the_way(x: float, z: float, cabin: tuple[float, float] | None) -> bool:
    """Return whether a tree would be in the yard, or between the cabin and the camera."""
    if cabin is None:
        return False
    cx, cz = cabin
    hides = z < cz and abs(x - cx * z / cz) < 5.0 * z / cz
    return hides or math.hypot(x - cx, z - cz) < _YARD

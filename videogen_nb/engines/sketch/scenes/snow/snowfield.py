"""A field of deep snow: soft drifts in perspective, lit aslant, blue in the hollows."""

from __future__ import annotations

import numpy as np

from ...drawing.lens import Lens
from ...drawing.noise import Array, F, fbm_tile, lookup, rng
from ...layers.terrain import Vista

_SIZE = 512
_NEAR, _FAR = 4.0, 400.0  # metres
#: (metres of a tile, height of its waves in metres)
_WAVES = ((150.0, 0.75), (37.0, 0.20), (9.0, 0.034), (2.1, 0.0035))


class Snowfield:
    """The ground of a winter scene; lengths are metres, x to the right and z away."""

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
        # the land rises a little to both sides and far away, so that woods stand above the field
        total += 0.0010 * np.square(np.minimum(np.abs(x), 40)) + 2.0 * (z / F(_FAR)) ** 1.5
        return total

    def height_at(self, x: float, z: float) -> float:
        """Of the snow's surface at one place."""
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
        """Premultiplied colours and cover of the ground from row ``top`` on.

        ``colours`` are the sun's, the sky's, and that of the air before things far away. On the
        grid of :meth:`on_ground`, ``shade`` is how much of the sun each place gets and ``lamps``
        (with RGB) what other light.
        """
        sun, fill, air = colours
        v = self._vista
        facing = v.facing(toward)
        # snow glows from within: light wraps around
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
        """x and z of the grid on which the ground is lit, for shadows and pools of light."""
        return self._vista.x, self._vista.distance

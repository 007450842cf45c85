"""Hills that run out into the sea at one side of the picture."""

from __future__ import annotations

import numpy as np

from ...noise import Array, F, fbm_tile, linear, rng, smoothstep
from ..optics import stack3
from ..seaview import SeaView
from .looks import SeaLook

#: (reach in parts of the width, height in units, haze) from far to near.
_HILLS = (((0.34, 0.52), 0.050, 0.35), ((0.22, 0.36), 0.028, 0.05))


def headland(view: SeaView, look: SeaLook, seed: int, sky: Array) -> tuple[Array, Array]:
    """Premultiplied colour and how much is seen past it, for the lowest rows of the half-size sky.

    Both are ``(rows, columns, 3)``; one seed in four has no land.
    """
    random = rng(seed, 5)
    tall, columns = int(view.sky_shape[0] * 0.34), view.half_width
    x, y = _from_shore(view, tall, seed)
    cover, colour = np.zeros((tall, columns), F), np.zeros((tall, columns, 3), F)
    tone = linear(look.land[0]) * F(look.land[1])
    air = sky[-tall:].mean((0, 1))
    for reach, height, haze in _HILLS if seed % 4 != 1 else ():
        units = view.width / view.unit * float(random.uniform(*reach))
        outline = _outline(x, units, random) * F(height)
        a = np.clip((outline[None] - y[:, None]) * F(view.unit / 2) + F(0.5), 0, 1)
        colour = colour * (1 - a)[..., None] + a[..., None] * (tone * F(1 - haze) + air * F(haze))
        cover = cover * (1 - a) + a
    return np.ascontiguousarray(colour, F), stack3(1 - cover)


def _from_shore(view: SeaView, tall: int, seed: int) -> tuple[Array, Array]:
    """Units from the side where the land begins, and above the horizon."""
    x = (np.arange(view.half_width, dtype=F) * 2 + 1) / F(view.unit)
    if not seed % 2:
        x = F(view.width / view.unit) - x
    return x, (F(tall) - np.arange(tall, dtype=F) - F(0.5)) * 2 / F(view.unit)


def _outline(x: Array, reach: float, random: np.random.Generator) -> Array:
    """Heights over ``x`` (units): about 1 at the shore, 0 from ``reach`` on."""
    line = fbm_tile(256, 2.7, random, 2, 90)[0]
    bumps = np.interp(np.mod(x * 150 + random.uniform(0, 256), 256), np.arange(256), line)
    slope = np.clip(1 - x / F(reach), 0, 1)
    height = slope ** F(0.8) * np.clip(0.72 + 0.2 * bumps, 0.1, 1.3)
    return np.asarray(height * smoothstep(0, 0.12, slope), F)

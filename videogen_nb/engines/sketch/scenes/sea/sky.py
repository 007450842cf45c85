"""The sky over the sea, at half size: gradient, sun or moon, clouds, a headland."""

from __future__ import annotations

import numpy as np

from ...drawing.colour import gradient, linear
from ...drawing.compositing import Scratch, over, stack3
from ...drawing.noise import Array, F, along, noise_line, rng, smoothstep
from ...layers.sky import FixedStars, orb
from .clouds import sea_clouds
from .view import SeaLook, SeaView

#: Hills of the headland, back to front: (extent as a fraction of the width, height in units, haze).
_HILLS = (((0.34, 0.52), 0.050, 0.35), ((0.22, 0.36), 0.028, 0.05))


class SeaSky:
    """Everything above the horizon; the water reflects this image. Thread-safe."""

    def __init__(self, view: SeaView, look: SeaLook, seed: int) -> None:
        self._clear = _clear_sky(view, look)
        if look.stars:
            FixedStars(view.sky_shape, view.unit / 2, rng(seed, 40)).draw(self._clear, look.stars)
        self._sun, self._sun_box = _disc(view, look, seed)
        self._clouds = sea_clouds(view, look, seed)
        self._land, self._land_cover = _headland(view, look, seed, self._clear)

    def __call__(self, t: float, scratch: Scratch) -> Array:
        """Return ``(horizon / 2, width / 2, 3)`` linear light at ``t``, in scratch memory."""
        sky, clear = scratch("sky", self._clear.shape), scratch("clear", self._clear.shape[:2])
        np.copyto(sky, self._clear)
        clear.fill(1)
        for strip in self._clouds:
            strip.over(sky, t, clear)
        sky[self._sun_box] += self._sun * clear[self._sun_box][..., None]
        over(sky[len(sky) - len(self._land) :], self._land, self._land_cover)
        return sky


def _clear_sky(view: SeaView, look: SeaLook) -> Array:
    x, up = view.sky_grid()
    distance = view.sun_distance()
    sky = gradient(look.sky, up)
    sky *= (1 - 0.28 * (1 - np.exp(-((x / 0.75) ** 2))))[..., None]
    for colour, strength, reach in look.glow:
        sky += np.exp(-distance / F(reach))[..., None] * linear(colour, strength)
    band = np.exp(-up / 0.045) * np.exp(-((x / 0.52) ** 2))
    sky += band[..., None] * linear(*look.band)
    return np.ascontiguousarray(sky, F)


def _disc(view: SeaView, look: SeaLook, seed: int) -> tuple[Array, tuple[slice, slice]]:
    """Return the light of the sun or moon, and the box of the sky that it fills."""
    colour, strength, radius = look.sun
    y = (view.horizon - view.sun_up * view.unit) / 2
    moon = seed if look.hour == "night" else None
    disc = orb(*view.sky_shape, view.sun_x / 2, y, radius * view.unit / 2, moon)
    rows, columns = (np.flatnonzero((disc > 1e-3).any(axis)) for axis in (1, 0))
    if not len(rows):
        return np.zeros((0, 0, 3), F), (slice(0), slice(0))
    box = slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
    return disc[box][..., None] * linear(colour, strength), box


def _headland(view: SeaView, look: SeaLook, seed: int, sky: Array) -> tuple[Array, Array]:
    """Return hills that extend into the sea on one side, for the lowest rows of the half-size sky.

    Returns premultiplied colour and 1 minus alpha, ``(rows, columns, 3)``; one seed in four has no
    land.
    """
    random = rng(seed, 5)
    tall, columns = int(view.sky_shape[0] * 0.34), view.half_width
    span = view.width / view.unit
    x = (np.arange(columns, dtype=F) * 2 + 1) / F(view.unit)  # distance from the land's side
    x = x if seed % 2 else F(span) - x
    up = (F(tall) - np.arange(tall, dtype=F) - 0.5)[:, None] * 2 / F(view.unit)
    cover, colour = np.zeros((tall, columns), F), np.zeros((tall, columns, 3), F)
    air = sky[-tall:].mean((0, 1))
    for reach, height, haze in _HILLS if seed % 4 != 1 else ():
        slope = np.clip(1 - x / F(span * random.uniform(*reach)), 0, 1)
        bumps = along(noise_line(256, 2.7, random, 2, 90), x * 150)
        outline = slope**0.8 * np.clip(0.72 + 0.2 * bumps, 0.1, 1.3) * height
        outline = (outline * smoothstep(0, 0.12, slope)).astype(F)
        a = np.clip((outline[None] - up) * F(view.unit / 2) + 0.5, 0, 1)
        tone = linear(*look.land) * F(1 - haze) + air * F(haze)
        colour += (tone - colour) * a[..., None]
        cover += (1 - cover) * a
    return colour, stack3(1 - cover)

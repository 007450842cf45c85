"""The sky over the sea, at half size: gradient, sun or moon, clouds, a headland, a sail."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ...drawing.colour import gradient, linear
from ...drawing.compositing import Scratch, over, stack3
from ...drawing.noise import Array, F, along, noise_line, rng, smoothstep
from ...drawing.sprites import Sheet
from ...layers.sky import orb
from ...layers.stars import FixedStars
from .clouds import sea_clouds
from .looks import SeaLook
from .view import SeaView

#: Hills of the headland: (reach in parts of the width, height in units, haze) from far to near.
_HILLS = (((0.34, 0.52), 0.050, 0.35), ((0.22, 0.36), 0.028, 0.05))
_BOAT = 128  # side of the boat's drawing; it stands on the lower edge


class SeaSky:
    """Everything above the horizon; the water mirrors this image. Safe from several threads."""

    def __init__(self, view: SeaView, look: SeaLook, seed: int) -> None:
        self._clear = _clear_sky(view, look)
        if look.stars:
            FixedStars(view.sky_shape, view.unit / 2, rng(seed, 40)).draw(self._clear, look.stars)
        self._sun, self._sun_box = _disc(view, look, seed)
        self._layers = sea_clouds(view, look, seed)
        self._land, self._land_cover = _headland(view, look, seed, self._clear)
        random = rng(seed, 3)
        sails = seed % 3 == 0 or random.integers(3) == 0
        self._boat = Sailboat(view, look, random) if sails else None

    def __call__(self, t: float, scratch: Scratch) -> Array:
        """``(horizon / 2, width / 2, 3)`` linear light, in scratch memory."""
        sky, clear = scratch("sky", self._clear.shape), scratch("clear", self._clear.shape[:2])
        np.copyto(sky, self._clear)
        clear.fill(1)
        for layer in self._layers:
            layer.over(sky, t, clear)
        sky[self._sun_box] += self._sun * clear[self._sun_box][..., None]
        over(sky[len(sky) - len(self._land) :], self._land, self._land_cover)
        if self._boat:
            self._boat.over(sky, t)
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
    """The light of sun or moon, and the box of the sky that it fills."""
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
    """Hills that run out into the sea at one side: for the lowest rows of the half-size sky.

    Premultiplied colour and how much is seen past it, ``(rows, columns, 3)``; one seed in four has
    no land.
    """
    random = rng(seed, 5)
    tall, columns = int(view.sky_shape[0] * 0.34), view.half_width
    wide = view.width / view.unit
    x = (np.arange(columns, dtype=F) * 2 + 1) / F(view.unit)  # from where the land begins
    x = x if seed % 2 else F(wide) - x
    up = (F(tall) - np.arange(tall, dtype=F) - 0.5)[:, None] * 2 / F(view.unit)
    cover, colour = np.zeros((tall, columns), F), np.zeros((tall, columns, 3), F)
    air = sky[-tall:].mean((0, 1))
    for reach, height, haze in _HILLS if seed % 4 != 1 else ():
        slope = np.clip(1 - x / F(wide * random.uniform(*reach)), 0, 1)
        bumps = along(noise_line(256, 2.7, random, 2, 90), x * 150)
        outline = slope**0.8 * np.clip(0.72 + 0.2 * bumps, 0.1, 1.3) * height
        outline = (outline * smoothstep(0, 0.12, slope)).astype(F)
        a = np.clip((outline[None] - up) * F(view.unit / 2) + 0.5, 0, 1)
        tone = linear(*look.land) * F(1 - haze) + air * F(haze)
        colour += (tone - colour) * a[..., None]
        cover += (1 - cover) * a
    return colour, stack3(1 - cover)


class Sailboat:
    """A sailing boat far out, its hull at the horizon, which rocks and makes a little way."""

    def __init__(self, view: SeaView, look: SeaLook, random: np.random.Generator) -> None:
        hull, dark = look.land
        sheet = Sheet(_BOAT, _BOAT, 1, 2.0)
        for corners, colour in (
            (((61, 4), (64, 4), (64, 106), (61, 106)), linear(hull, 0.5 * dark)),
            (((62, 8), (66, 8), (104, 98), (64, 98)), linear(*look.sail)),
            (((59, 20), (58, 98), (27, 98)), linear(look.sail[0], 0.85 * look.sail[1])),
            (((16, 104), (110, 104), (97, 121), (32, 121)), linear(hull, 0.4 * dark)),
        ):
            sheet.fill(corners, colour)
        self._drawn = cv2.GaussianBlur(sheet.rgba(), (0, 0), 1.6)  # for the reduction to come
        self._size = float(random.uniform(0.034, 0.05)) * view.unit / 2
        side = -1 if view.sun_x > view.width / 2 else 1
        self._x = (0.5 + side * random.uniform(0.12, 0.3)) * view.half_width
        self._way = -side * view.unit / 2 * 0.0024
        self._phase = float(random.uniform(0, 2 * math.pi))

    def over(self, sky: Array, t: float) -> None:
        """Draw the boat of instant ``t`` over ``sky`` in place."""
        rows, columns = sky.shape[:2]
        tall, wide = min(rows, math.ceil(self._size * 1.3)), math.ceil(self._size * 1.6)
        x = self._x + self._way * t
        left = max(0, min(columns - wide, int(x) - wide // 2))
        rock = 0.022 * math.sin(1.1 * t + self._phase) + 0.012 * math.sin(1.9 * t)
        bob = 0.010 * self._size * math.sin(1.3 * t + 2 + self._phase)
        scale = self._size / _BOAT
        c, s = math.cos(rock) * scale, math.sin(rock) * scale
        face = 1 if self._way < 0 else -1
        turn = np.array([[face * c, -s], [face * s, c]])
        # the keel, at (64, 121) of the drawing, stands at (x - left, tall)
        keel = np.array([x - left, tall + 0.6 + bob]) - turn @ np.array([64, 121])
        to_frame = np.hstack([turn, keel[:, None]])
        drawn = cv2.warpAffine(self._drawn, to_frame, (wide, tall), flags=cv2.INTER_AREA)
        part = sky[rows - tall :, left : left + wide]
        over(part, *_light_and_clear(drawn[:, : part.shape[1]]))


def _light_and_clear(rgba: Array) -> tuple[Array, Array]:
    return cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB), 1 - rgba[..., 3]

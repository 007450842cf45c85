"""The sky over the sea, at half size: gradient, sun or moon, clouds, a headland, a sail."""

from __future__ import annotations

import cv2
import numpy as np

from ...noise import Array, F, fbm_tile, gradient, linear, rng, smoothstep
from ..optics import Scratch
from ..seaview import SeaView
from ..starfield import FixedStars
from .clouds import sea_clouds
from .headland import headland
from .looks import SeaLook
from .sailboat import Sailboat


class SeaSky:
    """Everything above the horizon; the water mirrors this picture. Safe from several threads."""

    def __init__(self, view: SeaView, look: SeaLook, seed: int) -> None:
        self._view, self._look = view, look
        self._clear = _clear_sky(view, look)
        if look.stars:
            FixedStars(view.sky_shape, view.unit / 2, rng(seed, 40)).draw(self._clear, look.stars)
        self._sun, self._sun_box = self._disc(seed)
        self._layers = sea_clouds(view, look, seed)
        self._land, self._land_cover = headland(view, look, seed, self._clear)
        random = rng(seed, 3)
        sails = seed % 3 == 0 or random.integers(3) == 0
        self._sail = Sailboat(view, look, random) if sails else None

    def __call__(self, t: float, scratch: Scratch) -> Array:
        """``(horizon / 2, width / 2, 3)`` linear light, in scratch memory."""
        sky, clear = scratch("sky", self._clear.shape), scratch("clear", self._clear.shape[:2])
        np.copyto(sky, self._clear)
        clear.fill(1)
        for layer in self._layers:
            layer.over(sky, t, clear)
        r0, r1, c0, c1 = self._sun_box
        sky[r0:r1, c0:c1] += self._sun * clear[r0:r1, c0:c1, None]
        low = sky[sky.shape[0] - self._land.shape[0] :]
        cv2.multiply(low, self._land_cover, dst=low)
        cv2.add(low, self._land, dst=low)
        if self._sail:
            self._sail.over(sky, t)
        return sky

    def _disc(self, seed: int) -> tuple[Array, tuple[int, int, int, int]]:
        view = self._view
        colour, strength, radius = self._look.sun
        x, up = view.sky_grid()
        away = np.hypot(x, up - F(view.sun_up))
        disc = smoothstep(radius * 1.03, radius * 0.97, away).astype(F)
        if self._look.hour == "night":
            disc *= _maria(x, up - F(view.sun_up), radius, seed)
        rows, columns = np.nonzero(disc > 1e-3)
        if not len(rows):
            return np.zeros((0, 0, 3), F), (0, 0, 0, 0)
        box = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
        r0, r1, c0, c1 = map(int, box)
        lit = disc[r0:r1, c0:c1, None] * (linear(colour) * F(strength))
        return lit, (r0, r1, c0, c1)


def _clear_sky(view: SeaView, look: SeaLook) -> Array:
    x, up = view.sky_grid()
    distance = view.sun_distance()
    sky = gradient(look.sky, up)
    sky *= (1 - 0.28 * (1 - np.exp(-((x / 0.75) ** 2))))[..., None]
    for colour, strength, reach in look.glow:
        sky += np.exp(-distance / F(reach))[..., None] * (linear(colour) * F(strength))
    colour, strength = look.band
    band = np.exp(-up / F(0.045)) * np.exp(-((x / F(0.52)) ** 2))
    sky += band[..., None] * (linear(colour) * F(strength))
    return np.ascontiguousarray(sky, F)


def _maria(x: Array, up: Array, radius: float, seed: int) -> Array:
    """The moon's dark plains, and its edge a little darker."""
    tile = fbm_tile(128, 3.2, rng(seed, 41), 1, 20)
    spots = cv2.remap(
        tile, x / F(radius) * 26 + 64, up / F(radius) * 26 + 64, cv2.INTER_LINEAR, borderMode=1
    )
    rim = np.clip(1 - (x * x + up * up) / F(radius * radius), 0, 1) ** F(0.3)
    return (1 - 0.42 * smoothstep(-0.3, 1.2, spots)) * (0.55 + 0.45 * rim)

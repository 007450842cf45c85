"""The sky over the sea, at half size: gradient, sun or moon, clouds, a headland, a sail."""

from __future__ import annotations

import cv2
import numpy as np

from ..noise import Array, F, fbm_tile, gradient, linear, rng, smoothstep
from .cloud_layer import BANK, MACKEREL, SCATTERED, STREAKS, CloudKind, CloudLayer, CloudPlace
from .optics import Scratch, stack3
from .sailboat import Sailboat
from .sealooks import DAY, NIGHT, SeaLook
from .seaview import SeaView
from .starfield import FixedStars

_SHINE_THROUGH = 0.85  # of the cover before the sun: it burns through thin cloud


class SeaSky:
    """Everything above the horizon; the water mirrors this picture. Safe from several threads."""

    def __init__(self, view: SeaView, look: SeaLook, seed: int) -> None:
        self._view, self._look = view, look
        x, up = view.sky_grid()
        distance = np.sqrt(x * x + 1.25 * (up - view.sun_up) ** 2)
        self._clear = _clear_sky(look, x, up, distance)
        if look.stars:
            FixedStars(view.sky_shape, view.unit / 2, rng(seed, 40)).draw(self._clear, look.stars)
        self._sun, self._sun_box = self._disc(seed)
        self._layers = _cloud_layers(view, look, seed, x, up, distance)
        self._land, self._land_cover = _headland(view, look, seed, self._clear)
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
        if self._look is NIGHT:
            disc *= _maria(x, up - F(view.sun_up), radius, seed)
        rows, columns = np.nonzero(disc > 1e-3)
        if not len(rows):
            return np.zeros((0, 0, 3), F), (0, 0, 0, 0)
        box = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
        r0, r1, c0, c1 = map(int, box)
        lit = disc[r0:r1, c0:c1, None] * (linear(colour) * F(strength))
        return lit, (r0, r1, c0, c1)


def _clear_sky(look: SeaLook, x: Array, up: Array, distance: Array) -> Array:
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


def _kind_for(look: SeaLook, seed: int) -> CloudKind:
    if look is DAY:
        return (STREAKS, SCATTERED)[seed % 2]
    return (SCATTERED, STREAKS, MACKEREL)[(seed // 2 + seed) % 3]


def _cloud_layers(
    view: SeaView, look: SeaLook, seed: int, x: Array, up: Array, distance: Array
) -> list[CloudLayer]:
    shine = 1 + F(look.cloud_glow) * np.exp(-distance / F(0.12))
    lit = gradient(look.cloud_lit, distance) * shine[..., None]
    dark = gradient(look.cloud_dark, distance)
    open_sun = 1 - F(_SHINE_THROUGH) * np.exp(-((distance / F(look.sun[2] * 2.2)) ** 2))
    high = CloudPlace(
        *_perspective(x, up),
        toward=_toward_light(view, x, up, 6.0, look),
        bias=np.zeros_like(x),
        fade=smoothstep(0.0, 0.05, up) * smoothstep(0.62, 0.16, up) * open_sun,
        lit=lit,
        dark=dark,
    )
    layers = [CloudLayer(_kind_for(look, seed), high, seed, 11)]
    if look is DAY or seed % 2:
        layers.append(CloudLayer(BANK, _bank(view, look, seed, x, up, lit, dark, open_sun), seed, 12))
    return layers


def _perspective(x: Array, up: Array) -> tuple[Array, Array]:
    """A flat ceiling of clouds, seen from below."""
    depth = np.maximum(up, 0) + F(0.045)
    return x / depth * F(70), F(41) / depth


def _toward_light(
    view: SeaView, x: Array, up: Array, texels: float, look: SeaLook
) -> tuple[Array, Array]:
    lx, ly = -x, F(view.sun_up) - up
    far = np.sqrt(lx * lx + ly * ly) + F(1e-4)
    return lx / far * F(texels), -ly / far * F(texels)


def _bank(
    view: SeaView,
    look: SeaLook,
    seed: int,
    x: Array,
    up: Array,
    lit: Array,
    dark: Array,
    open_sun: Array,
) -> CloudPlace:
    """Heaped clouds standing low over the horizon."""
    random = rng(seed, 13)
    tall = random.uniform(0.05, 0.085) if look is DAY else random.uniform(0.018, 0.034)
    side = random.uniform(-0.35, 0.35)
    rise = 1.0 - 2.6 * smoothstep(0.0, 2.2 * tall, up)
    rise -= 0.9 * (1 - np.exp(-(((x - F(side)) / F(0.42)) ** 2)))
    scale = F(410) if look is DAY else F(500)
    if look is DAY:
        toward = (np.full_like(x, 3.4), np.full_like(x, -6.0))
    else:
        toward = _toward_light(view, x, up, 8.0, look)
    return CloudPlace(
        u=x * scale,
        v=-up * scale * F(1.9),
        toward=toward,
        bias=np.asarray(rise, F),
        fade=np.asarray(smoothstep(-0.004, 0.012, up) * open_sun, F),
        lit=lit,
        dark=dark,
    )


def _headland(view: SeaView, look: SeaLook, seed: int, sky: Array) -> tuple[Array, Array]:
    """Hills running out into the sea at one side: premultiplied colour, and what they let see."""
    rows, columns = view.sky_shape
    random = rng(seed, 5)
    tall = int(rows * 0.34)
    x = (np.arange(columns, dtype=F) + F(0.5)) * 2 / F(view.unit)
    across = F(view.width / view.unit)
    x = x if seed % 2 else across - x
    shown = seed % 4 != 1
    cover, colour = np.zeros((tall, columns), F), np.zeros((tall, columns, 3), F)
    y = (F(tall) - np.arange(tall, dtype=F) - F(0.5)) * 2 / F(view.unit)
    for depth in range(2 if shown else 0):
        reach = across * F(random.uniform(0.22, 0.36) if depth else random.uniform(0.34, 0.52))
        profile = _ridge(x, reach, random) * F(0.05 - 0.022 * depth)
        a = np.clip((profile[None] - y[:, None]) * F(view.unit / 2) + F(0.5), 0, 1)
        tone, strength = look.land
        haze = F(0.35 - 0.3 * depth)
        near = linear(tone) * F(strength) * (1 - haze) + sky[-tall:].mean((0, 1)) * haze
        colour = colour * (1 - a)[..., None] + a[..., None] * near
        cover = cover * (1 - a) + a
    return np.ascontiguousarray(colour, F), stack3(1 - cover)


def _ridge(x: Array, reach: float, random: np.random.Generator) -> Array:
    """A hill's outline over ``x`` (units): 1 at the shore, 0 from ``reach`` on."""
    tile = fbm_tile(256, 2.7, random, 2, 90)[0]
    bumps = np.interp(np.mod(x * 150 + random.uniform(0, 256), 256), np.arange(256), tile)
    slope = np.clip(1 - x / F(reach), 0, 1)
    return np.asarray(slope ** F(0.8) * np.clip(0.72 + 0.2 * bumps, 0.1, 1.3), F) * smoothstep(
        0, 0.12, slope
    )

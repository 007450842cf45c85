"""Flames, as tongues of gas that rise, pinch off and curl, and embers.

Nothing is simulated. Gas whose speed grows with the square root of its height moves uniformly along
``rise``, so a function of ``rise - speed · t`` stretches and accelerates upwards like hot gas.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from ...drawing.colour import gradient, linear
from ...drawing.noise import Array, F, ScrollingTile, along, fbm_tile, noise_line, rng, smoothstep
from ...drawing.points import add_spots

_TILE = 256
_GRAIN = 512  # size in texels of the tile of fine strands
_SPEED = 1.0  # rise per second
_SCROLL = 400  # texels of the strands per unit of rise
_TAKE_OFF = 0.07  # height offset, in flame heights: the gas already moves when it ignites
_BELOW = 0.08  # how far the box extends below the seat of the fire, in flame heights
BOX = 1.42  # height of the box in flame heights
_SHADES = 512
_LINE = 2048  # long enough not to repeat within a video
_HEAT = "#000000, #4a0a00 8%, #b02c00 25%, #ff6408 45%, #ff9a20 68%, #ffc24a 88%, #ffe6a0"


class _Tongue(NamedTuple):
    """One flame. Lengths are in flame heights."""

    foot: float
    height: float
    width: float
    lean: float  # offset of its tip towards the centre of the fire
    strength: float
    sway: Array  # noise over rise: sideways displacement
    pinch: Array  # noise over rise: variation in thickness, until the flame parts
    reach: Array  # noise over time: variation in height
    start: Array  # offsets into those three


class Flames:
    """The light of a fire in a box of ``width`` × ``height`` pixels.

    Args:
        height: height of the box; a flame is ``height / 1.42`` tall on average.
        half: half the fire's width at its seat, in flame heights.
        count: number of tongues.
    """

    def __init__(self, width: int, height: int, seed: int, half: float, count: int) -> None:
        self.width, self.height = width, height
        self._half = half
        #: Row of the seat of the fire, in pixels from the top of the box.
        self.seat = round(height * (1 - _BELOW / BOX))
        y, x = np.mgrid[0:height, 0:width].astype(F)
        y = (height - y - 0.5) / height * BOX - _BELOW
        x = (x + 0.5 - width / 2) / height * BOX
        self._row_y = (y[::2].mean(1) - 0.5 / height * BOX).astype(F)
        self._row_x = (x[0, ::2] + 0.5 / height * BOX).astype(F)
        self._row_rise = _rise(self._row_y)
        self._prepare_curls(x, y, seed)
        self._tongues = [self._tongue(rng(seed, 5, k), (k + 0.5) / count) for k in range(count)]
        shade = np.linspace(0, 1, _SHADES)
        self._colours = (gradient(_HEAT, shade) * (shade**1.25 * 5.0)[:, None]).astype(F)[None]

    def _prepare_curls(self, x: Array, y: Array, seed: int) -> None:
        up = np.maximum(y, 0)
        # Streamlines converge as the gas speeds up.
        x = x / (1 - 0.45 * smoothstep(0, 1.1, up))
        v = _rise(y) * F(_SCROLL)
        tiles = [fbm_tile(_TILE, 3.3, rng(seed, 13 + k), 2, 40) for k in range(2)]
        self._curls = ScrollingTile(cv2.merge(tiles), x * 145, v / 2)
        self._strands = ScrollingTile(fbm_tile(_GRAIN, 3.0, rng(seed, 12), 3, 60), x * 560, v)
        py, px = np.mgrid[0 : self.height, 0 : self.width].astype(F)
        self._place = cv2.merge([px / 2 - 0.25, py / 2 - 0.25])
        curl = (0.008 + 0.052 * np.minimum(up, 1.2) ** 0.8) * F(self.height / BOX / 2)
        self._curl = cv2.merge([curl, 1.7 * curl])
        # Fade out so that the top of the box cuts nothing off.
        self._seat = smoothstep(-0.05, 0.16, y) * smoothstep(BOX - _BELOW, 1.1, y)

    def _tongue(self, random: np.random.Generator, place: float) -> _Tongue:
        u = place * 2 - 1
        middle = 1 - abs(u)
        foot = self._half * (u * 0.85 + random.uniform(-0.08, 0.08))
        return _Tongue(
            foot=foot,
            height=(0.50 + 0.50 * middle**0.8) * random.uniform(0.82, 1.1),
            width=self._half * (0.26 + 0.20 * middle) * random.uniform(0.85, 1.15),
            lean=-foot * random.uniform(0.45, 0.95),
            strength=random.uniform(0.65, 1.05),
            sway=noise_line(_LINE, 2.5, random, lowest=2, highest=160),
            pinch=noise_line(_LINE, 2.0, random, lowest=6, highest=200),
            reach=noise_line(512, 1.6, random),
            start=random.uniform(0, _LINE, 3),
        )

    def __call__(self, t: float) -> Array:
        """Return the emitted light at ``t`` seconds: ``(height, width, 3)`` float32, linear."""
        body = sum((self._glow(tongue, t) for tongue in self._tongues), np.zeros((), F))
        scroll = _SPEED * t * _SCROLL
        # The tiles repeat vertically every second or so, so they also drift sideways.
        place = self._curls(24.0 * t, -scroll / 2)
        cv2.add(cv2.multiply(place, self._curl, dst=place), self._place, dst=place)
        heat = cv2.remap(body, place, None, cv2.INTER_LINEAR)
        cv2.multiply(heat, self._seat, dst=heat)
        strands = self._strands(-31.0 * t, -scroll * 1.02)
        cv2.addWeighted(strands, 0.20, strands, 0, 0.82, dst=strands)
        cv2.multiply(heat, strands, dst=heat)
        # Light accumulates through the sheets of flame, then saturates.
        cv2.exp(cv2.multiply(heat, -0.75, dst=heat), dst=heat)
        cv2.addWeighted(heat, -(_SHADES - 1.01), heat, 0, _SHADES - 1.01, dst=heat)
        np.maximum(heat, 0, out=heat)
        strands[:] = 0  # row coordinate: the colour table has a single row
        return cv2.remap(self._colours, heat, strands, cv2.INTER_LINEAR)

    def _glow(self, tongue: _Tongue, t: float) -> Array:
        """Return one tongue's thickness, ``(height / 2, width / 2)``, before it curls."""
        reach = tongue.height * (1 + 0.15 * along(tongue.reach, t * 9 + tongue.start[2]))
        y = np.clip(self._row_y / reach, 0, 1.6)
        v = (self._row_rise - _SPEED * t) * 150
        up = np.clip(self._row_y, 0, 1.2)
        sway = 0.055 * along(tongue.sway, v + tongue.start[0]) * np.minimum(up, 1) ** 0.8
        axis = tongue.foot + tongue.lean * up * 0.8 + sway
        width = (
            np.clip(self._row_y / reach + 0.10, 0, 1) ** 0.34 * np.clip(1 - y * 0.8, 0, 1) ** 0.9
        )
        pinch = 1 + 0.42 * np.minimum(y, 1) ** 0.7 * along(tongue.pinch, v + tongue.start[1])
        width = 1.3 * tongue.width * width * pinch
        strength = tongue.strength * np.clip(width / 0.004, 0, 1) * np.clip(1.15 - 0.6 * y, 0.1, 1)
        d = (self._row_x[None] - axis[:, None].astype(F)) / np.maximum(width, 0.004)[:, None]
        thick = cv2.sqrt(np.maximum(1 - d * d, 0).astype(F))
        return thick * strength[:, None].astype(F)


_EMBER = linear("#ff7820")
_COUNT = 120


class Embers:
    """Sparks; each is reborn repeatedly, every time on a different path.

    Args:
        seat: their origin (x, y) in pixels.
        spread: half the width of the fire, in pixels.
        rise: maximum height they reach, in pixels.
        scale: size in pixels of a point at 720p.
    """

    def __init__(
        self, seat: tuple[float, float], spread: float, rise: float, scale: float, seed: int
    ) -> None:
        random = rng(seed, 61)
        self._seat, self._spread, self._rise = seat, spread, rise
        self._life = random.uniform(1.6, 4.6, _COUNT)
        self._birth = random.uniform(0, 1, _COUNT) * self._life
        self._key = random.uniform(0, 1, (_COUNT, 8))
        self._sway = random.uniform(1.1, 4.2, _COUNT)
        self._sigma = scale * (0.8 + 0.6 * self._key[:, 5] ** 3)

    def __call__(self, image: Array, t: float) -> None:
        """Add the embers at ``t`` seconds to ``image`` (float32, linear light)."""
        turns = np.floor((t + self._birth) / self._life)
        age = (t + self._birth) / self._life - turns
        # Each life gets another path, derived from the spark's own random numbers.
        key = (self._key + turns[:, None] * 0.618034) % 1.0
        height = self._rise * (0.35 + 0.65 * key[:, 0] ** 1.5)
        begins = (key[:, 1] + key[:, 2] - 1) * self._spread
        seconds = age * self._life
        sway = np.sin(self._sway * seconds + key[:, 3] * 6.28) - np.sin(key[:, 3] * 6.28)
        drift = (key[:, 6] - 0.45) * 0.45 * height * age**1.3
        x = self._seat[0] + begins * (1 - 0.5 * age) + drift + sway * self._spread * 0.36
        flicker = 0.75 + 0.25 * np.sin(seconds * (9 + 8 * key[:, 7]) + key[:, 0] * 40)
        bright = np.clip(age / 0.04, 0, 1) * (1 - age) ** 1.4 * flicker * 4.5
        y = self._seat[1] - height * age**0.8
        add_spots(image, x, y, self._sigma, _EMBER * bright[:, None])


def _rise(y: Array) -> Array:
    return np.asarray(np.sqrt(np.maximum(y, 0) + _TAKE_OFF) - _TAKE_OFF**0.5, F)

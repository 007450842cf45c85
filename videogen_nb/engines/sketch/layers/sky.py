"""The sky: colours from the zenith to the horizon, sun, moon and stars, thin high clouds."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ..drawing.colour import Light, gradient, linear
from ..drawing.compositing import enlarged, grid, over
from ..drawing.noise import Array, F, ScrollingTile, fbm_tile, lookup, rng, smoothstep
from ..drawing.points import add_spots


def clear_sky(stops: str, rows: int, columns: int, horizon: float, power: float = 1.0) -> Array:
    """Return a gradient from the top (0) to row ``horizon`` (1): linear ``(rows, columns, 3)``."""
    _, y = grid(rows, 1)
    return np.repeat(gradient(stops, y / F(horizon)) * F(power), columns, 1)


def away_from(sky: Array, x: float, y: float, wide: float = 1.0) -> Array:
    """Return each pixel's distance from (x, y) in image heights; ``wide`` scales x."""
    across, down = grid(*sky.shape[:2])
    return np.hypot((across - F(x)) * F(wide), down - F(y)) / F(len(sky))


def add_glow(sky: Array, away: Array, light: Light, reaches: Sequence[tuple[float, float]]) -> None:
    """Add light in place that falls off with distance ``away``; each reach is (falloff, amount)."""
    total = sum(np.exp(-away / F(reach)) * F(amount) for reach, amount in reaches)
    sky += np.asarray(total, F)[..., None] * linear(*light)


def orb(rows: int, columns: int, x: float, y: float, radius: float, moon: int | None) -> Array:
    """Return a ``(rows, columns)`` disc: the sun, or a moon with maria if ``moon`` is a seed."""
    across, down = grid(rows, columns)
    dx, dy = (across - F(x)) / F(radius), (down - F(y)) / F(radius)
    away = np.hypot(dx, dy)
    disc = np.clip((1 - away) * F(radius) + 0.5, 0, 1)
    if moon is not None:
        tile = fbm_tile(128, 3.2, rng(moon, 41), 1, 20)
        plains = smoothstep(-0.3, 1.2, lookup(tile, dx * 26 + 64, dy * 26 + 64))
        rim = np.clip(1 - away * away, 0, 1) ** 0.3
        disc *= (1 - 0.42 * plains) * (0.55 + 0.45 * rim)
    return np.asarray(disc, F)


_TINTS = ("#a9c4ff", "#fff4ea", "#ffcfa0")  # hot, like the sun, cool
_TINT_SHARES = (0.33, 0.80)
_FAINTEST, _BRIGHTEST, _SLOPE = 0.09, 3.6, 1.3
_LARGE = 0.55  # flux above which a star is drawn into a wider window
_GLOWING = 3.2  # flux above which a star has a halo
_HALO = ((1.7, 0.13), (5.0, 0.028))  # deviations (pixels at 720p) and fractions of its light
_TRIES = 2  # candidate positions per star if the density is uneven


class Stars:
    """A list of stars; ``x`` and ``y`` are in pixels.

    Args:
        count: approximate number of stars.
        low, high: corners (x, y) of the area they occupy.
        scale: 1 for a frame 1280 pixels wide; sizes scale with it.
        density: ``(rows, columns)`` over the area; larger values give more stars.
    """

    def __init__(
        self,
        count: int,
        low: tuple[float, float],
        high: tuple[float, float],
        scale: float,
        random: np.random.Generator,
        density: Array | None = None,
    ) -> None:
        count = count if density is None else _TRIES * count
        spots = random.random((count, 2))
        chance = random.random(count)
        flux = np.minimum(_FAINTEST * (1 - random.random(count)) ** (-1 / _SLOPE), _BRIGHTEST)
        kinds = np.searchsorted(_TINT_SHARES, random.random(count))
        rate, phase, depth = random.random((3, count))
        if density is not None:
            flux *= _shown(density, spots, chance)
        kept = flux > 0.02 * _FAINTEST
        self.x, self.y = (spots[kept] * np.subtract(high, low) + low).T.copy()
        self.flux = flux[kept]
        self.colour = np.stack([linear(tint) for tint in _TINTS])[kinds[kept]]
        self._sigma = (0.58 + 0.13 * np.log1p(self.flux)) * max(scale, 0.45) ** 0.7
        self._scale = scale
        self._rate = 2.2 + 6.8 * rate[kept]  # radians per second
        self._phase = 2 * np.pi * phase[kept]
        self._depth = 0.06 + 0.28 * depth[kept]

    def light(self, t: float) -> Array:
        """Return the twinkling linear light of each star at ``t`` seconds: ``(n, 3)``."""
        twinkle = 1 + self._depth * np.sin(self._rate * t + self._phase)
        return (self.colour * (self.flux * twinkle)[:, None]).astype(F)

    def draw(self, image: Array, x: Array, y: Array, light: Array) -> None:
        """Add every star to ``image`` in place, at sub-pixel positions ``x``, ``y``."""
        large = self.flux > _LARGE
        for chosen in (large, ~large):
            add_spots(image, x[chosen], y[chosen], self._sigma[chosen], light[chosen])
        k = self.flux > _GLOWING
        for deviation, amount in _HALO:
            sigma = np.full(np.count_nonzero(k), deviation * self._scale)
            add_spots(image, x[k], y[k], sigma, light[k] * amount)


def _shown(density: Array, spots: Array, chance: Array) -> Array:
    """Return a visibility of 0 to 1 for each spot, higher on average where ``density`` is larger.

    Never a plain threshold on the image: its last digit must not decide whether a star shows.
    """
    rows, columns = density.shape
    here = density[(spots[:, 1] * rows).astype(int), (spots[:, 0] * columns).astype(int)]
    likely = np.clip(0.36 + 0.55 * here, 0, 1)
    return np.asarray(smoothstep(-0.04, 0.04, likely - chance))


class FixedStars:
    """The stars of a sky that does not move, fainter near the ground."""

    def __init__(self, shape: tuple[int, int], unit: float, random: np.random.Generator) -> None:
        rows, columns = shape
        count = int(1100 * rows * columns / (unit * unit * 0.56))
        self._stars = Stars(count, (0, 0), (columns, rows), unit / 1280, random)
        ground = np.clip((rows - self._stars.y) / (0.35 * rows), 0, 1) ** 0.8
        self._seen = ground.astype(F)[:, None]

    def draw(self, image: Array, gain: float, t: float = 0.0) -> None:
        """Add the stars at ``t`` seconds to ``image`` in place."""
        stars = self._stars
        stars.draw(image, stars.x, stars.y, stars.light(t) * (self._seen * F(gain)))


_TEXELS = 210  # texels of noise per ``span``


class HighVeil:
    """A thin veil of cloud over the upper part of images of one size. Thread-safe.

    Args:
        horizon: row of the horizon; the veil fades out above it.
        span: pixels of the image that correspond to one width of the noise.
        turn: direction of its streaks, in radians.
        strength: maximum opacity, 0 to 1.
        colour: linear RGB.
        speed: texels per second; the sign gives the direction of the drift.
        combed: aspect ratio (length to width) of its streaks.
    """

    def __init__(
        self,
        width: int,
        horizon: float,
        span: float,
        *,
        turn: float,
        strength: float,
        colour: Array,
        speed: float,
        seed: int,
        combed: float = 4.0,
    ) -> None:
        tile = fbm_tile(512, 2.3, rng(seed, 11), 1, 220, combed)
        x, y = grid(round(0.86 * horizon) // 2, width // 2, 2)
        rise = 1 - y / F(horizon) + 0.22
        across = (x - F(width / 2)) / F(span) / rise
        along = np.broadcast_to(0.9 / rise, across.shape)
        c, s = float(np.cos(turn)), float(np.sin(turn))
        fade = smoothstep(0.22, 0.6, rise) * F(strength)
        self._fade = np.ascontiguousarray(np.broadcast_to(fade, across.shape), F)
        self._way = -speed * c, speed * s
        u, v = across * F(c) + along * F(s), along * F(c) - across * F(s)
        self._tile = ScrollingTile(tile, u * F(_TEXELS), v * F(_TEXELS))
        self._colour, self._width = colour, width

    def at(self, t: float) -> Array:
        """Return the opacity at ``t`` seconds, at half size, for :meth:`over`."""
        du, dv = self._way
        cover = smoothstep(0.1, 2.6, self._tile(du * t, dv * t))
        cover *= self._fade
        return cover

    def over(self, image: Array, rows: slice, cover: Array) -> None:
        """Draw the veil over ``rows`` of an image in place."""
        rows = slice(rows.start, min(rows.stop, 2 * len(cover)))
        if rows.start >= rows.stop:
            return
        full = enlarged(cover, 2, rows, self._width)
        part = image[rows, : full.shape[1]]
        over(part, cv2.merge([full * c for c in self._colour]), 1 - full)

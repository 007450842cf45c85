"""Single stars: where they stand, how bright they are, and how they are drawn between pixels."""

from __future__ import annotations

import cv2
import numpy as np

from ..noise import Array, F, linear, smoothstep

_TINTS = ("#a9c4ff", "#fff4ea", "#ffcfa0")  # hot, like the sun, cool
_TINT_SHARES = (0.33, 0.80)
_FAINTEST, _BRIGHTEST, _SLOPE = 0.09, 3.6, 1.3
_GLOWING = 3.2  # flux from which a star shows a halo
_TRIES = 2  # places tried for each star where they do not stand evenly
_SMALL, _LARGE = 2, 4  # half the window a star is drawn into


class Stars:
    """A list of stars; ``x`` and ``y`` are pixels.

    Args:
        count: about how many to draw; those too close to a brighter one are left out.
        low, high: corners (x, y) of the area they stand in.
        scale: 1 for a frame 1280 pixels wide; sizes follow it.
        density: ``(rows, columns)`` over the area; where it is larger, more stars stand.
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
        twinkle = random.random((3, count))
        order = np.argsort(-flux)
        order = order[_apart(spots[order] * np.subtract(high, low), 2.5 * max(scale, 0.4))]
        if density is not None:
            shown = _shown(density, spots[order], chance[order])
            flux[order] *= shown
            order = order[shown > 0.02]
        self.x, self.y = (spots[order] * np.subtract(high, low) + low).T.copy()
        self.flux = flux[order]
        self.colour = np.stack([linear(tint) for tint in _TINTS])[kinds[order]]
        self.sigma = (0.58 + 0.13 * np.log1p(self.flux)) * max(scale, 0.45) ** 0.7
        rate, phase, depth = twinkle[:, order]
        self._rate = 2.2 + 6.8 * rate  # radians a second
        self._phase = 2 * np.pi * phase
        self._depth = 0.06 + 0.28 * depth
        self._large = self.flux > 0.55
        self._halo = _halo(scale)

    def light(self, t: float) -> Array:
        """Colour times brightness of each at ``t``, twinkling: ``(n, 3)``."""
        twinkle = 1 + self._depth * np.sin(self._rate * t + self._phase)
        return (self.colour * (self.flux * twinkle)[:, None]).astype(F)

    def draw(self, image: Array, x: Array, y: Array, light: Array) -> None:
        """Adds every star to ``image`` in place, at sub-pixel places ``x``, ``y``."""
        for chosen, half in ((self._large, _LARGE), (~self._large, _SMALL)):
            _splat(image, x[chosen], y[chosen], light[chosen], self.sigma[chosen], half)
        for i in np.flatnonzero(self.flux > _GLOWING):
            self._glow(image, x[i], y[i], light[i])

    def _glow(self, image: Array, x: float, y: float, light: Array) -> None:
        half = self._halo.shape[0] // 2
        ix, iy = int(np.floor(x)), int(np.floor(y))
        r0, c0 = iy - half, ix - half
        h, w = image.shape[:2]
        if r0 < 0 or c0 < 0 or iy + half >= h or ix + half >= w:
            return
        size = self._halo.shape[::-1]
        shift = np.array([[1, 0, x - ix], [0, 1, y - iy]])
        halo = cv2.warpAffine(self._halo, shift, size, flags=cv2.INTER_LINEAR)
        image[r0 : iy + half + 1, c0 : ix + half + 1] += halo[..., None] * light


def _shown(density: Array, spots: Array, chance: Array) -> Array:
    """0 to 1 for each place: more are shown where ``density`` is larger.

    Never a plain threshold on the image: a last digit of it must not decide about a star.
    """
    rows, columns = density.shape
    here = density[(spots[:, 1] * rows).astype(int), (spots[:, 0] * columns).astype(int)]
    likely = np.clip(0.36 + 0.55 * here, 0, 1)
    return np.asarray(smoothstep(-0.04, 0.04, likely - chance))


def _apart(spots: Array, least: float) -> Array:
    """Indices of the stars with no brighter one in their cell of ``least`` pixels or next to it.

    Two stars in one pixel would share one drawing step, and flicker when they turn apart.
    """
    cells = np.floor(spots / least).astype(np.int64)
    taken: set[tuple[int, int]] = set()
    kept = []
    for i, (cx, cy) in enumerate(cells.tolist()):
        if (cx, cy) not in taken:
            kept.append(i)
            taken.update((cx + a, cy + b) for a in (-1, 0, 1) for b in (-1, 0, 1))
    return np.array(kept, np.int64)


def _splat(image: Array, x: Array, y: Array, light: Array, sigma: Array, half: int) -> None:
    h, w = image.shape[:2]
    ok = (x > half + 1) & (x < w - half - 2) & (y > half + 1) & (y < h - half - 2)
    x, y, light, falloff = x[ok], y[ok], light[ok], -0.5 / sigma[ok] ** 2
    ix, iy = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    offsets = np.arange(-half, half + 1)
    across = np.exp((offsets - (x - ix)[:, None]) ** 2 * falloff[:, None]).astype(F)
    down = np.exp((offsets - (y - iy)[:, None]) ** 2 * falloff[:, None]).astype(F)
    flat, base = image.reshape(-1, 3), iy * w + ix
    for j, row in enumerate(offsets):
        lit = light * down[:, j, None]
        for i, column in enumerate(offsets):
            flat[base + (row * w + column)] += lit * across[:, i, None]


def _halo(scale: float) -> Array:
    half = max(4, int(16 * scale))
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(F)
    away = np.hypot(x, y)
    glow = np.exp(-away / F(1.9 * scale)) * 0.14 + np.exp(-away / F(5.5 * scale)) * 0.028
    return np.asarray(glow * smoothstep(half, half * 0.5, away), F)


class FixedStars:
    """Stars of a sky that stands still, fainter near the ground."""

    def __init__(self, shape: tuple[int, int], unit: float, random: np.random.Generator) -> None:
        rows, columns = shape
        count = int(1100 * rows * columns / (unit * unit * 0.56))
        self._stars = Stars(count, (0, 0), (columns, rows), unit / 1280, random)
        ground = np.clip((rows - self._stars.y) / (0.35 * rows), 0, 1) ** 0.8
        self._seen = ground.astype(F)[:, None]

    def draw(self, image: Array, gain: float, t: float = 0.0) -> None:
        """Adds the stars of instant ``t`` to ``image`` in place."""
        stars = self._stars
        stars.draw(image, stars.x, stars.y, stars.light(t) * (self._seen * F(gain)))

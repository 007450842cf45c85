"""Terrain in perspective: rendering of a height field, and mountains for it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from ..drawing.lens import Lens
from ..drawing.noise import Array, F, fbm_tile, rng, wrap_edge

#: (x, z, spacing) → heights; spacing ``(n, 1)`` is the distance between samples.
Heights = Callable[[Array, Array, Array], Array]

_SIZE = 512  # side of the noise tile, in texels
_FEATURE = 46.0  # wavelength of the noise, in texels
_OCTAVES = 8
_TURN = 0.8, 0.6  # cosine and sine of the rotation between octaves
_RAGGED = 2.06  # lacunarity: frequency ratio between octaves


class Vista:
    """Terrain sampled along the rays of each column, at ``steps`` distances from near to far.

    Attributes:
        distance: ``(steps, 1)``.
        x, heights: ``(steps, width)``.
        slope_x, slope_z: slope of the ground to the right and away from the camera.
        level: 1 where the ground is flat, 0 where it is vertical.
        top: first row that shows land.
    """

    def __init__(self, lens: Lens, near: float, far: float, steps: int, heights: Heights) -> None:
        self._lens = lens
        self.distance = np.geomspace(near, far, steps).astype(F)[:, None]
        across = (np.arange(lens.width, dtype=F) + F(0.5 - lens.width / 2)) / F(lens.focal)
        self.x = self.distance * across[None]
        away = np.ascontiguousarray(np.broadcast_to(self.distance, self.x.shape))
        self.heights = heights(self.x, away, np.gradient(self.distance, axis=0))
        self.slope_x, self.slope_z = self._slopes(across)
        self.level = 1 / np.sqrt(1 + self.slope_x**2 + self.slope_z**2)
        rise = (self.heights - F(lens.camera_height)) / self.distance
        self._skyline = np.maximum.accumulate(rise, axis=0)
        self._step = self._visible_steps(rise)
        self.top = int(np.argmax((self._step >= 0).any(1))) // 2

    def _slopes(self, across: Array) -> tuple[Array, Array]:
        """Return the slopes along x and z, corrected for rays that fan out sideways."""
        apart = self.distance * (across[1] - across[0])
        slope_x = np.gradient(self.heights, axis=1) / apart
        along = np.gradient(self.heights, axis=0) / np.gradient(self.distance, axis=0)
        return slope_x, along - slope_x * across[None]

    def _visible_steps(self, rise: Array) -> Array:
        """Return the (fractional) step visible at each half row, or -1 for sky."""
        lens, skyline = self._lens, self._skyline
        rows = np.arange(2 * lens.height, dtype=F)
        wanted = ((F(lens.horizon) - (rows + 0.5) / 2) / F(lens.focal))[::-1]
        steps = np.full((lens.width, 2 * lens.height), -1, F)
        for column in range(lens.width):
            first = np.searchsorted(skyline[:, column], wanted)
            seen = int(np.searchsorted(first, len(rise)))
            high, low = first[:seen], np.maximum(first[:seen] - 1, 0)
            ray = rise[:, column]
            gap = np.maximum(ray[high] - ray[low], 1e-7)
            steps[column, :seen] = low + np.clip((wanted[:seen] - ray[low]) / gap, 0, 1)
        return np.ascontiguousarray(steps.T[::-1])

    def facing(self, toward: tuple[float, float, float]) -> Array:
        """Return how directly the ground faces the light, -1 to 1; x right, y up, z away."""
        lx, ly, lz = (F(v) for v in np.asarray(toward) / np.linalg.norm(toward))
        return np.asarray((ly - lx * self.slope_x - lz * self.slope_z) * self.level, F)

    def hollows(self, reach: float) -> Array:
        """Return the height above (> 0) or below the surroundings, blurred over ``reach`` steps."""
        return self.heights - cv2.GaussianBlur(self.heights, (0, 0), reach)

    def image(self, layers: Array) -> tuple[Array, Array]:
        """Project ``layers``, ``(steps, width, channels ≤ 4)`` over the terrain, onto the image.

        Returns ``(rows, width, channels)`` from row ``top`` on, zero where the sky shows, and the
        terrain's alpha ``(rows, width)``.
        """
        rows = self._step[2 * self.top :]
        columns = np.broadcast_to(np.arange(rows.shape[1], dtype=F), rows.shape)
        seen = cv2.remap(layers, columns, np.maximum(rows, 0), cv2.INTER_LINEAR)
        land = (rows >= 0).astype(F)
        size = (rows.shape[1], len(rows) // 2)
        seen *= land if seen.ndim == 2 else land[..., None]
        return (
            cv2.resize(seen, size, interpolation=cv2.INTER_AREA),
            cv2.resize(land, size, interpolation=cv2.INTER_AREA),
        )


class Relief:
    """Mountains over a plain: ridged noise whose steep parts stay bare of finer detail.

    Ridged multifractal after Musgrave (in Ebert et al., "Texturing and Modeling", 1994), damped by
    the accumulated slope to imitate erosion.

    Args:
        wave: wavelength of the largest mountains, in the unit of all coordinates.
        sharpness: 0 for rolling hills, 1 for knife-edge ridges.
    """

    def __init__(self, seed: int, wave: float, sharpness: float) -> None:
        self._wave, self._sharp = wave, F(sharpness)
        self._tiles = [_noise_with_slopes(rng(seed, 20, k)) for k in range(3)]
        self._corner = rng(seed, 21).uniform(0, _SIZE, (_OCTAVES + 2, 2)).astype(F)

    def heights(self, x: Array, z: Array, spacing: Array) -> Array:
        """Return heights at (x, z), ``(n, m)`` float32, mostly between 0 and 1.6.

        Wavelengths shorter than a few times ``spacing`` (``(n, 1)``) are left out.
        """
        out = np.empty_like(x)
        for top in range(0, len(x), 48):  # small enough for the CPU cache
            rows = slice(top, top + 48)
            out[rows] = self._part(x[rows], z[rows], spacing[rows])
        return out

    def _part(self, x: Array, z: Array, spacing: Array) -> Array:
        scale = F(_FEATURE / self._wave)
        u, v = x * scale, z * scale
        bend_u = self._look(8, u * 0.9, v * 0.9)[..., 0]
        bend_v = self._look(9, u * 0.9, v * 0.9)[..., 0]
        u += bend_u * 6
        v += bend_v * 6
        total, weight = np.zeros_like(x), np.ones_like(x)
        slope_u, slope_v = np.zeros_like(x), np.zeros_like(x)
        amplitude, wave = 1.0, self._wave
        for k in range(_OCTAVES):
            noise = self._look(k, u, v)
            height = self._profile(noise[..., 0], spacing / F(wave))
            shown = np.clip(F(wave) / spacing * 0.4 - 0.6, 0, 1)
            damped = 1 + 0.25 * (slope_u * slope_u + slope_v * slope_v)
            total += height * (weight * shown * F(amplitude)) / damped
            # valleys are smooth; spurs and gullies appear only at height
            weight = np.clip(total * 1.15, 0.12, 1)
            slope_u = slope_u + noise[..., 1]
            slope_v = slope_v + noise[..., 2]
            c, s = _TURN
            u, v = (c * u - s * v) * F(_RAGGED), (s * u + c * v) * F(_RAGGED)
            amplitude *= 0.48 if k < 2 else 0.6
            wave /= _RAGGED
        return total

    def _profile(self, noise: Array, coarse: Array) -> Array:
        """Return ridges at the zeros of the noise, rounded where the sampling is too coarse."""
        rounding = 0.0004 + np.square(coarse * 7)
        ridge = np.clip(1 - np.sqrt(noise * noise + rounding) * 0.62, 0, 1)
        hill = 0.5 + 0.3 * noise
        return hill + (ridge * ridge - hill) * self._sharp

    def _look(self, k: int, u: Array, v: Array) -> Array:
        du, dv = self._corner[k]
        u, v = np.mod(u + du, F(_SIZE)), np.mod(v + dv, F(_SIZE))
        return cv2.remap(self._tiles[k % 3], u, v, cv2.INTER_LINEAR)


def _noise_with_slopes(random: np.random.Generator) -> Array:
    """Return noise and its slopes, ``(_SIZE + 1, _SIZE + 1, 4)``, padded for fast sampling."""
    tile = fbm_tile(_SIZE, 2.0, random, 7, 15)
    along_v, along_u = np.gradient(np.pad(tile, 1, mode="wrap"))
    slopes = (a[1:-1, 1:-1] * 3.4 for a in (along_u, along_v))
    return wrap_edge(np.ascontiguousarray(np.stack([tile, *slopes, tile], -1), F))

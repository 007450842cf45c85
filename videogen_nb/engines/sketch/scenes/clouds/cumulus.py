"""Cumulus clouds as volumes: heaps of puffs roughened by noise, lit slice by slice.

Light and view rays pass through the same slices, nearest to the sun first, so one map of optical
depth suffices (half-angle slicing, Kniss et al., "Interactive Translucent Volume Rendering", 2002).
Multiple scattering is modelled as a second, weaker extinction (Wrenninge et al., "Oz", 2013).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from ...drawing.noise import Array, F, lookup, rng

_COARSE = 6  # pixels per cell of the grid on which the smooth shape is computed
_SLICES = 48
_NOISE = 80  # side of the noise cube, in voxels
#: (noise voxels per pixel, weight) of each octave, coarse to fine.
_OCTAVES = ((0.031, 0.31), (0.083, 0.19), (0.21, 0.105), (0.52, 0.06))
_REACH = 1.6  # radius of a puff's field, in puff radii
_SURFACE = 0.6  # field value at the cloud's surface


@dataclass(frozen=True, slots=True)
class CloudPlanes:
    """The appearance of a cloud heap under any light, ``(height, width)`` float32 each.

    ``direct`` and ``ambient`` are the fractions of sunlight and skylight that reach the camera,
    premultiplied by ``cover``, the alpha.
    """

    direct: Array
    ambient: Array
    cover: Array


def heap(random: np.random.Generator, centre: float, width: float, height: float) -> Array:
    """Return one cloud's puffs, ``(n, 4)`` pixels: x, height above the base, depth, radius."""
    peaks = random.uniform(-0.30, 0.30, 1 + round(0.7 * width / height))
    peaks_high = np.append(1.0, random.uniform(0.35, 0.85, len(peaks) - 1)) * height
    puffs: list[tuple[float, float, float, float]] = []
    for _ in range(round(7 + 5 * width / height)):
        u = float(random.normal(0, 0.26)) if random.random() < 0.75 else random.uniform(-0.5, 0.5)
        profile = peaks_high * (1 - 2.1 * np.abs(u - peaks) ** 1.2)
        top = max(0.13 * height, float(profile.max())) * random.uniform(0.6, 1.0)
        radius = min(0.15 * width * random.uniform(0.7, 1.2), 0.36 * top + 0.02 * width)
        place = centre + u * width, radius * 0.35, random.normal(0, 0.09) * width
        _tower(puffs, random, place, radius, top)
    return np.array(puffs)


def _tower(
    puffs: list[tuple[float, float, float, float]],
    random: np.random.Generator,
    place: tuple[float, float, float],
    radius: float,
    top: float,
) -> None:
    """Append a chain of shrinking puffs from ``place`` upwards, with small ones attached."""
    x, y, z = place
    for _ in range(9):
        if y > top - 0.6 * radius:
            return
        puffs.append((x, y, z, radius))
        for _ in range(3):
            turn, tilt = random.uniform(-0.3, 3.45), random.uniform(-1.2, 1.2)
            small = radius * random.uniform(0.30, 0.55)
            out = 0.95 * radius * np.cos(tilt)
            puffs.append(
                (
                    x + out * np.cos(turn),
                    max(y + out * np.sin(turn), small * 0.3),
                    z + 0.95 * radius * np.sin(tilt),
                    small,
                )
            )
        y += radius * random.uniform(0.5, 0.85)
        x += random.normal(0, 0.25) * radius
        z += random.normal(0, 0.2) * radius
        radius *= random.uniform(0.80, 0.97)


class CumulusVolume:
    """Clouds on one common base in a box of ``width`` by ``height`` pixels.

    Args:
        base: row of the clouds' flat underside.
        puffs: from :func:`heap`, for all clouds together.
        toward: direction to the sun: x to the right, y up, z towards the camera and positive.
        fineness: pixel size relative to that of an image 1280 pixels wide.
    """

    def __init__(
        self,
        width: int,
        height: int,
        base: float,
        puffs: Array,
        toward: tuple[float, float, float],
        seed: int,
        fineness: float,
    ) -> None:
        self._shape = (height, width)
        self._base, self._puffs, self._fine = base, puffs, fineness
        front = float((puffs[:, 2] + puffs[:, 3]).max())
        back = float((puffs[:, 2] - puffs[:, 3]).min())
        self._thick = (front - back) / _SLICES
        self._depths = front - (np.arange(_SLICES) + 0.5) * self._thick
        lx, ly, lz = toward
        self._shift = -lx / lz * self._thick, ly / lz * self._thick
        self._noise = _billows(rng(seed, 61))
        rows = np.arange(height, dtype=F)[:, None]
        self._floor = self._underside(rows, 0.045 * height)
        self._rise = 0.30 + 0.70 * np.clip((F(base) - rows) / F(0.75 * base), 0, 1)

    def _underside(self, rows: Array, soft: float) -> Array:
        """Return a mask: 1 above the clouds' base, 0 below it; the base is flat but ragged."""
        step = F(0.055 * self._fine)
        columns = np.arange(self._shape[1], dtype=F)[None]
        ragged = lookup(self._noise[5], columns * step, rows * 2 * step)
        return np.clip((F(self._base) - rows) / F(soft) + 0.25 + 0.65 * ragged, 0, 1)

    def light(self) -> CloudPlanes:
        """Trace the light through all slices."""
        direct, ambient, depth = (np.zeros(self._shape, F) for _ in range(3))
        clear = np.ones(self._shape, F)
        for k, z in enumerate(self._depths):
            for box, extinction in self._slice(float(z)):
                opacity = 1 - cv2.exp(-extinction)
                seen = clear[box] * opacity
                direct[box] += seen * self._sunlight(depth[box])
                ambient[box] += seen * self._skylight(extinction, box[0])
                clear[box] *= 1 - opacity
                depth[box] += extinction
            depth = self._onward(depth, k)
        return CloudPlanes(direct, ambient, 1 - clear)

    @staticmethod
    def _sunlight(depth: Array) -> Array:
        return 0.72 * cv2.exp(-depth) + 0.28 * cv2.exp(depth * -0.17)

    def _skylight(self, extinction: Array, rows: slice) -> Array:
        """Return the skylight (dimmer inside and near the base), computed coarsely."""
        h, w = extinction.shape
        small = cv2.resize(extinction, (w // _COARSE, h // _COARSE), interpolation=cv2.INTER_AREA)
        above = cv2.exp(np.cumsum(small, 0, dtype=F) * -0.12)
        above = cv2.resize(above, (w, h), interpolation=cv2.INTER_LINEAR)
        return (0.40 + 0.60 * above) * self._rise[rows]

    def _onward(self, depth: Array, k: int) -> Array:
        """Shift the optical depth to the next slice along the sun's rays, slightly blurred."""
        dx, dy = self._shift
        h, w = self._shape
        depth = cv2.warpAffine(depth, np.array([[1, 0, dx], [0, 1, dy]], F), (w, h))
        return cv2.GaussianBlur(depth, (0, 0), 0.9) if k % 2 else depth

    def _slice(self, z: float) -> Iterator[tuple[tuple[slice, slice], Array]]:
        """Yield the box of the slice at depth ``z`` that contains cloud, and its extinction."""
        field = self._field(z)
        rows, columns = np.flatnonzero(field.max(1) > 0), np.flatnonzero(field.max(0) > 0)
        if not len(rows):
            return
        y0, y1 = max(rows[0] - 1, 0), min(rows[-1] + 2, field.shape[0])
        x0, x1 = max(columns[0] - 1, 0), min(columns[-1] + 2, field.shape[1])
        box = np.s_[y0 * _COARSE : y1 * _COARSE, x0 * _COARSE : x1 * _COARSE]
        size = ((x1 - x0) * _COARSE, (y1 - y0) * _COARSE)
        near = cv2.resize(field[y0:y1, x0:x1], size, interpolation=cv2.INTER_LINEAR)
        inside = near - F(_SURFACE)
        self._roughen(inside, box, z)
        density = np.clip(inside * 4.2, 0, 1)
        density *= np.clip(near * 4, 0, 1)
        density *= self._floor[box]
        density *= F(0.088 * self._thick * self._fine)
        yield box, density

    def _field(self, z: float) -> Array:
        """Return the union of the puffs on the coarse grid: 0 outside to ``_REACH`` in a centre."""
        h, w = self._shape[0] // _COARSE, self._shape[1] // _COARSE
        field = np.zeros((h, w), F)
        x, y, depth, radius = self._puffs.T
        chord = np.sqrt(np.maximum((_REACH * radius) ** 2 - (z - depth) ** 2, 0))
        x0, x1 = (np.clip((x + s * chord) / _COARSE, 0, w).astype(int) for s in (-1, 1))
        row = self._base - y
        y0, y1 = (np.clip((row + s * chord) / _COARSE, 0, h).astype(int) for s in (-1, 1))
        across, down = ((np.arange(n, dtype=F) + 0.5) * F(_COARSE) for n in (w, h))
        for i in np.flatnonzero((x1 > x0) & (y1 > y0)):
            dx = np.square((across[x0[i] : x1[i]] - F(x[i])) * F(1 / radius[i]))
            dy = np.square((down[y0[i] : y1[i]] - F(row[i])) * F(1 / radius[i]))
            dy += F(((z - depth[i]) / radius[i]) ** 2)
            distance = cv2.sqrt(np.add.outer(dy, dx))
            part = field[y0[i] : y1[i], x0[i] : x1[i]]
            np.maximum(part, F(_REACH) - distance, out=part)
        return field

    def _roughen(self, inside: Array, box: tuple[slice, slice], z: float) -> None:
        """Add the noise at depth ``z`` in place, octave by octave."""
        rows, columns = (np.arange(s.start, s.stop, dtype=F) for s in box)
        for k, (scale, weight) in enumerate(_OCTAVES):
            scale *= self._fine
            level = z * scale + 37 * k
            low = int(np.floor(level))
            f = F(level - low)
            sheet = self._noise[low % _NOISE] * (1 - f) + self._noise[(low + 1) % _NOISE] * f
            rough = lookup(sheet, columns[None] * F(scale), rows[:, None] * F(scale))
            cv2.scaleAdd(rough, weight, inside, dst=inside)


def _billows(random: np.random.Generator) -> Array:
    """Return a tileable cube of noise with round bumps and sharp creases, zero mean."""
    n = _NOISE
    f, half = np.fft.fftfreq(n) * n, np.fft.rfftfreq(n) * n
    k = np.sqrt(f[:, None, None] ** 2 + f[None, :, None] ** 2 + half[None, None] ** 2)
    amplitude = np.where(k >= 2.2, np.maximum(k, 1.0) ** -0.6, 0) * np.exp(-((k / 12) ** 4))
    spectrum = np.fft.rfftn(random.standard_normal((n, n, n))) * amplitude
    noise = np.abs(np.fft.irfftn(spectrum, s=(n, n, n), axes=(0, 1, 2)))
    noise /= noise.std() * 1.66  # the scale of the absolute value of unit noise
    noise -= noise.mean()
    return noise.astype(F)

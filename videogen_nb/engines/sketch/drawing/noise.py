"""Seeded randomness and tileable noise, shared by all scenes.

Every discrete choice (which star, which wave) comes from the integer generator alone, never from a
threshold on a float image; otherwise two versions of a library would place things differently.
"""

from __future__ import annotations

from copy import copy
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

F = np.float32
Array = npt.NDArray[Any]


def rng(seed: int, *parts: int) -> np.random.Generator:
    """Return an independent generator for (seed, parts): the same numbers on every machine."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *parts])))


def fbm_tile(
    size: int,
    beta: float,
    random: np.random.Generator,
    lowest: float = 1.0,
    highest: float | None = None,
    stretch: float = 1.0,
) -> Array:
    """Return tileable spectral noise, ``(size, size)`` float32, zero mean and unit deviation.

    The power falls as frequency ** -beta between ``lowest`` and ``highest`` cycles per tile;
    ``stretch`` > 1 elongates features along x.
    """
    fy = np.fft.fftfreq(size)[:, None] * size * stretch
    fx = np.fft.rfftfreq(size)[None] * size
    f = np.sqrt(fx * fx + fy * fy)
    amplitude = np.where(f >= lowest, np.maximum(f, 1e-9) ** (-beta / 2), 0.0)
    if highest:
        amplitude = amplitude * np.exp(-((f / highest) ** 4))
    spectrum = np.fft.rfft2(random.standard_normal((size, size))) * amplitude
    noise = np.fft.irfft2(spectrum, s=(size, size))
    noise -= noise.mean()
    return (noise / noise.std()).astype(F)


def noise_line(
    size: int, beta: float, random: np.random.Generator, lowest: int = 1, highest: int = 60
) -> Array:
    """Return periodic noise, ``(size + 1,)`` float32, zero mean, unit deviation, equal ends."""
    f = np.arange(size // 2 + 1)
    amplitude = np.where(f >= lowest, np.maximum(f, 1) ** (-beta / 2.0), 0.0)
    amplitude = amplitude * np.exp(-((f / highest) ** 4.0))
    spectrum = (random.standard_normal(f.size) + 1j * random.standard_normal(f.size)) * amplitude
    line = np.fft.irfft(spectrum, size)
    line = (line - line.mean()) / line.std()
    return np.append(line, line[0]).astype(F)


def along(line: Array, x: Array | float) -> Array:
    """Sample a :func:`noise_line` at ``x`` (any range) with linear interpolation."""
    return np.interp(np.mod(x, line.size - 1), np.arange(line.size), line).astype(F)


def smoothstep(low: float, high: float, x: Any) -> Any:
    """Interpolate smoothly from 0 at ``low`` to 1 at ``high``; descends if ``low`` > ``high``."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def wrap_edge(tile: Array, pixels: int = 1) -> Array:
    """Return a tile with its first rows and columns repeated at the end, for linear lookups."""
    return cv2.copyMakeBorder(tile, 0, pixels, 0, pixels, cv2.BORDER_WRAP)


def lookup(tile: Array, u: Array | float, v: Array | float) -> Array:
    """Sample a tile at texels (u, v): any range, any shapes that broadcast."""
    n = tile.shape[0]
    u, v = np.broadcast_arrays(np.mod(u, n), np.mod(v, n))  # modulo before broadcasting is cheaper
    place = np.ascontiguousarray(u, F), np.ascontiguousarray(v, F)
    return cv2.remap(wrap_edge(tile), *place, cv2.INTER_LINEAR)


class ScrollingTile:
    """Fixed lookups into a scrolling tileable texture, without a modulo per frame.

    Args:
        tile: ``(n, n)`` or ``(n, n, c)`` float32, tileable.
        u, v: where each output pixel samples, in texels; any range.
    """

    def __init__(self, tile: Array, u: Array, v: Array) -> None:
        self._n = n = tile.shape[0]
        self._doubled = cv2.copyMakeBorder(tile, 0, n + 4, 0, n + 4, cv2.BORDER_WRAP)
        self._u, self._v = (np.ascontiguousarray(np.mod(a, n), F) for a in (u, v))

    def elsewhere(self, u: Array, v: Array) -> ScrollingTile:
        """Return other lookups into the same texture, without copying the texture."""
        other = copy(self)
        other._u, other._v = (np.ascontiguousarray(np.mod(a, self._n), F) for a in (u, v))
        return other

    def __call__(self, du: float, dv: float) -> Array:
        """Return the texture shifted by (du, dv) texels, linearly sampled. Thread-safe."""
        n = self._n
        iu, iv = int(np.floor(du)), int(np.floor(dv))
        u = cv2.add(self._u, du - iu)
        v = cv2.add(self._v, dv - iv)
        part = self._doubled[iv % n : iv % n + n + 3, iu % n : iu % n + n + 3]
        return cv2.remap(part, u, v, cv2.INTER_LINEAR)

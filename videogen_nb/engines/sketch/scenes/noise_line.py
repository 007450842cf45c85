"""Noise along one axis: ridges of hills, flickering, swaying."""

from __future__ import annotations

import numpy as np

from ..noise import Array, F


def noise_line(
    size: int, beta: float, random: np.random.Generator, lowest: int = 1, highest: int = 60
) -> Array:
    """Periodic noise, ``(size + 1,)`` float32, zero mean, unit deviation; ends alike."""
    f = np.arange(size // 2 + 1)
    amplitude = np.where(f >= lowest, np.maximum(f, 1) ** (-beta / 2.0), 0.0)
    amplitude = amplitude * np.exp(-((f / highest) ** 4.0))
    spectrum = (random.standard_normal(f.size) + 1j * random.standard_normal(f.size)) * amplitude
    line = np.fft.irfft(spectrum, size)
    line = (line - line.mean()) / line.std()
    return np.append(line, line[0]).astype(F)


def along(line: Array, x: Array | float) -> Array:
    """A :func:`noise_line` at ``x`` (any range), linearly between its values."""
    return np.interp(np.mod(x, line.size - 1), np.arange(line.size), line).astype(F)

"""A moving sea as slopes: a sum of waves with a wind's spectrum, summed by the Fourier transform.

Source: Tessendorf, Simulating Ocean Water (2001): Phillips' spectrum, deep-water dispersion
ω = √(g·k). Waves that run away from the viewer are damped, so that the sea comes in.
"""

from __future__ import annotations

import cv2
import numpy as np

from ...drawing.noise import Array, F

GRAVITY = 9.81
_AGAINST = 0.12  # power left to waves running away from the shore


class Waves:
    """One band of wavelengths, periodic over ``length`` metres. Safe from several threads.

    Args:
        size: samples a side.
        length: metres a side.
        wind: metres a second; longer waves come from more of it.
        slope: deviation of the slope along each axis.
        shortest_k: wave numbers below this are left to a coarser band (0 = none).
        spread: how strictly waves follow the wind.
    """

    def __init__(
        self,
        size: int,
        length: float,
        wind: float,
        slope: float,
        random: np.random.Generator,
        shortest_k: float = 0.0,
        spread: float = 2.0,
    ) -> None:
        self.size, self.length, self.variance = size, length, 2 * slope * slope
        k = np.fft.fftfreq(size, 1 / size) * 2 * np.pi / length
        kx, kz = np.meshgrid(k, k)
        power = _spectrum(kx, kz, wind, length / size, shortest_k, spread)
        draws = random.standard_normal((2, size, size))
        there = (draws[0] + 1j * draws[1]) * np.sqrt(power / 2)
        back = np.conj(np.roll(there[::-1, ::-1], 1, (0, 1)))
        # slope x + i·slope z from a single complex transform
        derive = 1j * kx - kz
        gain = slope * size / np.sqrt(np.mean(np.abs((there + back) * derive) ** 2) / 2)
        self._there = (there * derive * gain).astype(np.complex64)
        self._back = (back * derive * gain).astype(np.complex64)
        self._omega = np.sqrt(GRAVITY * np.hypot(kx, kz)).astype(F)

    def __call__(self, t: float) -> Array:
        """Slopes ``(size + 1, size + 1, 2)`` along x and z; the last row and column wrap."""
        angle = self._omega * F(t)
        turn = np.empty(angle.shape, np.complex64)
        np.cos(angle, out=turn.real)
        np.sin(angle, out=turn.imag)
        spectrum = self._there * turn
        spectrum += self._back * np.conj(turn)
        planes = spectrum.view(F).reshape(self.size, self.size, 2)
        slopes = cv2.dft(planes, flags=cv2.DFT_INVERSE | cv2.DFT_SCALE | cv2.DFT_COMPLEX_OUTPUT)
        return cv2.copyMakeBorder(slopes, 0, 1, 0, 1, cv2.BORDER_WRAP)


def _spectrum(
    kx: Array, kz: Array, wind: float, sample: float, shortest_k: float, spread: float
) -> Array:
    k = np.hypot(kx, kz)
    k[0, 0] = 1.0
    longest = wind * wind / GRAVITY
    power = np.exp(-1 / (k * longest) ** 2) / k**4
    power *= (np.abs(kz * 0.92 + kx * 0.38) / k) ** spread
    power *= np.where(kz > 0, 1.0, _AGAINST)
    power *= np.exp(-((k * sample * 0.55) ** 2))
    if shortest_k:
        power *= 1 - np.exp(-((k / shortest_k) ** 4))
    power[0, 0] = 0.0
    return np.asarray(power)

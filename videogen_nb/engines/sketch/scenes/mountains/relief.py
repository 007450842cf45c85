"""Mountains as a height over a plain: ridged noise whose steep parts stay bare of finer detail.

Ridged multifractal after Musgrave (in Ebert et al., "Texturing and Modeling", 1994), damped by
the slope gathered so far, as erosion leaves it.
"""

from __future__ import annotations

import cv2
import numpy as np

from ...noise import Array, F, fbm_tile, rng, wrap_edge

_SIZE = 512  # texels a side of the noise
_FEATURE = 46.0  # texels of one of its waves
_OCTAVES = 8
_TURN = F(0.8), F(0.6)  # cosine and sine of the turn from octave to octave
_RAGGED = 2.06  # how much finer each octave is


class Relief:
    """The heights of one mountain land, any part at any fineness.

    Args:
        wave: length of the largest mountains, in kilometres.
        sharpness: 0 for rolling hills, 1 for knife-edge ridges.
    """

    def __init__(self, seed: int, wave: float, sharpness: float) -> None:
        self._wave, self._sharp = wave, F(sharpness)
        self._tiles = [_noise_with_slopes(rng(seed, 20, k)) for k in range(3)]
        self._corner = rng(seed, 21).uniform(0, _SIZE, (_OCTAVES + 2, 2)).astype(F)

    def heights(self, x: Array, z: Array, spacing: Array) -> Array:
        """Heights at (x, z) km, ``(n, m)`` float32, mostly within 0 and 1.6 of any unit.

        Waves shorter than a few times ``spacing`` (``(n, 1)``, km) are left out.
        """
        out = np.empty_like(x)
        for top in range(0, len(x), 48):  # small enough for the processor's cache
            rows = slice(top, top + 48)
            out[rows] = self._part(x[rows], z[rows], spacing[rows])
        return out

    def _part(self, x: Array, z: Array, spacing: Array) -> Array:
        scale = F(_FEATURE / self._wave)
        u, v = x * scale, z * scale
        bend_u = self._look(8, u * F(0.9), v * F(0.9))[..., 0]
        bend_v = self._look(9, u * F(0.9), v * F(0.9))[..., 0]
        u += bend_u * F(6)
        v += bend_v * F(6)
        total, weight = np.zeros_like(x), np.ones_like(x)
        slope_u, slope_v = np.zeros_like(x), np.zeros_like(x)
        share, wave = 1.0, self._wave
        for k in range(_OCTAVES):
            noise = self._look(k, u, v)
            height = self._profile(noise[..., 0], spacing / F(wave))
            shown = np.clip(F(wave) / spacing * F(0.4) - F(0.6), 0, 1)
            damped = 1 + F(0.25) * (slope_u * slope_u + slope_v * slope_v)
            total += height * (weight * shown * F(share)) / damped
            # valleys are smooth, spurs and gullies belong to what rises high
            weight = np.clip(total * F(1.15), F(0.12), 1)
            slope_u = slope_u + noise[..., 1]
            slope_v = slope_v + noise[..., 2]
            c, s = _TURN
            u, v = (c * u - s * v) * F(_RAGGED), (s * u + c * v) * F(_RAGGED)
            share *= 0.48 if k < 2 else 0.6
            wave /= _RAGGED
        return total

    def _profile(self, noise: Array, coarse: Array) -> Array:
        """Ridges where the noise is zero, rounded off where the sampling is too coarse for them."""
        rounding = F(0.0004) + np.square(coarse * F(7))
        ridge = np.clip(1 - np.sqrt(noise * noise + rounding) * F(0.62), 0, 1)
        ridge *= ridge
        ridge -= F(0.5) + F(0.3) * noise
        ridge *= self._sharp
        ridge += F(0.5) + F(0.3) * noise
        return ridge

    def _look(self, k: int, u: Array, v: Array) -> Array:
        du, dv = self._corner[k]
        u, v = np.mod(u + du, F(_SIZE)), np.mod(v + dv, F(_SIZE))
        return cv2.remap(self._tiles[k % 3], u, v, cv2.INTER_LINEAR)


def _noise_with_slopes(random: np.random.Generator) -> Array:
    """Noise of one wavelength and its slopes: ``(_SIZE + 1, _SIZE + 1, 4)``, the last unused
    (four channels are looked up faster than three)."""
    tile = fbm_tile(_SIZE, 2.0, random, 7, 15)
    along_v, along_u = np.gradient(np.pad(tile, 1, mode="wrap"))
    slopes = (a[1:-1, 1:-1] * F(3.4) for a in (along_u, along_v))
    return wrap_edge(np.ascontiguousarray(np.stack([tile, *slopes, tile], -1), F))

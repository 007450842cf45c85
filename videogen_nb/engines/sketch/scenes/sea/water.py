"""The water: each pixel is a facet that reflects the sky, shows the depth, and glints.

Waves below pixel size blur the reflection: their slopes become the variance of each pixel (Cox
and Munk's sun glitter, 1954). Reflectance is Schlick's approximation (1994) for water. The waves
have a wind spectrum, summed by Fourier transform (Tessendorf, Simulating Ocean Water, 2001:
Phillips' spectrum, deep-water dispersion ω = √(g·k)); those moving away from the viewer are damped.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ...drawing.colour import gradient, linear
from ...drawing.compositing import Scratch, blend, stack3, strips
from ...drawing.noise import Array, F, rng
from .view import CAMERA_M, SeaLook, SeaView

GRAVITY = 9.81
_AGAINST = 0.12  # relative power of waves moving away from the shore


class Waves:
    """One band of wavelengths, periodic over ``length`` metres. Thread-safe.

    Args:
        size: samples per side.
        length: metres per side.
        wind: metres per second; stronger wind makes longer waves.
        slope: standard deviation of the slope along each axis.
        shortest_k: wave numbers below this are left to a coarser band (0 = none).
        spread: how closely waves follow the wind's direction.
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
        # a single complex transform yields slope x + i·slope z
        derive = 1j * kx - kz
        gain = slope * size / np.sqrt(np.mean(np.abs((there + back) * derive) ** 2) / 2)
        self._there = (there * derive * gain).astype(np.complex64)
        self._back = (back * derive * gain).astype(np.complex64)
        self._omega = np.sqrt(GRAVITY * np.hypot(kx, kz)).astype(F)

    def __call__(self, t: float) -> Array:
        """Return the slopes along x and z, ``(size + 1, size + 1, 2)``, with wrapped edges."""
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


_BASE_VARIANCE = 0.0010  # slope variance of ripples finer than every band
_REFLECT_AT_NORMAL = 0.025
_BRIGHTEST_GLINT = 14.0
_WHITECAPS = 0.075  # slope above which a wave breaks, divided by the roughness


class SeaWater:
    """The sea from the horizon to the lower edge, at half width. Thread-safe."""

    def __init__(self, view: SeaView, look: SeaLook, seed: int, rough: float = 1.0) -> None:
        self._view, self._look = view, look
        x, away = view.water_grid()
        metres = away[:, :1]
        self._bands = [_Band(waves, view, x, metres) for waves in _wave_bands(seed, rough)]
        variance = np.full_like(metres, _BASE_VARIANCE)
        for band in self._bands:
            variance += band.unresolved()
        self._spread = np.sqrt(variance) * 0.55
        self._sharpness = 1 / variance
        distance = np.sqrt(x * x + away * away + F(CAMERA_M**2))
        self._glance = np.ascontiguousarray(1 - CAMERA_M / distance, F)
        self._to_sun = _sun_slopes(view, x, away, distance)
        rows, columns = view.water_shape
        self._columns = (np.arange(columns, dtype=F) + 0.5) / 2 - 0.5
        down = np.arange(rows, dtype=F)[:, None] + 0.5
        self._mirror = (F(view.horizon) - down) / 4 - 0.5
        self._body = _body(view, look)
        self._caps = _WHITECAPS * rough if rough > 2 else 0.0
        self._haze = np.exp(-down / F(0.03 * view.height))[..., None] * 0.8

    def __call__(self, t: float, sky: Array, scratch: Scratch) -> tuple[Array, Array]:
        """Return the water and its reflection, both ``(rows, columns, 3)`` in scratch memory.

        ``sky`` is the half-size sky at the same time.
        """
        shape = (*self._view.water_shape, 3)
        water, mirrored = scratch("water", shape), scratch("mirrored", shape)
        # a quarter of the size: waves blur it anyway, and it fits into the CPU cache
        small = cv2.resize(sky, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        cv2.min(small, (3.0,) * 4, dst=small)
        small = cv2.cvtColor(small, cv2.COLOR_RGB2RGBA)  # four channels are sampled faster
        horizon = sky[-2:].mean(0, keepdims=True) * 0.9
        horizon = cv2.GaussianBlur(horizon, (0, 0), self._view.unit / 60)
        slopes = [cv2.split(band.waves(t)) for band in self._bands]
        for rows in strips(*shape[:2]):
            sx, sz = self._slopes(slopes, rows)
            self._mirror_in(mirrored[rows], small, sx, sz, rows)
            part = self._shade(water[rows], mirrored[rows], sx, sz, rows)
            if self._haze[rows].max() > 1e-3:
                part += (horizon - part) * self._haze[rows]
        return water, mirrored

    def _slopes(self, slopes: list[Sequence[Array]], rows: slice) -> tuple[Array, Array]:
        sx, sz = np.zeros((2, rows.stop - rows.start, self._view.half_width), F)
        for band, (along, away) in zip(self._bands, slopes, strict=True):
            if band.seen[rows].max() > 0.01:
                u, v = band.u[rows], np.broadcast_to(band.v[rows], sx.shape).copy()
                for plane, total in ((along, sx), (away, sz)):
                    slope = cv2.remap(plane, u, v, cv2.INTER_LINEAR)
                    slope *= band.seen[rows]
                    cv2.add(total, slope, dst=total)
        return sx, sz

    def _mirror_in(self, out: Array, sky: Array, sx: Array, sz: Array, rows: slice) -> None:
        """Reflect the sky into ``out``; farther water reflects higher parts of it."""
        up = np.abs(sz + self._spread[rows])
        y = cv2.addWeighted(sz, 0.55, up, 0.9, 0)
        y *= F(-0.1375 * self._view.focal)
        y += self._mirror[rows]
        np.clip(y, 0, F(sky.shape[0] - 1.01), out=y)
        x = sx * F(0.105 * self._view.focal)
        x += self._columns
        seen = cv2.remap(sky, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        cv2.cvtColor(seen, cv2.COLOR_RGBA2RGB, dst=out)

    def _shade(self, out: Array, mirrored: Array, sx: Array, sz: Array, rows: slice) -> Array:
        """Combine reflection, depth and glints of some rows in ``out``, and return it."""
        steep = cv2.scaleAdd(sz, 0.75, self._glance[rows])
        np.clip(steep, 0, 0.98, out=steep)
        reflect = cv2.multiply(steep, steep)
        cv2.multiply(reflect, reflect, dst=reflect)
        cv2.multiply(reflect, steep, dst=reflect, scale=1 - _REFLECT_AT_NORMAL)
        reflect += F(_REFLECT_AT_NORMAL)
        cv2.multiply(mirrored, stack3(reflect), dst=out, scale=0.93)
        cv2.add(out, self._through(sz, reflect, rows), dst=out)
        cv2.add(out, self._glints(sx, sz, reflect, rows), dst=out)
        if self._caps:
            self._break(out, sx, sz)
        return out

    def _break(self, out: Array, sx: Array, sz: Array) -> None:
        """Blend in white water where the waves are steepest."""
        white = cv2.scaleAdd(sx, 0.5, sz) - F(self._caps)
        white = np.clip(white * F(2.2 / self._caps), 0, 0.85)
        blend(out, linear(*self._look.foam), white)

    def _through(self, sz: Array, reflect: Array, rows: slice) -> Array:
        """Return the light from below the surface: wave fronts are thin and bright, backs dark."""
        body = np.clip(sz, -0.3, 0.5)
        body *= 2.2
        body += 1
        body *= 1 - reflect
        return cv2.merge([body * row[:, None] for row in self._body[rows].T])

    def _glints(self, sx: Array, sz: Array, reflect: Array, rows: slice) -> Array:
        """Return the glitter of sun or moon: the fraction of slopes mirroring it to the camera."""
        dx = cv2.subtract(sx, self._to_sun[0][rows])
        dz = cv2.subtract(sz, self._to_sun[1][rows])
        glint = cv2.multiply(dx, dx)
        cv2.accumulateSquare(dz, glint)
        sharpness = self._sharpness[rows]
        glint *= sharpness
        glint *= -0.5
        np.maximum(glint, -40, out=glint)
        np.exp(glint, out=glint)
        glint *= sharpness
        glint *= 0.030
        glint *= reflect + 0.25
        np.minimum(glint, F(_BRIGHTEST_GLINT), out=glint)
        return cv2.merge([glint * c for c in linear(*self._look.glint)])


class _Band:
    """One band of waves, and how much of it each row's pixels resolve (``seen``, 0 to 1).

    ``u``, ``(rows, columns)``, and ``v``, ``(rows, 1)``, are the pixels' texels.
    """

    def __init__(self, waves: Waves, view: SeaView, x: Array, away: Array) -> None:
        self.waves = waves
        feature = waves.length / waves.size * 5
        breadth = 2 * away / F(view.focal)
        deep = away * away / F(view.focal * CAMERA_M)
        seen = np.exp(-((np.sqrt(breadth * deep) / F(feature * 0.9)) ** 1.5))
        seen *= np.exp(-((deep / F(feature * 9)) ** 2))
        seen[seen < 1e-4] = 0
        self.seen = np.ascontiguousarray(seen, F)
        per_metre = F(waves.size / waves.length)
        self.u = np.ascontiguousarray(np.mod(x * per_metre, waves.size), F)
        self.v = np.ascontiguousarray(np.mod(away * per_metre, waves.size), F)

    def unresolved(self) -> Array:
        return np.asarray(self.waves.variance / 2 * (1 - self.seen**2), F)


def _wave_bands(seed: int, rough: float) -> list[Waves]:
    return [
        Waves(256, 70.0, 5.2 * max(1.0, rough / 1.5), 0.060 * rough, rng(seed, 100)),
        Waves(256, 15.0, 3.2, 0.060 * rough, rng(seed, 101), 1.2, 1.0),
        Waves(256, 3.4, 2.0, 0.055, rng(seed, 102), 6.0, 0.0),
    ]


def _sun_slopes(view: SeaView, x: Array, away: Array, distance: Array) -> tuple[Array, Array]:
    """Return the slopes along x and z that reflect the sun to the camera."""
    light = np.array(
        [(view.sun_x - view.width / 2) / view.focal, view.sun_up * view.unit / view.focal, 1.0]
    )
    light /= np.linalg.norm(light)
    half_x = light[0] - x / distance
    half_up = light[1] + CAMERA_M / distance
    half_z = light[2] - away / distance
    return np.asarray(-half_x / half_up, F), np.asarray(-half_z / half_up, F)


def _body(view: SeaView, look: SeaLook) -> Array:
    """Return the water's own colour by row, ``(rows, 3)``: deep far out, sandy near the shore."""
    deep, shallow = look.deep, look.shallow
    down = np.linspace(0, 1, view.water_shape[0], dtype=F)
    stops = f"{deep[0]}, {deep[0]} 25%, {shallow[0]} 85%"
    blend = gradient(stops, down)
    strength = np.interp(down, (0.25, 0.85), (deep[1], shallow[1])).astype(F)
    return np.asarray(blend * strength[:, None], F)

"""A ferry with lit decks that crosses the river, and its mirror in the water."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ...noise import Array, F, linear, rng, smoothstep
from .riverview import RiverView

_LONG, _HIGH = 34.0, 11.5  # metres
_FINE = 4


class Ferry:
    """One boat; ``distance`` in metres from the eye."""

    def __init__(self, view: RiverView, distance: float, seed: int) -> None:
        random = rng(seed, 36)
        _, y, scale = view.project(np.zeros(1), np.zeros(1), np.full(1, distance))
        self._y, self._scale, self._width = float(y[0]), float(scale[0]), view.width
        self._light, self._cover = _paint(self._scale, random)
        self._mirror = self._reflect()
        self._right = bool(random.random() < 0.5)
        if not self._right:
            self._light, self._cover = self._light[:, ::-1].copy(), self._cover[:, ::-1].copy()
            self._mirror = self._mirror[:, ::-1].copy()
        self._lap = view.width + 2.0 * self._light.shape[1]
        self._start = random.uniform(0.15, 0.75) * self._lap
        self._speed = random.uniform(4.2, 6.0) * self._scale

    def _reflect(self) -> Array:
        """Drawn out downwards and fading."""
        h = self._light.shape[0]
        flipped = cv2.copyMakeBorder(self._light[::-1], 0, h, 0, 0, cv2.BORDER_CONSTANT)
        long = cv2.blur(flipped, (1, round(h * 0.9) | 1)) * F(1.5) + flipped * F(0.15)
        fade = smoothstep(1.0, 0.1, np.linspace(0, 1, 2 * h))[:, None, None]
        return np.ascontiguousarray(cv2.GaussianBlur(long, (0, 0), 1.0) * fade * 0.55, F)

    def __call__(self, picture: Array, t: float) -> None:
        """Draw it into the whole picture."""
        h, w = self._cover.shape
        x = np.mod(self._start + (self._speed if self._right else -self._speed) * t, self._lap)
        x = float(x) - w * 1.5
        y = self._y + 0.12 * self._scale * math.sin(0.9 * t)
        self._shimmer(picture, x, round(self._y), t)
        self._over(picture, x, y - h)

    def _over(self, picture: Array, x: float, y: float) -> None:
        ix, iy = math.floor(x), math.floor(y)
        h, w = self._cover.shape
        shift = np.array([[1, 0, x - ix], [0, 1, y - iy]])
        size = (w + 1, h + 1)
        light = cv2.warpAffine(self._light, shift, size, flags=cv2.INTER_LINEAR)
        cover = cv2.warpAffine(self._cover, shift, size, flags=cv2.INTER_LINEAR)
        a, b = max(0, -ix), min(w + 1, self._width - ix)
        if b > a:
            part = picture[iy : iy + h + 1, ix + a : ix + b]
            part *= (1 - cover[:, a:b])[..., None]
            part += light[:, a:b]

    def _shimmer(self, picture: Array, x: float, y: int, t: float) -> None:
        h, w = self._mirror.shape[:2]
        h = min(h, picture.shape[0] - y)
        ix = math.floor(x)
        v, u = np.mgrid[0:h, 0:w].astype(F)
        wave = np.sin(v * F(9 / self._scale) - F(5.0 * t)) + np.sin(
            v * F(4.1 / self._scale) - F(3.1 * t)
        )
        u += wave * F(0.35 * self._scale) * np.minimum(v / F(4 * self._scale), 1) - F(x - ix)
        part = cv2.remap(self._mirror, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        a, b = max(0, -ix), min(w, self._width - ix)
        if b > a:
            picture[y : y + h, ix + a : ix + b] += part[:, a:b]


def _paint(scale: float, random: np.random.Generator) -> tuple[Array, Array]:
    """The boat seen from the side, bow to the right: premultiplied light and cover."""
    k = scale * _FINE
    w, h = math.ceil(_LONG * k / _FINE) * _FINE, math.ceil(_HIGH * k / _FINE) * _FINE
    light, cover = np.zeros((h, w, 3), F), np.zeros((h, w), np.uint8)

    def shape(points: list[tuple[float, float]], colour: Array) -> None:
        mask = np.zeros((h, w), np.uint8)
        corner = [(x * k, h - y * k) for x, y in points]
        cv2.fillPoly(mask, [np.round(np.array(corner) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        light[mask > 127] = colour
        np.maximum(cover, mask, out=cover)

    shape([(1, 0), (30, 0), (33.8, 3.2), (0.3, 2.8)], linear("#1b2430") * F(0.35))
    shape([(1.5, 2.8), (30, 2.9), (28.5, 5.6), (2, 5.6)], linear("#5a5148") * F(0.5))
    shape([(4, 5.6), (26, 5.6), (24.5, 8.2), (4.5, 8.2)], linear("#54504c") * F(0.45))
    shape([(18, 8.2), (23, 8.2), (22, 10.2), (18.4, 10.2)], linear("#494a50") * F(0.4))
    shape([(9, 8.2), (9.5, 8.2), (9.4, 11.3), (9.1, 11.3)], linear("#303238") * F(0.4))
    warm = linear(("#ffc46a", "#ffd890", "#ffb050")[int(random.integers(3))])
    for low, high, first, last in ((3.5, 5.1, 2.6, 28.6), (6.2, 7.7, 5.0, 24.4)):
        for x in np.arange(first, last, 1.3):
            shape(
                [(x, low), (x + 0.95, low), (x + 0.95, high), (x, high)],
                warm * F(random.uniform(1.1, 2.4)),
            )
    for x in np.arange(2, 29, 0.9):
        shape([(x, 5.65), (x + 0.3, 5.65), (x + 0.3, 5.95), (x, 5.95)], warm * F(4))
    shape([(9.05, 11.1), (9.45, 11.1), (9.45, 11.4), (9.05, 11.4)], linear("#ff4030") * F(6))
    light *= cover[..., None] > 127
    size = (w // _FINE, h // _FINE)
    light = cv2.resize(light, size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(cover, size, interpolation=cv2.INTER_AREA) / F(255)
    return light, alpha

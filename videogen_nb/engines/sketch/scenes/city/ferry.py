"""A ferry with lit decks that crosses the river, and its mirror in the water."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ...drawing.colour import linear
from ...drawing.noise import Array, F, rng, smoothstep
from ...drawing.sprites import Sheet, Sprite
from .place import Place

_LONG, _HIGH = 34.0, 11.5  # metres
_AWAY = 230.0
#: Hull, two decks, bridge, mast, from the side with the bow to the right: metres, colour, power.
_SHAPES = (
    (((1, 0), (30, 0), (33.8, 3.2), (0.3, 2.8)), "#1b2430", 0.35),
    (((1.5, 2.8), (30, 2.9), (28.5, 5.6), (2, 5.6)), "#5a5148", 0.5),
    (((4, 5.6), (26, 5.6), (24.5, 8.2), (4.5, 8.2)), "#54504c", 0.45),
    (((18, 8.2), (23, 8.2), (22, 10.2), (18.4, 10.2)), "#494a50", 0.4),
    (((9, 8.2), (9.5, 8.2), (9.4, 11.3), (9.1, 11.3)), "#303238", 0.4),
)


class Ferry:
    """One boat and its lights in the water."""

    def __init__(self, place: Place, seed: int) -> None:
        random = rng(seed, 36)
        _, self._y, self._scale = place.lens.project(0.0, 0.0, _AWAY)
        rgba = _drawn(self._scale, random)
        right = bool(random.random() < 0.5)
        if not right:
            rgba = np.ascontiguousarray(rgba[:, ::-1])
        h, w = rgba.shape[:2]
        self._boat, self._mirror = Sprite(rgba, (0.0, float(h))), _mirrored(rgba)
        self._lap, self._width = place.lens.width + 2.0 * w, w
        self._start = random.uniform(0.15, 0.75) * self._lap
        self._speed = random.uniform(4.2, 6.0) * self._scale * (1 if right else -1)

    def over(self, image: Array, t: float) -> None:
        """Draw it as it is at ``t`` into the whole image."""
        x = float(np.mod(self._start + self._speed * t, self._lap)) - self._width * 1.5
        y = float(self._y)
        Sprite(self._shaken(t)).stand(image, x, y)
        self._boat.stand(image, x, y + 0.12 * self._scale * math.sin(0.9 * t))

    def _shaken(self, t: float) -> Array:
        h, w = self._mirror.shape[:2]
        v, u = np.mgrid[0:h, 0:w].astype(F)
        wave = np.sin(v * F(9 / self._scale) - F(5.0 * t))
        wave += np.sin(v * F(4.1 / self._scale) - F(3.1 * t))
        u += wave * F(0.35 * self._scale) * np.minimum(v / F(4 * self._scale), 1)
        return cv2.remap(self._mirror, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def _drawn(scale: float, random: np.random.Generator) -> Array:
    """The boat, ``scale`` pixels a metre: premultiplied RGBA."""
    w, h = math.ceil(_LONG * scale), math.ceil(_HIGH * scale)
    sheet = Sheet(w, h, 4, 6.0)

    def fill(corners: tuple[tuple[float, float], ...], light: Array) -> None:
        sheet.fill([(x * scale, h - y * scale) for x, y in corners], light)

    def pane(x: float, low: float, wide: float, high: float, light: Array) -> None:
        fill(((x, low), (x + wide, low), (x + wide, high), (x, high)), light)

    for corners, colour, power in _SHAPES:
        fill(corners, linear(colour, power))
    warm = linear(("#ffc46a", "#ffd890", "#ffb050")[int(random.integers(3))])
    for low, high, first, last in ((3.5, 5.1, 2.6, 28.6), (6.2, 7.7, 5.0, 24.4)):
        for x in np.arange(first, last, 1.3):
            pane(x, low, 0.95, high, warm * F(random.uniform(1.1, 2.4)))
    for x in np.arange(2, 29, 0.9):
        pane(x, 5.65, 0.3, 5.95, warm * 4)
    pane(9.05, 11.1, 0.4, 11.4, linear("#ff4030", 6))
    return sheet.rgba()


def _mirrored(rgba: Array) -> Array:
    """The boat's light drawn out downwards and fading: it only adds, so its cover is 0."""
    h = len(rgba)
    flipped = cv2.copyMakeBorder(rgba[::-1], 0, h, 0, 0, cv2.BORDER_CONSTANT)
    long = cv2.blur(flipped, (1, round(h * 0.9) | 1)) * 1.5 + flipped * 0.15
    fade = smoothstep(1.0, 0.1, np.linspace(0, 1, 2 * h))[:, None, None]
    mirror = np.ascontiguousarray(cv2.GaussianBlur(long, (0, 0), 1.0) * fade * 0.55, F)
    mirror[..., 3] = 0
    return mirror

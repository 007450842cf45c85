"""Calm, drifting colours of a palette on yuv420p frames."""

from __future__ import annotations

import math
from typing import Final

import av
import cv2
import numpy as np

from ....media.yuv import RGB_TO_YUV709, plane
from ..catalogue import Mood
from ..drawing.noise import Array, F, rng
from ..scenes.abstract.palette import from_oklab, oklab, palette_of

_ROWS: Final = 72  # resolution of the grid; the wash has no finer detail
_PACE: Final = 0.16  # mean speed, in radians per second
_LIGHT_FROM: Final = 0.72  # mean lightness of the palette above which a card is light
#: Lightness of a card's darkest and lightest colour, and the fraction of their chroma kept.
_DARK: Final = (0.25, 0.52, 0.95)
_LIGHT: Final = (0.82, 0.95, 0.60)
_PAPER: Final = (0.955, 0.004, 0.018)  # Oklab colour of the text on dark cards
_INK: Final = 0.27  # lightness of the text on light cards


class Wash:
    """A moving background of one size for a prompt. ``draw`` is thread-safe."""

    def __init__(self, width: int, height: int, mood: Mood, seed: int) -> None:
        lab = oklab(palette_of(mood.prompt).main)
        lightness = float(lab[:, 0].mean())
        if mood.time == "night" or mood.storm:
            lightness = 0.0
        elif mood.noon or mood.snow or mood.mist:
            lightness += 0.12
        self.light = lightness > _LIGHT_FROM
        self._lab = _toned(lab, _LIGHT if self.light else _DARK)
        self.ink = _ink(lab, self.light)
        dice = rng(seed, 61)
        count = 2 * len(lab)
        self._home = dice.uniform((0.0, 0.0), (1.0, 1.0), (count, 2))
        self._phase = dice.uniform(0, math.tau, (count, 2))
        self._pace = _PACE * dice.uniform(0.6, 1.4, (count, 2)) * dice.choice((-1, 1), (count, 2))
        columns = max(8, round(_ROWS * width / height))
        ratio = width / height
        y, x = np.mgrid[0:_ROWS, 0:columns].astype(F)
        self._x, self._y = x / columns * ratio, y / _ROWS
        self._home[:, 0] *= ratio
        self._reach = 0.36 * math.sqrt(ratio)
        corner = np.hypot(self._x / ratio - 0.5, self._y - 0.5)[..., None]
        self._shade = (1 - (0.16 if self.light else 0.36) * corner**2 * 2).astype(F)
        noise = rng(seed, 62).random((height + 32, width + 32), dtype=F)
        self._dither = noise - F(0.5)

    def draw(self, frame: av.VideoFrame, t: float, index: int) -> None:
        """Fill a frame with the colours at ``t`` seconds; ``index`` selects the dither pattern."""
        light = from_oklab(self._mixed(t).reshape(-1, 3)).reshape(*self._x.shape, 3)
        rgb = np.power(light * self._shade, F(1 / 2.2)) * F(255)
        yuv = cv2.transform(rgb.astype(F), RGB_TO_YUV709)
        shift = (index * 7) % 32, (index * 13) % 32
        for k in range(3):
            target = plane(frame, k)
            part = cv2.resize(yuv[..., k], target.shape[::-1], interpolation=cv2.INTER_CUBIC)
            rows, columns = target.shape
            part += self._dither[shift[0] : shift[0] + rows, shift[1] : shift[1] + columns]
            target[:] = np.clip(part + F(0.5), 0, 255).astype(np.uint8)

    def _mixed(self, t: float) -> Array:
        """Return each cell's Oklab colour: a weighted mix dominated by the nearest light."""
        sway = np.sin(self._phase + self._pace * t) * 0.30
        weights = np.empty((len(self._home), *self._x.shape), F)
        for k, (x, y) in enumerate(self._home + sway):
            away = (self._x - F(x)) ** 2 + (self._y - F(y)) ** 2
            weights[k] = np.exp(away * F(-1 / self._reach**2)) + F(1e-4)
        weights /= weights.sum(0)
        colours = np.concatenate([self._lab, self._lab[::-1]]).astype(F)
        mixed: Array = np.tensordot(weights, colours, ((0,), (0,)))
        return mixed


def _toned(lab: Array, tone: tuple[float, float, float]) -> Array:
    """Map colours to a card's lightness range, keeping their order and never making them equal."""
    low, high, chroma = tone
    lab = _warmed(lab) if high < 0.7 else lab
    spread = np.argsort(np.argsort(lab[:, 0])) / max(len(lab) - 1, 1)
    own = np.clip((lab[:, 0] - 0.3) / 0.6, 0, 1)
    lightness = low + (high - low) * (0.6 * spread + 0.4 * own)
    return np.column_stack([lightness, lab[:, 1:] * chroma])


def _warmed(lab: Array) -> Array:
    """Rotate yellow hues towards orange, because dark yellow looks olive."""
    hue, chroma = np.arctan2(lab[:, 2], lab[:, 1]), np.hypot(lab[:, 1], lab[:, 2])
    hue = hue - 0.55 * np.exp(-(((hue - 1.65) / 0.4) ** 2))
    return np.column_stack([lab[:, 0], chroma * np.cos(hue), chroma * np.sin(hue)])


def _ink(lab: Array, light: bool) -> tuple[float, float, float]:
    """Return the text colour as Y, Cb, Cr: dark ink of the palette's hue, or a warm paper white."""
    hue = lab[:, 1:].mean(0) * 0.5
    colour = np.array([[_INK, *hue]] if light else [_PAPER])
    rgb = np.power(from_oklab(colour), 1 / 2.2) * 255
    y, u, v = cv2.transform(rgb.astype(F)[None], RGB_TO_YUV709)[0, 0].tolist()
    return y, u, v

"""Light that drifts slowly over an image that stands still, as through passing clouds."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ..drawing.noise import Array, F, rng

_BLACK, _WHITE = 16, 235  # of luma in limited range
_COARSE = 8  # output pixels for each cell in which the light is worked out
_PATCHES = 3
_TONES = np.clip((np.arange(256) - _BLACK) / (_WHITE - _BLACK), 0, 1)
#: How far a luma value moves under light of strength 1: black and white stay where they are, so
#: that a sun does not turn yellow when its surroundings are dimmed.
_RESPONSE = ((_WHITE - _BLACK) * _TONES * (1 - _TONES**3)).astype(F)


class DriftingLight:
    """Brightens and darkens luma by up to ``amount``, in wide soft patches that wander.

    Safe from several threads.
    """

    def __init__(self, width: int, height: int, amount: float, seed: int) -> None:
        self._amount = amount
        ratio = width / height
        cells = (max(8, height // _COARSE), max(8, width // _COARSE))
        self._x = np.linspace(0, ratio, cells[1], dtype=F)[None]
        self._y = np.linspace(0, 1, cells[0], dtype=F)[:, None]
        dice = rng(seed, 41)
        self._places = dice.uniform((0.1 * ratio, 0.1), (0.9 * ratio, 0.9), (_PATCHES, 2))
        heading = dice.uniform(0, math.tau)
        self._drift = np.array([math.cos(heading), 0.4 * math.sin(heading)]) * 0.075
        self._phases = dice.uniform(0, math.tau, _PATCHES)

    def __call__(self, luma: Array, t: float) -> None:
        """Change ``(height, width)`` uint8 luma in place to how it is lit at ``t`` seconds."""
        light = cv2.resize(self._light(t), luma.shape[::-1], interpolation=cv2.INTER_LINEAR)
        change = cv2.multiply(cv2.LUT(luma, _RESPONSE), light)
        cv2.add(luma, change, dst=luma, dtype=cv2.CV_8U)

    def _light(self, t: float) -> Array:
        light = np.zeros((self._y.size, self._x.size), F)
        for place, phase, side in zip(self._places, self._phases, (1, -1, 1), strict=True):
            x, y = place + self._drift * t + 0.03 * np.sin(0.7 * t + phase)
            away = (self._x - F(x)) ** 2 + (self._y - F(y)) ** 2
            light += F(side * (0.8 + 0.2 * math.sin(0.9 * t + phase))) * np.exp(away * -5.5)
        return F(self._amount) * np.clip(light, -1, 1)

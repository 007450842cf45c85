"""An image seen through a moving camera, as video frames, perhaps in light that drifts over it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np

from ....errors import EngineError
from ....i18n import Text
from ....media.frames import from_rgb, plane, tagged
from ...rendering.encode import Draw, Reel
from ..drawing.noise import Array, F, rng
from ..layers.overlays import Overlay
from .moves import Shot
from .warp import Warp, Zoom, hinged

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


def load(path: Path, width: int, height: int, enough: int) -> Array:
    """The image as ``(h, w, 3)`` uint8 RGB, at its full size or a half or quarter of it.

    ``width`` × ``height`` is its full size; the shorter side of what is given is at least
    ``enough`` where it was, so that 36 megapixels do not cost their full size in memory.

    Raises:
        EngineError: the file is gone or is no image any more.
    """
    spare = min(width, height) // max(enough, 1)
    reduced = cv2.IMREAD_REDUCED_COLOR_2 if spare < 4 else cv2.IMREAD_REDUCED_COLOR_4
    try:
        data = np.fromfile(path, np.uint8)
        bgr = cv2.imdecode(data, cv2.IMREAD_COLOR if spare < 2 else reduced)
    except (OSError, cv2.error):
        bgr = None
    if bgr is None:
        raise EngineError(
            Text(
                "The uploaded image cannot be read any more. Upload it again.",
                "已上传的图片无法读取，请重新上传。",
            )
        )
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB, dst=bgr)


class ImageVideo:
    """The frames of one shot over one image. ``frame(i)`` is safe from several threads.

    ``shot`` is the shot as drawn: a zoom is moved by less than a pixel.
    """

    def __init__(self, rgb: Array, shot: Shot, reel: Reel, seed: int) -> None:
        self.shot, self._reel = shot, reel
        self._light = None
        if shot.light:
            self._light = DriftingLight(reel.width, reel.height, shot.light, seed)
        self._drawing: Zoom | Warp
        if zoom := hinged(shot, reel):
            self.shot, hinge = zoom
            self._drawing = Zoom(rgb, self.shot, reel, hinge)
        else:
            self._drawing = Warp(rgb, shot, reel)

    def frame(self, index: int) -> av.VideoFrame:
        """The tagged yuv420p frame ``index``."""
        u = index / max(self._reel.frames - 1, 1)
        frame = av.VideoFrame(self._reel.width, self._reel.height, "yuv420p")
        self._drawing.draw(frame, u)
        if self._light:
            self._light(plane(frame, 0), u * self.shot.duration_s)
        return tagged(frame)


#: 8-bit values to light and, by the square root, back.
_LIGHT = np.square(np.arange(256, dtype=F) / 255)


class Weathered:
    """Frames with weather over them. ``frame(i)`` is safe from several threads."""

    def __init__(self, draw: Draw, weather: Sequence[Overlay], fps: int) -> None:
        self._draw, self._weather, self._fps = draw, weather, fps

    def frame(self, index: int) -> av.VideoFrame:
        """The tagged yuv420p frame ``index``."""
        image = cv2.LUT(self._draw(index).to_ndarray(format="rgb24"), _LIGHT)
        for overlay in self._weather:
            overlay.draw(image, index / self._fps)
        cv2.sqrt(np.maximum(image, 0, out=image), dst=image)
        return from_rgb(cv2.convertScaleAbs(image, alpha=255))

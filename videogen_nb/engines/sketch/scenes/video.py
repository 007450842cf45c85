"""Scenes as video frames, with weather and colour grading.

Grading converts linear light to the planes of an H.264 frame: tone curve, dither, BT.709 limited
range. The curve is Narkowicz's fit of the ACES reference rendering transform (2015).
"""

from __future__ import annotations

import threading

import av
import cv2
import numpy as np

from ....media.yuv import RGB_TO_YUV709, plane, tagged
from ...rendering.encode import Reel
from ..camera.warp import Viewfinder
from ..catalogue import SCENES, Mood
from ..drawing.noise import Array, F, rng
from ..layers.overlays import overlays
from . import scene_class

_STRIP = 40  # rows processed at a time, so that the data stays in the CPU cache


class Grade:
    """A colour grade that turns scene images of one size into video frames. Thread-safe."""

    def __init__(self, width: int, height: int, seed: int, exposure: float = 1.0) -> None:
        random = rng(seed, 777)
        size = (height + 64, width + 64)
        noise = random.random(size, dtype=F) - random.random(size, dtype=F)
        self._dither = noise * 0.75
        self._offsets = random.integers(0, 64, (997, 2))
        self._width, self._height = width, height
        self._exposure = exposure
        self._local = threading.local()

    def __call__(self, image: Array, index: int) -> av.VideoFrame:
        """Convert ``(height, width, 3)`` linear light to yuv420p; ``index`` picks the dither."""
        frame = av.VideoFrame(self._width, self._height, "yuv420p")
        y_plane, u_plane, v_plane = (plane(frame, k) for k in range(3))
        for y0 in range(0, self._height, _STRIP):
            y1 = min(y0 + _STRIP, self._height)
            yuv = cv2.transform(self._strip(image[y0:y1], index, y0), RGB_TO_YUV709)
            y_plane[y0:y1] = yuv[..., 0]
            uv = cv2.resize(yuv, (self._width // 2, (y1 - y0) // 2), interpolation=cv2.INTER_AREA)
            u_plane[y0 // 2 : y1 // 2] = uv[..., 1]
            v_plane[y0 // 2 : y1 // 2] = uv[..., 2]
        return frame

    def rgb(self, image: Array, index: int) -> Array:
        """Return the graded image as ``(height, width, 3)`` uint8 RGB, for posters and previews."""
        out = np.empty((self._height, self._width, 3), np.uint8)
        for y0 in range(0, self._height, _STRIP):
            y1 = min(y0 + _STRIP, self._height)
            out[y0:y1] = self._strip(image[y0:y1], index, y0)
        return out

    def _strip(self, x: Array, index: int, y0: int) -> Array:
        """Apply exposure, tone curve, square-root gamma and dither; return 8-bit RGB."""
        rows = x.shape[0]
        if not hasattr(self._local, "a"):
            shape = (_STRIP, self._width, 3)
            self._local.a, self._local.b = np.empty(shape, F), np.empty(shape, F)
            self._local.out = np.empty(shape, np.uint8)
        a, b = self._local.a[:rows], self._local.b[:rows]
        e = 0.62 * self._exposure
        cv2.multiply(x, x, dst=a)
        cv2.addWeighted(a, 2.43 * e * e, x, 0.59 * e, 0.14, dst=b)
        cv2.addWeighted(a, 2.51 * e * e, x, 0.03 * e, 0, dst=a)
        cv2.divide(a, b, dst=a)
        cv2.sqrt(a, dst=a)
        oy, ox = self._offsets[index % len(self._offsets)]
        d = self._dither[oy + y0 : oy + y0 + rows, ox : ox + self._width]
        cv2.merge([d, d, d], dst=b)
        cv2.scaleAdd(a, 255.0, b, dst=a)
        np.maximum(a, 0, out=a)
        return cv2.convertScaleAbs(a, dst=self._local.out[:rows])


class SceneVideo:
    """The frames of one scene. ``frame(i)`` is thread-safe.

    Args:
        move: a camera move, or None for a static camera.

    Raises:
        KeyError: there is no scene or no move of this name.
    """

    def __init__(
        self, name: str, mood: Mood, reel: Reel, seed: int, move: str | None = None
    ) -> None:
        size = (reel.width, reel.height)
        self._fps = reel.fps
        self._finder = Viewfinder(move, reel, seed) if move else None
        drawn = self._finder.size if self._finder else size
        self._scene = scene = scene_class(name)(*drawn, seed, mood)
        self._grade = Grade(*size, seed, scene.exposure)
        if self._finder:
            grade = Grade(*drawn, seed, scene.exposure)
            self._finder.learn_depth(lambda: grade.rgb(scene.frame(0.0), 0))
        self._overlays = overlays(mood, *size, seed, SCENES[name].understands)

    def frame(self, index: int) -> av.VideoFrame:
        """Return the tagged yuv420p frame ``index``."""
        t = index / self._fps
        image = self._scene.frame(t)
        if self._finder:
            image = self._finder.see(image, index)
        for overlay in self._overlays:
            overlay.draw(image, t)
        return tagged(self._grade(image, index))

"""Frames of an image seen by a moving camera, with drifting light or a transition to another."""

from __future__ import annotations

from collections.abc import Sequence

import av
import cv2
import numpy as np

from ....media.yuv import from_rgb, plane, tagged
from ...rendering.encode import Draw, Reel
from ..drawing.compositing import grid
from ..drawing.noise import Array, F, ScrollingTile, fbm_tile, rng, smoothstep
from ..layers.overlays import Overlay
from .moves import Shot
from .warp import Warp

_BLACK, _WHITE = 16, 235  # luma in limited range
_COARSE = 8  # output pixels per cell of the grid on which the light is computed
_TONES = np.clip((np.arange(256) - _BLACK) / (_WHITE - _BLACK), 0, 1)
#: Change of each luma value under light of strength 1: black and white are unchanged, so that a
#: sun does not turn yellow when its surroundings are dimmed.
_RESPONSE = ((_WHITE - _BLACK) * _TONES * (1 - _TONES**3)).astype(F)


class DriftingLight:
    """Light that brightens and darkens luma by up to ``amount``, in large soft drifting patches.

    Thread-safe.
    """

    def __init__(self, width: int, height: int, amount: float, seed: int) -> None:
        self._amount = amount
        x, y = grid(max(8, height // _COARSE), max(8, width // _COARSE), 70 * _COARSE / height)
        u, v = np.broadcast_arrays(x, y)
        self._patches = ScrollingTile(fbm_tile(128, 3.0, rng(seed, 41), 1, 4), u, v)

    def __call__(self, luma: Array, t: float) -> None:
        """Light ``(height, width)`` uint8 luma in place, as at ``t`` seconds."""
        patches = self._patches(5.0 * t, 2.0 * t)
        light = cv2.resize(F(self._amount) * np.clip(patches * 0.8, -1, 1), luma.shape[::-1])
        change = cv2.multiply(cv2.LUT(luma, _RESPONSE), light)
        cv2.add(luma, change, dst=luma, dtype=cv2.CV_8U)


class ImageVideo:
    """The frames of one shot over one image. ``frame(i)`` is thread-safe."""

    def __init__(self, rgb: Array, shot: Shot, reel: Reel, seed: int) -> None:
        self._seconds, self._reel = shot.duration_s, reel
        self._light = None
        if shot.light:
            self._light = DriftingLight(reel.width, reel.height, shot.light, seed)
        self._warp = Warp(rgb, shot, reel)

    def frame(self, index: int) -> av.VideoFrame:
        """Return the tagged yuv420p frame ``index``."""
        u = index / max(self._reel.frames - 1, 1)
        frame = av.VideoFrame(self._reel.width, self._reel.height, "yuv420p")
        self._warp.draw(frame, u)
        if self._light:
            self._light(plane(frame, 0), u * self._seconds)
        return tagged(frame)


#: 8-bit values converted to light; the square root converts back.
_LIGHT = np.square(np.arange(256, dtype=F) / 255)


class Weathered:
    """Frames with weather drawn over them. ``frame(i)`` is thread-safe."""

    def __init__(self, draw: Draw, weather: Sequence[Overlay], fps: int) -> None:
        self._draw, self._weather, self._fps = draw, weather, fps

    def frame(self, index: int) -> av.VideoFrame:
        """Return the tagged yuv420p frame ``index``."""
        image = cv2.LUT(self._draw(index).to_ndarray(format="rgb24"), _LIGHT)
        for overlay in self._weather:
            overlay.draw(image, index / self._fps)
        cv2.sqrt(np.maximum(image, 0, out=image), dst=image)
        return from_rgb(cv2.convertScaleAbs(image, alpha=255))


_BEGINS = 0.16  # start and end of the transition, as fractions of the video
_ENDS = 0.84
_SOFT = 0.55  # how long each pixel takes, as a fraction of the transition


class Dissolve:
    """The frames of a transition from ``first`` to ``last``. ``frame(i)`` is thread-safe.

    Each pixel changes at its own time, set by soft noise and by how bright it becomes, so that
    bright areas appear first; a plain cross-fade would show both images everywhere.
    """

    def __init__(self, first: Draw, last: Draw, reel: Reel, seed: int) -> None:
        self._first, self._last, self._reel = first, last, reel
        self._when = _moments(plane(last(reel.frames - 1), 0), seed)
        half = (reel.width // 2, reel.height // 2)
        self._when_chroma = cv2.resize(self._when, half, interpolation=cv2.INTER_AREA)

    def frame(self, index: int) -> av.VideoFrame:
        """Return the tagged yuv420p frame ``index``."""
        u = index / max(self._reel.frames - 1, 1)
        if u <= _BEGINS and self._reel.frames > 1:
            return self._first(index)
        if u >= _ENDS:
            return self._last(index)
        return self._between(index, (u - _BEGINS) / (_ENDS - _BEGINS))

    def _between(self, index: int, progress: float) -> av.VideoFrame:
        one, other = self._first(index), self._last(index)
        frame = av.VideoFrame(self._reel.width, self._reel.height, "yuv420p")
        for part, when in enumerate((self._when, self._when_chroma, self._when_chroma)):
            weight = smoothstep(0, _SOFT, F(progress) - when * F(1 - _SOFT)).astype(F)
            plane(frame, part)[:] = cv2.blendLinear(
                np.ascontiguousarray(plane(one, part)),
                np.ascontiguousarray(plane(other, part)),
                1 - weight,
                weight,
            )
        return tagged(frame)


def _moments(luma: Array, seed: int) -> Array:
    """Return when each pixel starts to change, 0 to 1: ``(height, width)`` float32."""
    height, width = luma.shape
    tile = fbm_tile(128, 2.6, rng(seed, 57), highest=6)
    rows = round(128 * min(1.0, height / width))
    noise = cv2.resize(tile[:rows], (width, height), interpolation=cv2.INTER_CUBIC)
    bright = cv2.GaussianBlur(luma, (0, 0), width / 40).astype(F) / 255
    when = noise * F(0.22) - bright
    low, high = np.percentile(when, (2, 98))
    return np.clip((when - low) / max(float(high - low), 1e-6), 0, 1).astype(F)

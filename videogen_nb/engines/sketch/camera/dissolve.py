"""From one image to another: the camera moves on while the second grows out of the first.

The first frame is the first image and the last frame the last one. Between them each place changes
at a moment of its own, given by soft noise and by how bright it becomes, so that light comes first;
a plain cross-fade would show both images everywhere at once.
"""

from __future__ import annotations

from typing import Final

import av
import cv2
import numpy as np

from ....media.frames import plane, tagged
from ...rendering.encode import Draw, Reel
from ..drawing.noise import Array, F, fbm_tile, rng, smoothstep

_BEGINS: Final = 0.16  # shares of the video during which nothing of the other image is seen
_ENDS: Final = 0.84
_SOFT: Final = 0.55  # how long each place takes, as a share of the change


class Dissolve:
    """The frames from ``first`` to ``last``. ``frame(i)`` is safe from several threads."""

    def __init__(self, first: Draw, last: Draw, reel: Reel, seed: int) -> None:
        self._first, self._last, self._reel = first, last, reel
        self._when = _moments(plane(last(reel.frames - 1), 0), seed)
        half = (reel.width // 2, reel.height // 2)
        self._when_chroma = cv2.resize(self._when, half, interpolation=cv2.INTER_AREA)

    def frame(self, index: int) -> av.VideoFrame:
        """The tagged yuv420p frame ``index``."""
        u = index / max(self._reel.frames - 1, 1)
        if u <= _BEGINS and self._reel.frames > 1:
            return self._first(index)
        if u >= _ENDS:
            return self._last(index)
        return self._between(index, (u - _BEGINS) / (_ENDS - _BEGINS))

    def _between(self, index: int, share: float) -> av.VideoFrame:
        one, other = self._first(index), self._last(index)
        frame = av.VideoFrame(self._reel.width, self._reel.height, "yuv420p")
        for part, when in enumerate((self._when, self._when_chroma, self._when_chroma)):
            weight = smoothstep(0, _SOFT, F(share) - when * F(1 - _SOFT)).astype(F)
            plane(frame, part)[:] = cv2.blendLinear(
                np.ascontiguousarray(plane(one, part)),
                np.ascontiguousarray(plane(other, part)),
                1 - weight,
                weight,
            )
        return tagged(frame)


def _moments(luma: Array, seed: int) -> Array:
    """When each place begins to change, from 0 to 1: ``(height, width)`` float32."""
    height, width = luma.shape
    tile = fbm_tile(128, 2.6, rng(seed, 57), highest=6)
    rows = round(128 * min(1.0, height / width))
    noise = cv2.resize(tile[:rows], (width, height), interpolation=cv2.INTER_CUBIC)
    bright = cv2.GaussianBlur(luma, (0, 0), width / 40).astype(F) / 255
    when = noise * F(0.22) - bright
    low, high = np.percentile(when, (2, 98))
    return np.clip((when - low) / max(float(high - low), 1e-6), 0, 1).astype(F)

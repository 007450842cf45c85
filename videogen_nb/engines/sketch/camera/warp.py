"""Drawing any shot over a flat image, and one with depth."""

from __future__ import annotations

import av
import cv2
import numpy as np

from ...rendering.encode import Reel
from ..drawing.noise import Array, F
from .depth import depth
from .moves import Shot
from .planes import Planes, sampling

_MIDDLE = 0.45  # the depth that parallax leaves in its place


class Warp:
    """Draws any shot over a flat image. Safe from several threads."""

    def __init__(self, rgb: Array, shot: Shot, reel: Reel) -> None:
        self._shot = shot
        self._planes = Planes(rgb, shot, reel)

    def draw(self, frame: av.VideoFrame, u: float) -> None:
        """Fill a yuv420p frame with the image as seen at ``u`` from 0 to 1."""
        view = self._shot.view(u)
        for layer in self._planes:
            target = layer.target(frame)
            cv2.warpAffine(
                layer.source,
                layer.matrix(view),
                layer.size,
                dst=target,
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            )
            layer.store(target, frame)


class Parallax:
    """Draws a shot so that near things shift against far ones. Views must not roll.

    Depth is taken as the middle view sees it: it is soft, and the view moves little. Safe from
    several threads.
    """

    def __init__(self, rgb: Array, shot: Shot, reel: Reel) -> None:
        self._shot = shot
        self._planes = Planes(rgb, shot, reel)
        guess = depth(rgb) - F(_MIDDLE)
        scale = (guess.shape[1] / rgb.shape[1], guess.shape[0] / rgb.shape[0])
        self._ramps: dict[tuple[int, int], tuple[Array, Array, Array]] = {}
        for w, h in (layer.size for layer in self._planes):
            x, y = np.meshgrid(np.arange(w, dtype=F), np.arange(h, dtype=F))
            near = cv2.warpAffine(
                guess,
                sampling(shot.view(0.5), (w, h), scale),
                (w, h),
                flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            )
            self._ramps[w, h] = (x, y, near)

    def draw(self, frame: av.VideoFrame, u: float) -> None:
        """Fill a yuv420p frame with the image as seen at ``u`` from 0 to 1."""
        view = self._shot.view(u)
        sideways, up = self._shot.orbit(u)
        for layer in self._planes:
            x, y, near = self._ramps[layer.size]
            (step_x, _, at_x), (_, step_y, at_y) = layer.matrix(view)
            shift = self._shot.parallax * layer.size[0]
            target = layer.target(frame)
            cv2.remap(
                layer.source,
                cv2.addWeighted(x, step_x, near, sideways * shift * step_x, at_x),
                cv2.addWeighted(y, step_y, near, 0.5 * up * shift * step_y, at_y),
                cv2.INTER_LINEAR,
                dst=target,
                borderMode=cv2.BORDER_REPLICATE,
            )
            layer.store(target, frame)

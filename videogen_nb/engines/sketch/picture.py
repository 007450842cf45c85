"""A picture seen through a moving camera, as video frames."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np

from ...errors import EngineError
from ...i18n import Text
from .camera import Shot
from .depth import depth
from .encode import Reel, tagged
from .grade import plane
from .light import DriftingLight
from .noise import Array, F
from .planes import Planes, sampling

_MIDDLE = 0.45  # the depth that parallax leaves in its place


def load(path: Path, width: int, height: int, enough: int) -> Array:
    """The picture as ``(h, w, 3)`` uint8 RGB, at its full size or a half or quarter of it.

    ``width`` × ``height`` is its full size; the shorter side of what is given is at least
    ``enough`` where it was, so that 36 megapixels do not cost their full size in memory.

    Raises:
        EngineError: the file is gone or is no picture any more.
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
                "The uploaded picture cannot be read any more. Upload it again.",
                "已上传的图片无法读取，请重新上传。",
            )
        )
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB, dst=bgr)


class PictureFilm:
    """The frames of one shot over one picture. ``frame(i)`` is safe from several threads."""

    def __init__(self, rgb: Array, shot: Shot, reel: Reel, seed: int) -> None:
        self._shot, self._reel = shot, reel
        self._planes = Planes(rgb, shot, reel)
        self._light = None
        if shot.light:
            self._light = DriftingLight(reel.width, reel.height, shot.light, seed)
        self._parallax = Parallax(rgb, shot, self._planes) if shot.parallax else None

    def frame(self, index: int) -> av.VideoFrame:
        """The tagged yuv420p frame ``index``."""
        u = index / max(self._reel.frames - 1, 1)
        frame = av.VideoFrame(self._reel.width, self._reel.height, "yuv420p")
        if self._parallax:
            self._parallax.draw(frame, u)
        else:
            self._draw_flat(frame, u)
        if self._light:
            self._light(plane(frame, 0), u * self._shot.duration_s)
        return tagged(frame)

    def _draw_flat(self, frame: av.VideoFrame, u: float) -> None:
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

    Depth is taken as the middle view sees it: it is soft, and the view moves little.
    """

    def __init__(self, rgb: Array, shot: Shot, planes: Planes) -> None:
        self._shot, self._planes = shot, planes
        guess = depth(rgb) - F(_MIDDLE)
        scale = (guess.shape[1] / rgb.shape[1], guess.shape[0] / rgb.shape[0])
        self._ramps: dict[tuple[int, int], tuple[Array, Array, Array]] = {}
        for w, h in (layer.size for layer in planes):
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
        """Fill a yuv420p frame with the picture as seen at ``u`` from 0 to 1."""
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

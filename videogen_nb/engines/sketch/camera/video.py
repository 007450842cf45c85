"""An image seen through a moving camera, as video frames."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np

from ....errors import EngineError
from ....i18n import Text
from ...rendering.encode import Reel
from ...rendering.frames import plane, tagged
from ..drawing.noise import Array
from .drifting_light import DriftingLight
from .moves import Shot
from .warp import Parallax, Warp
from .zoom import Zoom, hinged


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
        self._drawing: Zoom | Parallax | Warp
        if zoom := hinged(shot, reel):
            self.shot, hinge = zoom
            self._drawing = Zoom(rgb, self.shot, reel, hinge)
        else:
            self._drawing = (Parallax if shot.parallax else Warp)(rgb, shot, reel)

    def frame(self, index: int) -> av.VideoFrame:
        """The tagged yuv420p frame ``index``."""
        u = index / max(self._reel.frames - 1, 1)
        frame = av.VideoFrame(self._reel.width, self._reel.height, "yuv420p")
        self._drawing.draw(frame, u)
        if self._light:
            self._light(plane(frame, 0), u * self.shot.duration_s)
        return tagged(frame)

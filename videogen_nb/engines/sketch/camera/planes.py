"""An image's BT.709 planes, cropped to what a shot sees, at the resolution of its closest view.

The planes are created once and then warped, which is half the work of warping RGB, without any
conversion per frame. Luma is enlarged twice, so that linear sampling neither blurs the image nor
makes its sharpness vary with the position; detail finer than a pixel is averaged first to avoid
shimmer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import av
import cv2
import numpy as np

from ....media.yuv import RGB_TO_YUV709, plane
from ...rendering.encode import Reel
from ..drawing.noise import Array
from .moves import Shot, View

_VIEWS = 97  # a shot is smooth: so many instants tell what it sees
_SHIMMERS = 0.8  # video pixels for an image's: below that, its detail is too fine for the video
_FILTER_ROOM = 4  # pixels around the views that filters reach for


@dataclass(frozen=True, slots=True)
class Layer:
    """What is sampled together: luma, or both chroma planes, from one source.

    Chroma's source is ``(h, w, 4)`` uint8 with Cb and Cr in the first two channels: OpenCV samples
    four channels in a third of the time it needs for two.
    """

    source: Array
    size: tuple[int, int]  # of the output, in pixels
    scale: tuple[float, float]  # source pixels for an image's pixel, along x and y
    origin: tuple[float, float]  # the source's upper left corner in the image

    def matrix(self, view: View) -> Array:
        """2×3 float64: output pixel → source pixel, pixel centres at whole numbers."""
        return sampling(view, self.size, self.scale, self.origin)

    def target(self, frame: av.VideoFrame) -> Array:
        """Return the array to sample into: the frame's luma, or one that ``store`` splits."""
        if self.source.ndim == 2:
            return plane(frame, 0)
        return np.empty((self.size[1], self.size[0], 4), np.uint8)

    def store(self, sampled: Array, frame: av.VideoFrame) -> None:
        """Put what was sampled where it belongs in the frame."""
        if sampled.ndim == 3:
            cv2.mixChannels([sampled], [plane(frame, 1), plane(frame, 2)], [0, 0, 1, 1])


def planes(rgb: Array, shot: Shot, reel: Reel) -> tuple[Layer, Layer]:
    """The layers of one image for one shot: luma, then chroma."""
    views = [shot.view(i / (_VIEWS - 1)) for i in range(_VIEWS)]
    x0, y0, x1, y1 = _part_seen(views, shot, reel, rgb)
    fine = reel.width / min(view.width for view in views)
    across, down = math.ceil((x1 - x0) * fine), math.ceil((y1 - y0) * fine)
    luma, chroma = _to_planes(rgb[y0:y1, x0:x1], (across, down), fine < _SHIMMERS)
    sx, sy = across / (x1 - x0), down / (y1 - y0)
    return (
        Layer(luma, (reel.width, reel.height), (2 * sx, 2 * sy), (x0, y0)),
        Layer(chroma, (reel.width // 2, reel.height // 2), (sx, sy), (x0, y0)),
    )


def sampling(
    view: View,
    size: tuple[int, int],
    scale: tuple[float, float],
    origin: tuple[float, float] = (0, 0),
) -> Array:
    """The matrix from pixels of an output of ``size`` to those of a scaled, cut image."""
    step = view.width / size[0]
    cos, sin = step * math.cos(view.roll), step * math.sin(view.roll)
    middle_x, middle_y = size[0] / 2 - 0.5, size[1] / 2 - 0.5
    x = view.x - origin[0] - cos * middle_x + sin * middle_y
    y = view.y - origin[1] - sin * middle_x - cos * middle_y
    return np.array([[cos, -sin, x], [sin, cos, y]]) * np.transpose([scale]) - [0, 0, 0.5]


def bounds(view: View, ratio: float) -> tuple[float, float, float, float]:
    """The upright box around a view in image pixels: left, top, right, bottom."""
    w, h = view.width / 2, view.width / ratio / 2
    cos, sin = abs(math.cos(view.roll)), abs(math.sin(view.roll))
    half_w, half_h = w * cos + h * sin, w * sin + h * cos
    return view.x - half_w, view.y - half_h, view.x + half_w, view.y + half_h


def _part_seen(views: list[View], shot: Shot, reel: Reel, rgb: Array) -> tuple[int, int, int, int]:
    room = _FILTER_ROOM + (shot.parallax + shot.yaw) * max(view.width for view in views)
    boxes = np.array([bounds(view, reel.width / reel.height) for view in views])
    x0, y0 = np.floor(boxes[:, :2].min(axis=0) - room).astype(int)
    x1, y1 = np.ceil(boxes[:, 2:].max(axis=0) + room).astype(int)
    return max(x0, 0), max(y0, 0), min(x1, rgb.shape[1]), min(y1, rgb.shape[0])


def _to_planes(part: Array, size: tuple[int, int], reduced: bool) -> tuple[Array, Array]:
    """Luma at twice ``size``, chroma at ``size``; a part larger than that is ``reduced`` first.

    Lanczos, since OpenCV's cubic filter is uneven enough between phases to shake a smooth move by
    two hundredths of a pixel.
    """
    if reduced:
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    luma, *chroma = cv2.split(cv2.transform(part, RGB_TO_YUV709))
    luma = cv2.resize(luma, (2 * size[0], 2 * size[1]), interpolation=cv2.INTER_LANCZOS4)
    cb, cr = (cv2.resize(c, size, interpolation=cv2.INTER_LINEAR) for c in chroma)
    return luma, cv2.merge([cb, cr, cb, cr])

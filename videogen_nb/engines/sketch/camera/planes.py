"""An image's BT.709 planes, cropped to what a shot sees, at the resolution of its closest view.

The planes are created once and then warped, which costs half as much as warping RGB and needs no
conversion per frame. Luma is enlarged twofold, so that linear sampling neither blurs the image
nor makes its sharpness vary with the position; detail finer than a pixel is averaged first to
avoid shimmer.
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

_VIEWS = 97  # samples of a shot; it is smooth, so these cover all that it sees
_SHIMMERS = 0.8  # video pixels per image pixel; below this, image detail is too fine for the video
_FILTER_ROOM = 4  # pixels of margin around the views for filter kernels


@dataclass(frozen=True, slots=True)
class Layer:
    """Planes that are sampled together: luma, or both chroma planes, from one source.

    The chroma source is ``(h, w, 4)`` uint8 with Cb and Cr in the first two channels: OpenCV
    samples four channels in a third of the time it needs for two.
    """

    source: Array
    size: tuple[int, int]  # of the output, in pixels
    scale: tuple[float, float]  # source pixels per image pixel, along x and y
    origin: tuple[float, float]  # the source's upper left corner in the image, in pixels

    def matrix(self, view: View) -> Array:
        """Return the 2×3 float64 matrix from output to source pixels, centres at whole numbers."""
        return sampling(view, self.size, self.scale, self.origin)

    def target(self, frame: av.VideoFrame) -> Array:
        """Return the array to sample into: the frame's luma, or one that ``store`` splits."""
        if self.source.ndim == 2:
            return plane(frame, 0)
        return np.empty((self.size[1], self.size[0], 4), np.uint8)

    def store(self, sampled: Array, frame: av.VideoFrame) -> None:
        """Copy sampled chroma into the frame's planes; luma is already in place."""
        if sampled.ndim == 3:
            cv2.mixChannels([sampled], [plane(frame, 1), plane(frame, 2)], [0, 0, 1, 1])


def planes(rgb: Array, shot: Shot, reel: Reel) -> tuple[Layer, Layer]:
    """Build the layers of one image for one shot: luma, then chroma."""
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
    """Return the matrix from output pixels (``size``) to pixels of a scaled, cropped image."""
    step = view.width / size[0]
    cos, sin = step * math.cos(view.roll), step * math.sin(view.roll)
    middle_x, middle_y = size[0] / 2 - 0.5, size[1] / 2 - 0.5
    x = view.x - origin[0] - cos * middle_x + sin * middle_y
    y = view.y - origin[1] - sin * middle_x - cos * middle_y
    return np.array([[cos, -sin, x], [sin, cos, y]]) * np.transpose([scale]) - [0, 0, 0.5]


def bounds(view: View, ratio: float) -> tuple[float, float, float, float]:
    """Return a view's axis-aligned bounding box in image pixels: left, top, right, bottom."""
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
    """Return luma at twice ``size`` and chroma at ``size``; a larger part is ``reduced`` first.

    Lanczos is used because OpenCV's cubic filter varies enough between phases to shake a smooth
    move by two hundredths of a pixel.
    """
    if reduced:
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    luma, *chroma = cv2.split(cv2.transform(part, RGB_TO_YUV709))
    luma = cv2.resize(luma, (2 * size[0], 2 * size[1]), interpolation=cv2.INTER_LANCZOS4)
    cb, cr = (cv2.resize(c, size, interpolation=cv2.INTER_LINEAR) for c in chroma)
    return luma, cv2.merge([cb, cr, cb, cr])

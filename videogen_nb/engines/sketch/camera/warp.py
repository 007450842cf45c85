"""Drawing a shot over an image: any shot, and zooms in half the time.

A shot that only zooms keeps one point of the image at one place of the frame: its hinge. Cut there,
each quarter of the frame shows a quarter of the image that starts at the hinge and only grows, and
that is what OpenCV's ``resize`` does, with any real factor, twice as fast as ``warpAffine`` and
with the same linear sampling. Quarters to the left and above are kept mirrored, so that they too
start at the hinge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import av
import cv2
import numpy as np

from ....media.frames import plane
from ...rendering.encode import Reel
from ..drawing.noise import Array, F
from .depth import depth
from .moves import Shot
from .planes import Layer, Planes, sampling

_MIDDLE = 0.45  # the depth that parallax leaves in its place


class Arc:
    """Where each pixel of a frame looks while the camera orbits. Views must not roll.

    Near things shift against far ones, and the side that the camera goes to comes nearer, as a
    plane does: what is straight on it stays straight. Depth is taken as the middle view sees it: it
    is soft, and the view moves little.
    """

    def __init__(self, rgb: Array, shot: Shot, size: tuple[int, int]) -> None:
        w, h = size
        self._shot, self._width = shot, w
        self._x, self._y = (np.arange(n, dtype=F) - F((n - 1) / 2) for n in size)
        guess = depth(rgb) - F(_MIDDLE)
        scale = (guess.shape[1] / rgb.shape[1], guess.shape[0] / rgb.shape[0])
        self._near = cv2.warpAffine(
            guess,
            sampling(shot.view(0.5), (w, h), scale),
            (w, h),
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )

    def maps(self, matrix: Array, u: float) -> tuple[Array, Array]:
        """Columns and rows of the source at ``u`` from 0 to 1, for ``cv2.remap``."""
        (step_x, _, at_x), (_, step_y, at_y) = matrix
        sideways, up = self._shot.orbit(u)
        shift = self._shot.parallax * self._width
        smaller = 1 / (1 + F(2 * self._shot.yaw * sideways / self._width) * self._x)
        x = self._x * smaller * F(step_x) + F(at_x + step_x * len(self._x) / 2 - step_x / 2)
        y = np.outer(self._y * F(step_y), smaller)
        y += F(at_y + step_y * (len(self._y) - 1) / 2)
        return (
            cv2.scaleAdd(self._near, sideways * shift * step_x, np.broadcast_to(x, y.shape).copy()),
            cv2.scaleAdd(self._near, 0.5 * up * shift * step_y, y),
        )


def sample(
    source: Array,
    matrix: Array,
    size: tuple[int, int],
    arc: Arc | None,
    u: float,
    dst: Array | None = None,
) -> Array:
    """What a camera sees of ``source`` at ``u``: by ``matrix`` alone, or along an arc."""
    edge = cv2.BORDER_REPLICATE
    if arc:
        maps = arc.maps(matrix, u)
        return cv2.remap(source, *maps, cv2.INTER_LINEAR, dst=dst, borderMode=edge)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(source, matrix, size, dst=dst, flags=flags, borderMode=edge)


class Warp:
    """Draws any shot over an image. Safe from several threads."""

    def __init__(self, rgb: Array, shot: Shot, reel: Reel) -> None:
        self._shot = shot
        self._layers = [
            (layer, Arc(rgb, shot, layer.size) if shot.yaw else None)
            for layer in Planes(rgb, shot, reel)
        ]

    def draw(self, frame: av.VideoFrame, u: float) -> None:
        """Fill a yuv420p frame with the image as seen at ``u`` from 0 to 1."""
        view = self._shot.view(u)
        for layer, arc in self._layers:
            target = layer.target(frame)
            sample(layer.source, layer.matrix(view), layer.size, arc, u, target)
            layer.store(target, frame)


_MIRROR = {(1, 0): 1, (0, 1): 0, (1, 1): -1}  # (left, above) → OpenCV's flip code


@dataclass(frozen=True, slots=True)
class Hinge:
    """The point of a zoom that stays where it is: in the image, and in the frame (even px)."""

    image: tuple[float, float]
    frame: tuple[int, int]


def hinged(shot: Shot, reel: Reel) -> tuple[Shot, Hinge] | None:
    """The shot, moved by less than a pixel so that its hinge falls between pixels, and the hinge.

    None where the shot does more than zoom, or its hinge is out of sight (then it is a pan).
    """
    a, b = shot.start, shot.end
    if shot.sway or shot.yaw or abs(a.width - b.width) < 1e-3 * a.width:
        return None
    tall = reel.height / reel.width
    across = (b.x - a.x) / (a.width - b.width)  # from the frame's middle, in its widths
    down = (b.y - a.y) / (a.width - b.width) / tall
    if max(abs(across), abs(down)) > 0.5 + 1e-6:
        return None
    frame = (_even((across + 0.5) * reel.width), _even((down + 0.5) * reel.height))
    across, down = frame[0] / reel.width - 0.5, (frame[1] / reel.height - 0.5) * tall
    x, y = a.x + across * a.width, a.y + down * a.width
    end = replace(b, x=x - across * b.width, y=y - down * b.width)
    return replace(shot, end=end), Hinge((x, y), frame)


def _even(x: float) -> int:
    return 2 * round(x / 2)


class Zoom:
    """Draws a shot with a hinge. Safe from several threads."""

    def __init__(self, rgb: Array, shot: Shot, reel: Reel, hinge: Hinge) -> None:
        self._shot = shot
        self._quarters: list[_Quarter] = []
        for layer in Planes(rgb, shot, reel, anchor=hinge.image):
            share = reel.width // layer.size[0]  # 1 for luma, 2 for chroma
            cut = (hinge.frame[0] // share, hinge.frame[1] // share)
            planes = [layer.source] if share == 1 else cv2.split(layer.source)[:2]
            for index, source in enumerate(planes, start=share - 1):
                self._quarters += _quarters(index, source, layer, hinge, cut)

    def draw(self, frame: av.VideoFrame, u: float) -> None:
        """Fill a yuv420p frame with the image as seen at ``u`` from 0 to 1."""
        width = self._shot.view(u).width
        for quarter in self._quarters:
            quarter.draw(frame, width)


@dataclass(frozen=True, slots=True)
class _Quarter:
    """A part of one plane on one side of the hinge, mirrored so that it starts there."""

    index: int  # 0, 1, 2: Y, Cb, Cr
    source: Array
    layer: Layer
    rows: slice  # where it goes in the plane
    columns: slice
    mirror: int | None

    def draw(self, frame: av.VideoFrame, width: float) -> None:
        """Fill its part of a frame that shows ``width`` pixels of the image."""
        target = plane(frame, self.index)[self.rows, self.columns]
        h, w = target.shape
        ax, ay = (width / self.layer.size[0] * scale for scale in self.layer.scale)
        seen = self.source[: round(h * ay), : round(w * ax)]
        drawn = cv2.resize(seen, None, fx=1 / ax, fy=1 / ay, interpolation=cv2.INTER_LINEAR)
        if self.mirror is None:
            target[:] = drawn
        else:
            cv2.flip(drawn, self.mirror, dst=target)


def _quarters(
    index: int, source: Array, layer: Layer, hinge: Hinge, cut: tuple[int, int]
) -> Iterator[_Quarter]:
    """The quarters of a plane around its pixel ``cut``; those without any pixels left out."""
    x, y = layer.pixel(hinge.image)
    for left, above in ((0, 0), (1, 0), (0, 1), (1, 1)):
        columns = slice(0, cut[0]) if left else slice(cut[0], layer.size[0])
        rows = slice(0, cut[1]) if above else slice(cut[1], layer.size[1])
        if columns.start == columns.stop or rows.start == rows.stop:
            continue
        part = source[:y][::-1] if above else source[y:]
        part = part[:, :x][:, ::-1] if left else part[:, x:]
        mirror = _MIRROR.get((left, above))
        yield _Quarter(index, np.ascontiguousarray(part), layer, rows, columns, mirror)

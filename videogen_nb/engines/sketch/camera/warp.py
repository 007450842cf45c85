"""Warping of an image, or of a scene's frames, to what a moving camera sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import av
import cv2
import numpy as np

from ...rendering.encode import Reel
from ..drawing.noise import Array, F
from .moves import MOVES, Shot, Stage
from .planes import planes, sampling
from .subject import depth

_SHARP = 0.94  # scene pixels per frame pixel when the camera is closest
_DEPTH = 0.3  # parallax of a scene relative to that of an image
_INSTANTS = 25  # samples of a shot, enough to find its closest view
_MIDDLE = 0.45  # the depth that parallax does not move


class Arc:
    """The source position of each pixel of a frame while the camera orbits. Views must not roll.

    Near things shift against distant ones, and the side that the camera moves towards is magnified
    as on a tilted plane, so straight lines stay straight. Depth is sampled for the middle view; it
    is smooth, and the view moves little.
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
        """Return the source columns and rows at ``u``, 0 to 1, for ``cv2.remap``."""
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
    """Return what a camera sees of ``source`` at ``u``: by ``matrix`` alone, or along an arc."""
    edge = cv2.BORDER_REPLICATE
    if arc:
        maps = arc.maps(matrix, u)
        return cv2.remap(source, *maps, cv2.INTER_LINEAR, dst=dst, borderMode=edge)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(source, matrix, size, dst=dst, flags=flags, borderMode=edge)


class Warp:
    """A renderer of any shot over an image. Thread-safe."""

    def __init__(self, rgb: Array, shot: Shot, reel: Reel) -> None:
        self._shot = shot
        self._layers = [
            (layer, Arc(rgb, shot, layer.size) if shot.yaw else None)
            for layer in planes(rgb, shot, reel)
        ]

    def draw(self, frame: av.VideoFrame, u: float) -> None:
        """Fill a yuv420p frame with the image as seen at ``u``, 0 to 1."""
        view = self._shot.view(u)
        for layer, arc in self._layers:
            target = layer.target(frame)
            sample(layer.source, layer.matrix(view), layer.size, arc, u, target)
            layer.store(target, frame)


class Viewfinder:
    """One camera move over linear-light images, one for each frame. Thread-safe.

    Attributes:
        size: (width, height) of those images in pixels, somewhat larger than the frame.
    """

    def __init__(self, move: str, reel: Reel, seed: int) -> None:
        self._frame, self._last = (reel.width, reel.height), max(reel.frames - 1, 1)
        ratio, seconds = reel.width / reel.height, reel.frames / reel.fps
        stage = Stage(reel.width, reel.height, ratio, (0.5, 0.5), seconds, seed)
        plain = MOVES[move].shot(stage)
        nearest = min(plain.view(k / (_INSTANTS - 1)).width for k in range(_INSTANTS))
        finer = max(1.0, _SHARP * reel.width / nearest)
        self.size = (2 * round(reel.width * finer / 2), 2 * round(reel.height * finer / 2))
        shot = MOVES[move].shot(replace(stage, width=self.size[0], height=self.size[1]))
        # distant upright things, such as towers, must not lean
        self._shot = replace(shot, parallax=_DEPTH * shot.parallax)
        self._arc: Arc | None = None

    def learn_depth(self, rgb: Callable[[], Array]) -> None:
        """Estimate depth from a finished uint8 image, fetched only if the move needs it."""
        if self._shot.yaw:
            self._arc = Arc(rgb(), self._shot, self._frame)

    def see(self, image: Array, index: int) -> Array:
        """Return what frame ``index`` shows of its image: ``(height, width, 3)`` float32."""
        u = index / self._last
        matrix = sampling(self._shot.view(u), self._frame, (1.0, 1.0))
        return sample(image, matrix, self._frame, self._arc, u)

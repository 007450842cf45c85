"""A camera before a scene: which part of the drawn image each frame shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...rendering.encode import Reel
from ..drawing.noise import Array
from .moves import MOVES, Stage
from .planes import sampling
from .warp import Arc, sample

_SHARP = 0.94  # pixels of the image for one of the frame, where the camera is nearest
_DEPTH = 0.3  # of the parallax that an image gets
_INSTANTS = 25  # enough to find where that is


class Viewfinder:
    """One move over images in linear light, each drawn for its instant. Safe from several threads.

    Attributes:
        size: width and height of those images, somewhat larger than the frame.
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
        # what is far away and upright, such as towers, must not lean
        self._shot = replace(shot, parallax=_DEPTH * shot.parallax)
        self._arc: Arc | None = None

    def learn_depth(self, rgb: Callable[[], Array]) -> None:
        """Guess what is near from a finished image, uint8; asked for where the move needs it."""
        if self._shot.yaw:
            self._arc = Arc(rgb(), self._shot, self._frame)

    def see(self, image: Array, index: int) -> Array:
        """What frame ``index`` shows of its image: ``(height, width, 3)`` float32."""
        u = index / self._last
        matrix = sampling(self._shot.view(u), self._frame, (1.0, 1.0))
        return sample(image, matrix, self._frame, self._arc, u)

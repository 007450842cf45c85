"""Text over video frames: laid out once, then revealed line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from ..yuv import plane
from . import fitting
from .lines import Piece
from .overlap import overlap
from .typeface import Typeface, reads_leftward

F = np.float32
Array = NDArray[Any]
Yuv = tuple[float, float, float]

_LEADING: Final = 1.36
_SOFT: Final = 0.45  # of a line's width: how wide the edge is behind which it is uncovered
_STAGGER: Final = 0.35  # of a line's time: how much later the next one begins


@dataclass(frozen=True, slots=True)
class Box:
    """An area for text, in pixels, and its alignment: ``middle`` or ``bottom``."""

    x: float
    y: float
    width: float
    height: float
    at: str = "middle"


@dataclass(frozen=True, slots=True)
class Style:
    """Sizes in pixels; ``shade`` is how much the image is darkened near and far from words."""

    largest: float
    smallest: float
    colour: Yuv
    shade: tuple[float, float] = (0.0, 0.0)
    most_lines: int = 99


def fit(pieces: Sequence[Piece], box: Box, style: Style) -> tuple[Typeface, list[str]]:
    """Return the largest face in which the words fit into the box, and their lines."""
    sizes = style.smallest, style.largest
    return fitting.fit([pieces], box.width, sizes, lambda size: _most_lines(size, box, style))


def _most_lines(size: float, box: Box, style: Style) -> int:
    """Return how many lines fit and look good: large type suits only a few."""
    few = 3 if box.height > box.width else 2
    suits = few if size > 0.8 * style.largest else 4 if size > 0.5 * style.largest else 99
    return min(style.most_lines, suits, max(1, int((box.height / size - 1) / _LEADING + 1)))


class Lettering:
    """Words laid out for frames of one size. ``draw`` is thread-safe.

    Args:
        until_s: the time in seconds by which the last line is revealed.
    """

    def __init__(self, pieces: Sequence[Piece], box: Box, style: Style, until_s: float) -> None:
        face, lines = fit(pieces, box, style)
        centred = len(lines) <= _CENTRED or box.at == "bottom"
        step = _LEADING * face.size
        tall = step * (len(lines) - 1) + face.size
        top = box.y + (box.height - tall) * (1.0 if box.at == "bottom" else 0.5)
        block = max((face(line) for line in lines), default=0.0)
        time = until_s / (1 + _STAGGER * max(len(lines) - 1, 0))
        self._colour = style.colour
        self._lines = []
        for i, line in enumerate(lines):
            free = box.width - (face(line) if centred else block)
            if reads_leftward(line) and not centred:
                free += block - face(line) + (box.width - block) / 2
            left = box.x + free / 2
            place = (round(left) - face.pad, round(top + i * step - 0.1 * face.size) - face.pad)
            begin = _STAGGER * time * i
            self._lines.append(_Line(face, line, place, style, (begin, begin + time)))

    def draw(self, frame: av.VideoFrame, t: float) -> None:
        """Draw the words on a yuv420p frame in place, as they appear at ``t`` seconds."""
        planes = [plane(frame, k) for k in range(3)]
        for line in self._lines:
            line.draw(planes, t, self._colour)


_CENTRED: Final = 5  # with more lines than this, they begin at one edge


class _Line:
    """One line: its coverage, the shade behind it, and when it is revealed."""

    def __init__(
        self,
        face: Typeface,
        text: str,
        place: tuple[int, int],
        style: Style,
        time: tuple[float, float],
    ) -> None:
        cover = face.draw(text)
        self._x, self._y = (2 * (p // 2) for p in place)
        grow = ((0, len(cover) % 2), (0, cover.shape[1] % 2))
        self._cover = np.pad(cover, grow)
        self._time, self._leftward = time, reads_leftward(text)
        near, far = style.shade
        self._shade = _spread(self._cover, 0.05 * face.size, near, 2.2)
        wide = _spread(self._cover, 0.26 * face.size, far, 1.6)
        self._shade = 1 - (1 - self._shade) * (1 - wide)

    def draw(self, planes: Sequence[Array], t: float, colour: Yuv) -> None:
        begin, end = self._time
        shown = (t - begin) / (end - begin) if end > begin else 1.0
        if shown <= 0:
            return
        seen = self._seen(min(shown, 1.0))
        self._paint(planes[0], self._cover * seen, self._shade * seen, colour[0], 1)
        half = cv2.resize(self._cover * seen, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        for k in (1, 2):
            self._paint(planes[k], half, None, colour[k], 2)

    def _seen(self, shown: float) -> Array:
        """Return how much of each column is revealed."""
        x = np.linspace(0, 1, self._cover.shape[1], dtype=F)[None]
        x = 1 - x if self._leftward else x
        t = np.clip((shown * (1 + _SOFT) - x) / _SOFT, 0, 1)
        return np.asarray(t * t * (3 - 2 * t), F)

    def _paint(
        self, target: Array, cover: Array, shade: Array | None, value: float, scale: int
    ) -> None:
        """Blend into the part of a plane that is inside the frame."""
        there, cut = overlap(target.shape, cover.shape, self._y // scale, self._x // scale)
        part = target[there].astype(F)
        if shade is not None:
            part = 16 + (part - 16) * (1 - shade[cut])
        target[there] = (part + (value - part) * cover[cut] + F(0.5)).astype(np.uint8)


def _spread(cover: Array, sigma: float, strength: float, gain: float) -> Array:
    if not strength:
        return np.zeros_like(cover)
    blurred = cv2.GaussianBlur(cover, (0, 0), max(sigma, 0.5))
    return np.asarray(strength * np.minimum(blurred * gain, 1), F)

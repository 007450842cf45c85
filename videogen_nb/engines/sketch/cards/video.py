"""Cards and captions as video frames."""

from __future__ import annotations

from typing import Final

import av

from ....media.typography.lettering import Box, Lettering, Style
from ....media.typography.lines import Piece, pieces_of
from ....media.yuv import tagged
from ...rendering.encode import Draw, Reel
from ..catalogue import Mood
from .wash import Wash

_WHITE: Final = (232.0, 126.0, 130.0)  # Y, Cb, Cr of a slightly warm white
_SOON: Final = 0.32  # fraction of the video by which all words are shown; the poster comes later
_LATEST_S: Final = 1.8


class CardVideo:
    """The frames of a card. ``frame(i)`` is thread-safe."""

    def __init__(self, mood: Mood, reel: Reel, seed: int) -> None:
        self._reel = reel
        self._wash = Wash(reel.width, reel.height, mood, seed)
        words = pieces_of(mood.prompt)
        unit = min(reel.height, 1.1 * reel.width)
        shade = (0.0, 0.0) if self._wash.light else (0.10, 0.22)
        style = Style(0.135 * unit, 0.040 * unit, self._wash.ink, shade)
        self._words = Lettering(words, _middle(reel), style, _until(reel))

    def frame(self, index: int) -> av.VideoFrame:
        """Return the tagged yuv420p frame ``index``."""
        frame = av.VideoFrame(self._reel.width, self._reel.height, "yuv420p")
        self._wash.draw(frame, index / self._reel.fps, index)
        self._words.draw(frame, index / self._reel.fps)
        return tagged(frame)


class Captioned:
    """Frames with a caption in their lower third. ``frame(i)`` is thread-safe."""

    def __init__(self, draw: Draw, words: str, reel: Reel) -> None:
        self._draw, self._fps = draw, reel.fps
        unit = min(reel.height, reel.width)
        style = Style(0.080 * unit, 0.050 * unit, _WHITE, (0.85, 0.72), most_lines=2)
        self._words = Lettering(_listed(words), _low(reel), style, _until(reel))

    def frame(self, index: int) -> av.VideoFrame:
        """Return the tagged yuv420p frame ``index``."""
        frame = self._draw(index)
        self._words.draw(frame, index / self._fps)
        return frame


def _listed(words: str) -> list[Piece]:
    """Split a caption into its items, none of which may be broken across lines."""
    *more, last = (words[:1].upper() + words[1:]).split(" · ")
    things = [*(f"{thing} ·" for thing in more), last]
    return [Piece(thing, gap=i > 0) for i, thing in enumerate(things)]


def _until(reel: Reel) -> float:
    return min(_LATEST_S, _SOON * reel.frames / reel.fps)


def _middle(reel: Reel) -> Box:
    """Return a box inside the title-safe area, with space around the words."""
    width = reel.width * (0.74 if reel.width > 1.2 * reel.height else 0.80)
    height = reel.height * 0.66
    return Box((reel.width - width) / 2, (reel.height - height) / 2, width, height)


def _low(reel: Reel) -> Box:
    """Return a box in the lower third, above the controls that players and phones overlay."""
    width, margin = 0.84 * reel.width, reel.height * (0.075 if reel.width >= reel.height else 0.13)
    top = reel.height * 2 / 3
    return Box(0.08 * reel.width, top, width, reel.height - top - margin, "bottom")

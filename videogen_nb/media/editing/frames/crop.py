"""Choosing which part of a video to keep when its aspect ratio changes."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import islice, pairwise
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ....errors import BadInput
from ....i18n import Text
from ..sources import Source
from .fitting import Canvas
from .reading import read_frames

FOCUSES: Final = ("smart", "centre")
_LOOKS: Final = 12  # frames that are looked at, over the whole video
_WIDTH: Final = 160  # of the small images that are looked at
_CENTRING: Final = 0.15  # how much less the edge of an image counts than its middle

Box = tuple[int, int, int, int]


def read_ratio(ratio: str) -> Fraction:
    """Return width divided by height from text such as "9:16".

    Raises:
        BadInput: it is invalid or extreme.
    """
    found = re.fullmatch(r"\s*(\d{1,4})\s*[:x×/]\s*(\d{1,4})\s*", ratio)
    value = Fraction(int(found[1]), int(found[2])) if found and int(found[2]) else None
    if value is None or not Fraction(1, 5) <= value <= 5:
        raise BadInput(_NO_RATIO(ratio=ratio))
    return value


def crop_box(source: Source, ratio: Fraction, focus: str = "smart") -> Box:
    """Return the largest part with that aspect ratio: left, top, width, height; all even.

    Args:
        focus: "smart" looks for edges and movement, "centre" takes the middle. It is the same for
            the whole video.

    Raises:
        BadInput: the focus is unknown.
    """
    if focus not in FOCUSES:
        raise BadInput(_NO_FOCUS(focus=focus, known=", ".join(FOCUSES)))
    width = min(source.width, int(source.height * ratio)) // 2 * 2
    height = min(source.height, int(source.width / ratio)) // 2 * 2
    left, top = source.width - width, source.height - height  # how far it may move
    share = _best_place(source, width, height) if focus == "smart" else 0.5
    return int(left * share) // 2 * 2, int(top * share) // 2 * 2, width, height


def _best_place(source: Source, width: int, height: int) -> float:
    """Return where the part should be: 0 is the left or top, 1 the other end."""
    interest = _interest(source)
    along = 1 if width < source.width - 1 else 0
    profile = interest.sum(axis=1 - along)
    inside = width / source.width if along == 1 else height / source.height
    size = max(1, round(len(profile) * inside))
    sums = np.convolve(profile, np.ones(size), "valid")
    if len(sums) < 2 or not sums.any():
        return 0.5
    places = np.linspace(0, 1, len(sums))
    return float(places[np.argmax(sums * (1 - _CENTRING * abs(2 * places - 1)))])


def _interest(source: Source) -> NDArray[Any]:
    """Return how interesting each position is: edges, and changes between samples."""
    tall = max(2, round(_WIDTH * source.height / source.width / 2) * 2)
    rate = Fraction(_LOOKS) / source.duration
    frames = read_frames(source, Fraction(0), _LOOKS, rate, Canvas(_WIDTH, tall))
    looks = [_luma(frame) for frame in islice(frames, _LOOKS)]
    edges = np.mean([_edges(look) for look in looks], axis=0)
    moves = [abs(b - a) for a, b in pairwise(looks)]
    moving = np.mean(moves, axis=0) if moves else np.zeros_like(edges)
    both: NDArray[Any] = _scaled(edges) + 2 * _scaled(moving)
    return both


def _luma(frame: Any) -> NDArray[np.float32]:
    return np.asarray(frame.to_ndarray(format="gray"), np.float32)


def _edges(luma: NDArray[np.float32]) -> NDArray[Any]:
    edges: NDArray[Any] = np.hypot(
        cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1)
    )
    return edges


def _scaled(values: NDArray[Any]) -> NDArray[Any]:
    total = values.sum()
    scaled: NDArray[Any] = values / total if total > 0 else values
    return scaled


_NO_RATIO = Text(
    'Invalid aspect ratio {ratio!r}. Write it like "9:16".',
    "宽高比 {ratio!r} 无效，请写成 9:16 的形式。",
)
_NO_FOCUS = Text(
    "Unknown focus {focus!r}. Valid values: {known}.",
    "没有 {focus!r} 这种取景方式。可用：{known}。",
)

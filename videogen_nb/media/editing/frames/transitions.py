"""Transitions from one video to the next."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Final

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from ....errors import BadInput
from ....i18n import Text
from ....protocol.values import as_list
from ...yuv import plane, tagged

TRANSITIONS: Final = (
    "cut", "crossfade", "dip-to-black", "slide-left", "slide-right", "slide-up", "slide-down",
)  # fmt: skip
_BLACK: Final = (16, 128, 128)
_AXES: Final = {"slide-left": 1, "slide-right": 1, "slide-up": 0, "slide-down": 0}


def check_transitions(given: str | Sequence[str], joins: int) -> list[str]:
    """Return the name of each join's transition.

    Raises:
        BadInput: a name is unknown, or there is not one for each join.
    """
    names = [given] * joins if isinstance(given, str) else as_list("transition", given)
    for name in (given,) if isinstance(given, str) else names:
        if name not in TRANSITIONS:
            near = get_close_matches(str(name), TRANSITIONS, 1, 0.4)
            hint = _MEANT(name=near[0]) if near else ""
            raise BadInput(_UNKNOWN(name=name, known=", ".join(TRANSITIONS), hint=hint))
    if len(names) != joins:
        raise BadInput(_COUNT(given=len(names), joins=joins))
    return names


def blend(name: str, outgoing: VideoFrame, incoming: VideoFrame, share: float) -> VideoFrame:
    """Return a frame of a transition at ``share`` (0 to 1); both inputs have the same size."""
    result = tagged(VideoFrame(outgoing.width, outgoing.height, "yuv420p"))
    for index in range(3):
        old, new, out = plane(outgoing, index), plane(incoming, index), plane(result, index)
        if name == "crossfade":
            cv2.addWeighted(old, 1 - share, new, share, 0, dst=out)
        elif name == "dip-to-black":
            seen, light = (old, 1 - 2 * share) if share < 0.5 else (new, 2 * share - 1)
            black = _BLACK[index]
            np.copyto(out, cv2.convertScaleAbs(seen, None, light, black * (1 - light)))
        else:
            step = 2 if index == 0 else 1  # colour and light move together
            moved = step * round(share * old.shape[_AXES[name]] / step)
            np.copyto(out, _slid(name, old, new, moved))
    return result


def _slid(name: str, old: NDArray[Any], new: NDArray[Any], moved: int) -> NDArray[Any]:
    """Return a frame in which the new image has pushed the old one out by ``moved`` pixels."""
    axis, length = _AXES[name], old.shape[_AXES[name]]
    if name in ("slide-left", "slide-up"):
        strip, start = np.concatenate((old, new), axis), moved
    else:
        strip, start = np.concatenate((new, old), axis), length - moved
    return strip.take(range(start, start + length), axis)


_UNKNOWN = Text(
    "Unknown transition {name!r}.{hint} Valid values: {known}.",
    "没有名为 {name!r} 的转场。{hint}可用：{known}。",
)
_MEANT = Text(" Did you mean {name!r}?", "你是否想用 {name!r}？")
_COUNT = Text(
    "Pass one transition, or one for each of the {joins} joins; {given} were given.",
    "请提供一种转场，或为 {joins} 处衔接各提供一种；收到 {given} 种。",
)

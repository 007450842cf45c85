"""Title cards: a few centred lines on one colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from av.video.frame import VideoFrame

from ....errors import BadInput
from ....i18n import Text
from ....protocol.values import as_text
from ...yuv import from_rgb
from ..frame_timing import SHORTEST_S, is_within, own_number
from .typesetting import cover, set_text

_SHARE: Final = 0.16  # of the shorter side: the title's size; the second line's is less than half
_MARGIN: Final = 0.08


@dataclass(frozen=True, slots=True)
class Title:
    """A title card. See :func:`title`."""

    text: str
    seconds: float = 2.0
    below: str = ""
    colour: str = "white"
    background: str = "#12141a"


def title(
    text: str,
    seconds: float = 2.0,
    *,
    below: str = "",
    colour: str = "white",
    background: str = "#12141a",
) -> Title:
    """Make a title card for :func:`join`.

    Args:
        text: the text; line breaks are kept, long lines are wrapped.
        seconds: duration, including transitions.
        below: a smaller line below.
        colour, background: names or ``#rrggbb``.

    Raises:
        BadInput: the text is empty, or the duration or a colour is invalid.
    """
    text, below = as_text("text", text) or "", as_text("below", below) or ""
    if not text.strip():
        raise BadInput(_EMPTY)
    if not is_within(seconds, SHORTEST_S):
        raise BadInput(_NO_TIME(seconds=seconds))
    _rgb(colour), _rgb(background)
    return Title(text, own_number(seconds), below, colour, background)


def draw_title(card: Title, width: int, height: int) -> VideoFrame:
    """Draw the card as a frame of that size."""
    size = round(min(width, height) * _SHARE)
    across = round(width * (1 - 2 * _MARGIN))
    main = set_text(card.text, across, round(height * (0.5 if card.below else 0.8)), size)
    small = set_text(card.below, across, round(height * 0.25), round(size * 0.45))
    top = (height - main.height - small.height) / 2
    covered = np.zeros((height, width), np.float32)
    cover(main, covered, top)
    cover(small, covered, top + main.height)
    ground, ink = (np.array(_rgb(colour), np.float32) for colour in (card.background, card.colour))
    image = ground + (ink - ground) * covered[..., None]
    return from_rgb(np.rint(image).astype(np.uint8))


def _rgb(colour: str) -> tuple[int, int, int]:
    from PIL import ImageColor

    try:
        return ImageColor.getrgb(as_text("colour", colour) or "")[:3]
    except ValueError:
        raise BadInput(_NO_COLOUR(colour=colour)) from None


_EMPTY = Text("A title needs text.", "标题需要文字。")
_NO_TIME = Text(
    "A title must last longer than 0 s, not {seconds} s.",
    "标题时长必须大于 0 秒，而不是 {seconds} 秒。",
)
_NO_COLOUR = Text(
    "{colour!r} is not a colour. Write a name such as white, or #rrggbb.",
    "{colour!r} 不是颜色。请写颜色名（如 white）或 #rrggbb。",
)

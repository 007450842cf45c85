"""Title cards: a line or a few, centred on one colour."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from av.video.frame import VideoFrame

from ....errors import BadInput
from ....i18n import Text
from ...frames import from_rgb
from .typesetting import draw_lines, fitted_lines, font

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
    font: Path | None = None


def title(
    text: str,
    seconds: float = 2.0,
    *,
    below: str = "",
    colour: str = "white",
    background: str = "#12141a",
    font: str | os.PathLike[str] | None = None,
) -> Title:
    """Make a title card for :func:`join`.

    Args:
        text: what it says; line breaks are kept, long lines are broken.
        seconds: how long it stands, transitions included.
        below: a smaller line under it.
        colour, background: names or ``#rrggbb``.
        font: a font file; None = one that this package brings along.

    Raises:
        BadInput: it says nothing, lasts no time, or names no colour or font.
    """
    if not text.strip():
        raise BadInput(_EMPTY)
    if seconds <= 0:
        raise BadInput(_NO_TIME(seconds=seconds))
    _rgb(colour), _rgb(background)
    path = None if font is None else Path(font).expanduser()
    card = Title(text, seconds, below, colour, background, path)
    _face(card)
    return card


def draw_title(card: Title, width: int, height: int) -> VideoFrame:
    """The card as a frame of that size."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (width, height), _rgb(card.background))
    draw = ImageDraw.Draw(image)
    size = round(min(width, height) * _SHARE)
    within = (round(width * (1 - 2 * _MARGIN)), round(height * (0.5 if card.below else 0.8)))
    lines, face, step = fitted_lines(card.text, *within, size, card.font)
    small, small_face, small_step = fitted_lines(
        card.below, within[0], round(height * 0.25), round(size * 0.45), card.font
    )
    tall = len(lines) * step + (len(small) * small_step if card.below else 0)
    top = (height - tall) / 2
    fill = (*_rgb(card.colour), 255)
    draw_lines(draw, lines, face, width / 2, top, step, fill=fill)
    if card.below:
        below = top + len(lines) * step
        draw_lines(draw, small, small_face, width / 2, below, small_step, fill=fill)
    return from_rgb(np.asarray(image, np.uint8))


def _face(card: Title) -> object:
    return font(16, card.font)


def _rgb(colour: str) -> tuple[int, int, int]:
    from PIL import ImageColor

    try:
        return ImageColor.getrgb(colour)[:3]
    except ValueError:
        raise BadInput(_NO_COLOUR(colour=colour)) from None


_EMPTY = Text("A title needs a text.", "标题需要文字。")
_NO_TIME = Text(
    "A title must last longer than 0 s, not {seconds} s.",
    "标题时长必须大于 0 秒，而不是 {seconds} 秒。",
)
_NO_COLOUR = Text(
    "{colour!r} is not a colour. Write a name such as white, or #rrggbb.",
    "{colour!r} 不是颜色。请写颜色名（如 white）或 #rrggbb。",
)

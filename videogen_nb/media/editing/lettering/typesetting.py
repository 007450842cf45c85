"""Words on images: broken into lines that fit, as large as fits, in any script the font has."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ....errors import BadInput
from ....i18n import Text

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

_CLOSING = set("，。！？；：、）》」』”’,.!?;:)]}…")  # never begin a line
_LEADING = 1.3  # from line to line, in sizes of the font


def font(size: int, path: Path | None = None) -> FreeTypeFont | ImageFont:
    """A font of so many pixels: the file's, else one that this package brings along.

    Raises:
        BadInput: the file is no font.
    """
    from PIL import ImageFont

    if path is None:
        return ImageFont.load_default(size)
    try:
        return ImageFont.truetype(path, size)
    except OSError as error:
        raise BadInput(_NO_FONT(path=path, why=error)) from error


def fitted_lines(
    text: str, width: int, height: int, size: int, path: Path | None = None
) -> tuple[list[str], FreeTypeFont | ImageFont, int]:
    """Break a text into lines within ``width``, in the largest font up to ``size`` pixels.

    Returns:
        The lines, the font, and the pixels from line to line; all lines are within ``height``.
    """
    while True:
        face = font(size, path)
        lines = wrap(text, width, face.getlength)
        step = round(size * _LEADING)
        widest = max(map(face.getlength, lines), default=0)
        if (len(lines) * step <= height and widest <= width) or size <= 8:
            return lines, face, step
        size = size * 9 // 10


def wrap(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Break a text where a line is wider than ``width``: at spaces, and between Chinese characters.

    Line breaks in the text are kept. A closing mark never begins a line.
    """
    lines = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for word in _words(paragraph):
            if not line or word in _CLOSING or measure((line + word).rstrip()) <= width:
                line += word
            else:
                lines.append(line.rstrip())
                line = word.lstrip()
        lines.append(line.rstrip())
    return lines


def _words(paragraph: str) -> list[str]:
    """Pieces between which a line may break; a space belongs to the word before it."""
    words: list[str] = []
    for character in unicodedata.normalize("NFC", paragraph):
        alone = unicodedata.east_asian_width(character) in "WF"
        joins = words and not alone and not words[-1].endswith(" ") and not _is_wide(words[-1])
        if joins or (character == " " and words):
            words[-1] += character
        else:
            words.append(character)
    return words


def _is_wide(word: str) -> bool:
    return unicodedata.east_asian_width(word[-1]) in "WF"


def draw_lines(
    draw: ImageDraw,
    lines: list[str],
    face: FreeTypeFont | ImageFont,
    middle: float,
    top: float,
    step: int,
    *,
    fill: tuple[int, int, int, int],
    outline: int = 0,
) -> None:
    """Draw centred lines, the first with its middle half a step below ``top``."""
    for number, line in enumerate(lines):
        place = (middle, top + (number + 0.5) * step)
        draw.text(
            place, line, fill, face, "mm", stroke_width=outline, stroke_fill=(0, 0, 0, fill[3])
        )


_NO_FONT = Text("{path} is not a font that can be used ({why}).", "无法使用字体 {path}（{why}）。")

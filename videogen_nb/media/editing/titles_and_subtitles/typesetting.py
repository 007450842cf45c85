"""Setting text on images: wrapped lines, as large as fits, as a coverage mask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...typography.fitting import fit
from ...typography.lines import pieces_of
from ...typography.overlap import overlap
from ...typography.typeface import Typeface

_LEADING: Final = 1.3  # from line to line, in sizes of the typeface
_SMALLEST: Final = 8  # pixels; smaller letters cannot be read


@dataclass(frozen=True, slots=True)
class Block:
    """Centred lines of one size; ``step`` is the line height in pixels."""

    lines: tuple[str, ...]
    face: Typeface
    step: int

    @property
    def height(self) -> int:
        """Return the height of all lines in pixels."""
        return len(self.lines) * self.step


def set_text(text: str, width: int, height: int, size: int) -> Block:
    """Wrap a text to ``width``, in the largest size up to ``size`` that fits.

    Line breaks are kept. If it does not fit at the smallest size, it ends in an ellipsis.
    """
    paragraphs = [pieces_of(words) for words in text.splitlines()]
    sizes = min(_SMALLEST, size), size
    face, lines = fit(paragraphs, width, sizes, lambda size: height // _step(size))
    return Block(tuple(lines), face, _step(face.size))


def _step(size: float) -> int:
    return round(size * _LEADING)


def cover(block: Block, canvas: NDArray[np.float32], top: float) -> None:
    """Draw the lines into a coverage mask (0 to 1), centred, from row ``top``."""
    for number, line in enumerate(block.lines):
        drawn = block.face.draw(line)
        middle = top + (number + 0.5) * block.step
        row = round(middle - drawn.shape[0] / 2)
        column = round((canvas.shape[1] - drawn.shape[1]) / 2)
        there, cut = overlap(canvas.shape, drawn.shape, row, column)
        np.maximum(canvas[there], drawn[cut], out=canvas[there])

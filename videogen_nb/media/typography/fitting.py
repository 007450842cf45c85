"""Fitting text: the largest size that fits, with line breaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from .lines import Piece, broken, lines_needed, shortened
from .typeface import Typeface

_STEP: Final = 0.93  # from one size to the next smaller one
_ROUNDING: Final = 0.98  # what widths may be off by at another size
_MOST_PIECES: Final = 600  # more never fit, and measuring them takes time


def fit(
    paragraphs: Sequence[Sequence[Piece]],
    width: float,
    sizes: tuple[float, float],
    most_lines: Callable[[float], int],
) -> tuple[Typeface, list[str]]:
    """Return the largest face in which the paragraphs fit, and their lines.

    If they do not fit at the smallest size, they end in an ellipsis.

    Args:
        paragraphs: each begins a line.
        width: of a line, in pixels.
        sizes: the smallest and the largest, in pixels.
        most_lines: how many lines of a given size fit.
    """
    kept = _first(paragraphs)
    size = _size_for(kept, width, sizes, most_lines)
    face = Typeface(size)
    lines = [line for pieces in kept for line in broken(pieces, width, face)]
    if sum(map(len, kept)) < sum(map(len, paragraphs)):
        lines.append("")  # something is left out
    return face, shortened(lines, max(1, most_lines(size)), width, face)


def _first(paragraphs: Sequence[Sequence[Piece]]) -> list[Sequence[Piece]]:
    kept: list[Sequence[Piece]] = []
    left = _MOST_PIECES
    for pieces in paragraphs:
        if left > 0:
            kept.append(pieces[:left])
        left -= len(pieces)
    return kept


def _size_for(
    paragraphs: Sequence[Sequence[Piece]],
    width: float,
    sizes: tuple[float, float],
    most_lines: Callable[[float], int],
) -> float:
    """Find the size from the widths at one size: they are proportional, except for rounding."""
    smallest, largest = sizes
    face = Typeface(largest)
    pieces = [piece for pieces in paragraphs for piece in pieces]
    widths = {piece.text: face(piece.text) for piece in (*pieces, Piece(" "))}
    size = largest
    while size > smallest:
        wide = width * largest / size * _ROUNDING
        count = sum(lines_needed(pieces, wide, widths.__getitem__) for pieces in paragraphs)
        if max(widths.values()) <= wide and count <= most_lines(size):
            break
        size = max(smallest, size * _STEP)
    return size

"""Breaking text into lines of even length, following the rules for Latin and Chinese.

No line begins with a closing mark or ends with an opening one (GB/T 15834, W3C clreq); lines are
as even as possible and preferably end where a clause does.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

ELLIPSIS: Final = "…"
_CJK: Final = "\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
_OPENING: Final = "（〔［｛〈《「『【〖“‘([{<¿¡"
_CLOSING: Final = "，。、；：？！）〕］｝〉》」』】〗”’…—～·,.;:?!)]}>%"
_PIECE: Final = re.compile(rf"(?P<gap>\s+)|[{_CJK}]|[^\s{_CJK}]+")
_CLAUSE_ENDS: Final = "，。；：？！、,.;:?!"
#: How much unevenness a line may cost that ends with a clause; elsewhere, Chinese words are cut.
_BONUS: Final = {**dict.fromkeys("，。；：？！、", 0.32), **dict.fromkeys(",.;:?!", 0.12)}

Measure = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that is never broken; ``gap`` says whether a space precedes it."""

    text: str
    gap: bool = False


def pieces_of(text: str) -> list[Piece]:
    """Split text where a line may end; punctuation stays with its word."""
    pieces: list[Piece] = []
    gap = False
    for match in _PIECE.finditer(text):
        if match["gap"]:
            gap = True
            continue
        last = pieces[-1].text if pieces else ""
        if last and not gap and (match[0][0] in _CLOSING or last[-1] in _OPENING):
            pieces[-1] = Piece(last + match[0], pieces[-1].gap)
        else:
            pieces.append(Piece(match[0], gap and bool(pieces)))
        gap = False
    return pieces


def broken(pieces: Sequence[Piece], width: float, measure: Measure) -> list[str]:
    """Return as few lines as fit into ``width``, as even as they can be.

    A piece that is longer than a line is cut anywhere.
    """
    pieces = [part for piece in pieces for part in _cut(piece, width, measure)]
    widths = [measure(piece.text) for piece in pieces]
    gaps = [measure(" ") * piece.gap for piece in pieces]
    ends = _even(pieces, widths, gaps, width)
    return [_line(pieces[a:b]) for a, b in zip([0, *ends], ends, strict=False)]


def lines_needed(pieces: Sequence[Piece], width: float, measure: Measure) -> int:
    """Return the number of lines for pieces that each fit on one line."""
    gap = measure(" ")
    return len(_greedy([measure(p.text) for p in pieces], [gap * p.gap for p in pieces], width))


def shortened(lines: Sequence[str], most: int, width: float, measure: Measure) -> list[str]:
    """Return at most ``most`` lines, the last one with an ellipsis if something is left out."""
    if len(lines) <= most:
        return list(lines)
    last = lines[most - 1]
    while last and measure(last + ELLIPSIS) > width:
        last = last[:-1]
    return [*lines[: most - 1], last.rstrip(f" {_CLAUSE_ENDS}") + ELLIPSIS]


def _line(pieces: Sequence[Piece]) -> str:
    return "".join((" " if piece.gap else "") + piece.text for piece in pieces).strip()


def _cut(piece: Piece, width: float, measure: Measure) -> list[Piece]:
    if measure(piece.text) <= width:
        return [piece]
    per_line = max(1, math.floor(len(piece.text) * width / measure(piece.text) * 0.9))
    starts = range(0, len(piece.text), per_line)
    return [Piece(piece.text[i : i + per_line], piece.gap and i == 0) for i in starts]


def _even(
    pieces: Sequence[Piece], widths: Sequence[float], gaps: Sequence[float], limit: float
) -> list[int]:
    """Return where each line ends: as few lines as possible, as even as possible."""
    count = len(_greedy(widths, gaps, limit))
    mean = (sum(widths) + sum(gaps)) / max(count, 1) or 1.0
    best: list[list[tuple[float, int]]] = [[(0.0, 0)] + [(math.inf, 0)] * len(widths)]
    for _ in range(count):
        row = [(math.inf, 0)] * (len(widths) + 1)
        for end in range(1, len(widths) + 1):
            length = 0.0
            for start in range(end - 1, -1, -1):
                length += widths[start] + (gaps[start + 1] if start + 1 < end else 0.0)
                if length > limit and start < end - 1:
                    break
                spread = ((length - mean) / mean) ** 2
                spread -= _BONUS.get(pieces[end - 1].text[-1], 0.0)
                row[end] = min(row[end], (best[-1][start][0] + spread, start))
        best.append(row)
    ends, end = [], len(widths)
    for row in reversed(best[1:]):
        ends.append(end)
        end = row[end][1]
    return ends[::-1]


def _greedy(widths: Sequence[float], gaps: Sequence[float], limit: float) -> list[int]:
    """Return where lines end if each takes as much as fits."""
    ends: list[int] = []
    length = 0.0
    for i, (width, gap) in enumerate(zip(widths, gaps, strict=True)):
        if i and length + gap + width > limit:
            ends.append(i)
            length = width
        else:
            length += (gap if length else 0) + width
    return [*ends, len(widths)] if widths else []

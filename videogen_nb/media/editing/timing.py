"""Time on a timeline, in whole frames: how many a part has, and where each stands.

Sound follows the frames: frame ``i`` begins at sample ``sample_at(i)``, so that nothing drifts
however many parts there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from numbers import Real
from typing import Any, Final

SAMPLE_RATE: Final = 48_000
LONGEST_S: Final = 1e6  # what is longer is a mistake, infinity included
SHORTEST_S: Final = 1e-6
_USUAL: Final = (
    *(Fraction(rate) for rate in (8, 12, 15, 16, 24, 25, 30, 50, 60)),
    *(Fraction(rate * 1000, 1001) for rate in (24, 30, 60)),
)
_NEAR: Final = Fraction(1, 2000)


@dataclass(frozen=True, slots=True)
class Span:
    """Where a part stands: its first frame, its frames, how many it shares with its neighbours."""

    first: int
    frames: int
    lead: int  # shared with the part before
    tail: int  # shared with the part after

    @property
    def end(self) -> int:
        """The frame after its last one."""
        return self.first + self.frames


def is_within(value: Any, low: float, high: float = LONGEST_S) -> bool:
    """Whether a value is a number from ``low`` to ``high``; NaN and ``True`` are none."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    return bool(low <= float(value) <= high)


def usual_rate(rate: Fraction) -> Fraction:
    """The usual frame rate within 0.05% of ``rate``, else ``rate`` in simple numbers."""
    nearest = min(_USUAL, key=lambda usual: abs(rate - usual))
    if abs(rate - nearest) <= nearest * _NEAR:
        return nearest
    return rate.limit_denominator(1001)


def frames_in(seconds: Fraction | float, fps: Fraction) -> int:
    """How many frames a length has: the nearest whole number, at least one."""
    return max(1, round(Fraction(seconds) * fps))


def sample_at(frame: int, fps: Fraction) -> int:
    """The sample at which a frame begins."""
    return round(frame * SAMPLE_RATE / fps)


def lay_out(frames: Sequence[int], shared: Sequence[int]) -> list[Span]:
    """Place parts one after another.

    Args:
        frames: how many frames each part has.
        shared: how many frames each pair of neighbours shares; one fewer than parts.
    """
    spans, first = [], 0
    for index, count in enumerate(frames):
        lead = shared[index - 1] if index else 0
        tail = shared[index] if index < len(shared) else 0
        first -= lead
        spans.append(Span(first, count, lead, tail))
        first += count
    return spans

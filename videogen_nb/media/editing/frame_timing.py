"""Timing in whole frames: the length and position of each part.

Sound follows the frames: frame ``i`` begins at sample ``sample_at(i)``, so that nothing drifts, no
matter how many parts there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from numbers import Real
from typing import Any, Final

from ...errors import BadInput
from ...i18n import Text

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
    """The position of a part: first frame, length, and frames shared with its neighbours."""

    first: int
    frames: int
    lead: int  # shared with the part before
    tail: int  # shared with the part after

    @property
    def end(self) -> int:
        """Return the frame after the last one."""
        return self.first + self.frames


def is_within(value: Any, low: float, high: float = LONGEST_S) -> bool:
    """Return whether a value is a number from ``low`` to ``high``; NaN and ``True`` are not."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    return bool(low <= float(value) <= high)


def own_number(value: Any) -> Any:
    """Convert a NumPy number to Python's; return other values unchanged."""
    return value.item() if hasattr(value, "dtype") else value


def as_number(name: str, value: Any, low: float = 0, high: float = LONGEST_S) -> Any:
    """Return a number. Raises BadInput if it is not one from ``low`` to ``high``."""
    if not is_within(value, low, high):
        raise BadInput(_NO_NUMBER(name=name, value=value, low=low, high=high))
    return own_number(value)


def usual_rate(rate: Fraction) -> Fraction:
    """Return the common frame rate within 0.05% of ``rate``, or else ``rate`` as a fraction."""
    nearest = min(_USUAL, key=lambda usual: abs(rate - usual))
    if abs(rate - nearest) <= nearest * _NEAR:
        return nearest
    return rate.limit_denominator(1001)


def frames_in(seconds: Fraction | float, fps: Fraction) -> int:
    """Return the number of frames in a duration, rounded, at least one."""
    return max(1, round(Fraction(seconds) * fps))


def sample_at(frame: int, fps: Fraction) -> int:
    """Return the sample at which a frame begins."""
    return round(frame * SAMPLE_RATE / fps)


def lay_out(frames: Sequence[int], shared: Sequence[int]) -> list[Span]:
    """Place parts one after another.

    Args:
        frames: the number of frames of each part.
        shared: the frames shared by each pair of neighbours; one fewer than parts.
    """
    spans, first = [], 0
    for index, count in enumerate(frames):
        lead = shared[index - 1] if index else 0
        tail = shared[index] if index < len(shared) else 0
        first -= lead
        spans.append(Span(first, count, lead, tail))
        first += count
    return spans


_NO_NUMBER = Text(
    "{name} must be a number from {low:g} to {high:g}, not {value!r}.",
    "{name} 应为 {low:g} 到 {high:g} 之间的数，而不是 {value!r}。",
)

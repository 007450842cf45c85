"""Delays before a provider is asked again, and when to give up on a create or a broken video.

Polls are repeated until the task's :meth:`.task_state.TaskState.lifetime_end`.
"""

from __future__ import annotations

from typing import Final

from ....errors import UpstreamError

LOOKS_S: Final = (0.0, 4.0, 15.0)  # a lost create may still be under way upstream
OVER_BUDGET_S: Final = 60.0  # until the budget is looked at again
BAD_VIDEOS: Final = 3  # a video that arrives broken so often is broken where it lies
AWAY_LONGEST_S: Final = 60.0  # between questions to an upstream that cannot be reached
AWAY_GIVEN_UP_S: Final = 600.0  # a create to an upstream that cannot be reached for so long fails
TOLD_LONGEST_S: Final = 900.0  # a longer Retry-After is not waited for in one piece
_BUSY_S: Final = 5.0  # an upstream that is busy and does not say for how long; doubled each time …
_BUSY_LONGEST_S: Final = 300.0  # … up to this


def told_pause_s(error: Exception) -> float | None:
    """Return the pause that a provider asks for, up to a maximum; None if it asks for none."""
    asked_s = error.retry_after_s if isinstance(error, UpstreamError) else None
    return None if asked_s is None else min(asked_s, TOLD_LONGEST_S)


def away_s(failures: int, told_s: float | None = None) -> float:
    """Return the delay after this many consecutive failed polls; at least the requested one."""
    own_s = float(min(AWAY_LONGEST_S, 2.0 ** min(failures, 10)))
    return max(own_s, told_s or 0.0)


def busy_s(refusals: int) -> float:
    """Return the delay after this many consecutive "busy" responses."""
    return min(_BUSY_LONGEST_S, _BUSY_S * 2.0 ** min(refusals, 10))

"""Short tracebacks in IPython: the user's own lines, and the message.

Frames of this package do not help people who mistyped a parameter. ``%tb`` and ``%debug`` show all
of them, and so does any error that may come from the user's code.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Final

_OURS: Final = str(Path(__file__).parents[1])


def shell() -> Any | None:
    """Return IPython's shell, if any, without importing IPython."""
    if "IPython.core.getipython" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython

    return get_ipython()


def rendered(error: Exception) -> list[str]:
    """Return the traceback for IPython, without our frames the first time it is shown."""
    there = shell()
    if there is None:
        return traceback.format_exception(error)
    shown, frames = error, _their_frames(error)
    again = vars(error).get("_rendered") == id(error.__traceback__)
    vars(error)["_rendered"] = id(error.__traceback__)
    if frames and not again and there.InteractiveTB.mode != "Verbose":
        shown = _cut(error, frames)
    lines: list[str] = there.InteractiveTB.structured_traceback(
        type(error), shown, shown.__traceback__
    )
    there.InteractiveTB.tb = error.__traceback__  # what %debug looks at
    return lines


def _their_frames(error: Exception) -> list[TracebackType]:
    """Return the frames that called us; empty if they are not the whole story."""
    frames = _frames(error.__traceback__)
    first = next((n for n, step in enumerate(frames) if _is_ours(step)), None)
    if first is None or not _is_ours(frames[-1]):
        return []
    theirs = frames[:first]
    caught_by = {_caught_by(earlier) for earlier in _earlier(error)}
    return [] if caught_by & {step.tb_frame for step in theirs} else theirs


def _earlier(error: BaseException) -> list[BaseException]:
    """Return the errors during whose handling this one was raised."""
    found: list[BaseException] = []
    while (cause := error.__cause__ or error.__context__) is not None and cause not in found:
        found.append(cause)
        error = cause
    return found


def _caught_by(error: BaseException) -> FrameType | None:
    return error.__traceback__ and error.__traceback__.tb_frame


def _frames(step: TracebackType | None) -> list[TracebackType]:
    found = []
    while step is not None:
        found.append(step)
        step = step.tb_next
    return found


def _is_ours(step: TracebackType) -> bool:
    return step.tb_frame.f_code.co_filename.startswith(_OURS)


def _cut(error: Exception, frames: list[TracebackType]) -> Exception:
    """Return the error with only these frames and no previous error."""
    chain = None
    for step in reversed(frames):
        chain = TracebackType(chain, step.tb_frame, step.tb_lasti, step.tb_lineno)
    twin = type(error).__new__(type(error), *error.args)
    vars(twin).update(vars(error))
    return twin.with_traceback(chain)

"""What to show when waiting is interrupted: that the task continues, and how to get its video."""

from __future__ import annotations

import sys
from typing import Final

from ..i18n import Text
from ..text.console import say
from ..text.ipython import shell
from .progress_screens import running_cell

#: Which run of which cell, and the code that gets the video: of the waitings interrupted last.
_recent: list[tuple[str, str]] = []


def explain(error: BaseException, text: Text) -> None:
    """Make IPython show ``text`` in place of a traceback; elsewhere print it to stderr now.

    The error itself is unchanged for code that catches it.
    """
    if shell() is None:
        say(text, to=sys.stderr)
    else:
        vars(error)["_render_traceback_"] = lambda: [str(text)]


def stopped_waiting(error: BaseException, code: str | None) -> None:
    """Like ``explain``, for interrupted waiting.

    Several interrupted waits in one cell are explained together, by whichever error is shown.

    Args:
        error: the KeyboardInterrupt or CancelledError.
        code: a line of Python that gets the video; None = it is unknown whether there is a task.
    """
    cell = running_cell()
    _recent[:] = [(where, line) for where, line in _recent if where == cell]
    if code is not None and (cell, code) not in _recent:
        _recent.append((cell, code))
    if shell() is None:
        explain(error, _sentence([code] if code else []))
    else:
        vars(error)["_render_traceback_"] = lambda: [str(_sentence([c for _, c in _recent]))]


def _sentence(codes: list[str]) -> Text:
    if not codes:
        return _UNSURE
    code = "; ".join(codes)
    used = ", ".join(name for name in ("connect", "show") if f"{name}(" in code)
    whole = f"from videogen_nb import {used}; {code}"
    return (_ONE if len(codes) == 1 else _MANY)(n=len(codes), code=whole)


_ONE: Final = Text(
    "Stopped waiting; the task continues. To get its video later: {code}",
    "已停止等待，任务仍在进行。稍后获取视频：{code}",
)
_MANY: Final = Text(
    "Stopped waiting; {n} tasks continue. To get their videos later: {code}",
    "已停止等待，{n} 个任务仍在进行。稍后获取视频：{code}",
)
_UNSURE: Final = Text(
    "Stopped. The request may have reached the gateway: "
    "connect().list_tasks(limit=5).result().tasks shows whether there is a task.",
    "已停止。请求可能已到达网关，要确认任务是否已创建，可用 "
    "connect().list_tasks(limit=5).result().tasks 查看。",
)

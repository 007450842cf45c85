"""The line under a video that says which parts of the prompt were drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ...i18n import Text
from ...protocol.models import Drawn, VideoTask

_MORE: Final = Text("Use a real video model", "改用真正的视频模型")


def drawn_of(task: VideoTask | None, render: Callable[[Text], str]) -> dict[str, str]:
    """Return the line of a task for the page; empty if its engine provides none."""
    return drawn_view(task.drawn if task is not None else None, render)


def drawn_view(drawn: Drawn | None, render: Callable[[Text], str]) -> dict[str, str]:
    """Return a line for the page."""
    if drawn is None:
        return {"line": "", "link": "", "more": ""}
    return {"line": drawn.line, "link": drawn.link or "", "more": render(_MORE)}

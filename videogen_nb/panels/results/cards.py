"""What stands on a gallery's card, and which cards a search leaves: values only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ...durations import ago
from ...i18n import Text
from ...protocol.models import VideoTask
from ...protocol.states import STATES

#: Beside the statuses themselves, a choice of the gallery's filter.
RUNNING = "running"
_TITLE_LENGTH = 300


def matches(task: VideoTask, query: str, status: str) -> bool:
    """Whether a task is shown: every word of ``query`` is in its prompt, id, engine or group."""
    if status == RUNNING and task.status.finished:
        return False
    if status not in ("", RUNNING) and task.status != status:
        return False
    words = f"{task.prompt or ''} {task.id} {task.engine or ''} {task.group or ''}".lower()
    return all(word in words for word in query.lower().split())


def card(
    task: VideoTask, now: datetime, render: Callable[[Text], str], thumbnail: str
) -> dict[str, Any]:
    """The plain values of one card; ``thumbnail`` is the key it is asked for by ("" = none)."""
    age_s = task.age_s(now)
    when = "" if age_s is None else render(ago(age_s))
    return {
        "id": str(task.id),
        "title": (task.prompt or str(task.id))[:_TITLE_LENGTH],
        "about": " · ".join(part for part in (task.engine or "", when) if part),
        "state": render(STATES[task.status]),
        "status": str(task.status),
        "live": not task.status.finished,
        "progress": task.progress,
        "thumbnail": thumbnail,
    }

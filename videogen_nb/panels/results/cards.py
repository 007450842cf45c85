"""The contents of a gallery's cards, and the search, as plain values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ...durations import ago
from ...i18n import Text
from ...protocol.filters import MAX_TEXT
from ...protocol.models import TaskStatus, VideoTask
from ...protocol.status_texts import STATES

#: Beside the statuses themselves, a choice of the gallery's filter.
RUNNING: Final = "running"
_UNFINISHED: Final = ",".join(status for status in TaskStatus if not status.finished)
_TITLE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Search:
    """A gallery's search fields; ``status`` is "" (all), "running", or a status."""

    query: str = ""
    status: str = ""
    group: str = ""
    starred: bool = False

    @property
    def active(self) -> bool:
        """Return whether any field is set."""
        return bool(self.query.strip() or self.status or self.group or self.starred)

    def filters(self) -> dict[str, Any]:
        """Return the filters for the gateway."""
        status = _UNFINISHED if self.status == RUNNING else self.status
        asked = {"text": self.query[:MAX_TEXT].strip(), "status": status, "group": self.group}
        found: dict[str, Any] = {name: value for name, value in asked.items() if value}
        return {**found, "starred": True} if self.starred else found

    def matches(self, task: VideoTask) -> bool:
        """Return whether a task matches; every word must occur somewhere in it."""
        if self.status == RUNNING and task.status.finished:
            return False
        if self.status not in ("", RUNNING) and task.status != self.status:
            return False
        if (self.group and task.group != self.group) or (self.starred and not task.starred):
            return False
        told = (task.prompt, task.title, task.id, task.engine, task.group, *task.labels)
        words = " ".join(str(one) for one in told if one).lower()
        return all(word in words for word in self.query.lower().split())


def card(
    task: VideoTask, now: datetime, render: Callable[[Text], str], thumbnail: str
) -> dict[str, Any]:
    """Return the plain values of one card; ``thumbnail`` is the key to request ("" = none)."""
    age_s = task.age_s(now)
    when = "" if age_s is None else render(ago(age_s))
    return {
        "id": str(task.id),
        "title": (task.title or task.prompt or str(task.id))[:_TITLE_LENGTH],
        "about": " · ".join(part for part in (task.engine or "", when, *task.labels) if part),
        "starred": task.starred,
        "state": render(STATES[task.status]),
        "status": str(task.status),
        "live": not task.status.finished,
        "progress": task.progress,
        "thumbnail": thumbnail,
    }

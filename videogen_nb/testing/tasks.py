"""The state of a simulated task as a function of time: nothing runs in the background."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from ..protocol.models import TaskStatus

QUIET_S = 180.0  # before the first attempt
INTERVAL_S = 180.0  # between attempts
ATTEMPT_S = 25.0  # what a successful attempt takes: real ones took 3.3 to 3.7 minutes in all
NO_VIDEO = "未获取到视频"


@dataclass(frozen=True, slots=True)
class Fate:
    """The course of a task.

    ``video_at``: the attempt that succeeds; None = the task fails.
    ``stuck``: after its first attempt begins, it stays ``processing`` forever.
    """

    video_at: int | None = 1
    stuck: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """The state of a task; ``moved_s`` is its last change, in seconds since its creation."""

    status: TaskStatus
    retry_count: int
    moved_s: float
    error: str | None = None


@dataclass(slots=True)
class StoredTask:
    """A stored task. Times are those of the gateway's clock, in seconds."""

    conversation_id: str
    message_id: str
    section_id: str
    prompt: str
    created: float
    max_retries: int
    fate: Fate
    request: dict[str, Any] = field(default_factory=dict)
    died: float | None = None  # when the process that worked on it ended

    def state(self, now: float) -> State:
        """Return its current state."""
        if self.died is not None:
            now = min(now, self.died)
        return state(now - self.created, self.fate, self.max_retries)

    def has_video(self, now: float) -> bool:
        """Return whether its video exists, even if the gateway was restarted before it noticed."""
        made = state(now - self.created, self.fate, self.max_retries)
        return made.status is TaskStatus.COMPLETED


def state(age_s: float, fate: Fate, max_retries: int) -> State:
    """Return the state of a task of this age and fate."""
    if age_s < QUIET_S:
        return State(TaskStatus.PENDING, 0, 0.0)
    if fate.stuck:
        return State(TaskStatus.PROCESSING, 1, QUIET_S)
    if fate.video_at is not None and fate.video_at <= max_retries:
        ready_s = QUIET_S + (fate.video_at - 1) * INTERVAL_S + ATTEMPT_S
        if age_s >= ready_s:
            return State(TaskStatus.COMPLETED, fate.video_at, ready_s)
    over_s = QUIET_S + max_retries * INTERVAL_S
    if age_s >= over_s:
        return State(TaskStatus.FAILED, max_retries, over_s, NO_VIDEO)
    attempt = 1 + int((age_s - QUIET_S) // INTERVAL_S)
    began_s = QUIET_S + (attempt - 1) * INTERVAL_S
    # While it goes on trying, `error` holds why the attempt before did not do.
    error = f"第{attempt - 1}次尝试: {NO_VIDEO}" if attempt > 1 else None
    return State(TaskStatus.PROCESSING, attempt, began_s, error)


def naive(moment: float, zone: tzinfo | None = None) -> str:
    """Return a time in the format of older gateways: local, without an offset. None = our zone."""
    return datetime.fromtimestamp(moment, zone).replace(tzinfo=None).isoformat()

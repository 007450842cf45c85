"""The state and duration of a task in words, the same everywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ..durations import span
from ..i18n import Text
from .models import TaskStatus

if TYPE_CHECKING:
    from .models import VideoTask

STATES: Final = {
    TaskStatus.PENDING: Text("Queued", "排队中"),
    TaskStatus.PROCESSING: Text("Generating", "生成中"),
    TaskStatus.COMPLETED: Text("Completed", "已完成"),
    TaskStatus.FAILED: Text("Failed", "失败"),
    TaskStatus.CANCELLED: Text("Cancelled", "已取消"),
}
_AHEAD: Final = Text("Queued: {n} ahead", "排队中：前面还有 {n} 个")
_NEXT: Final = Text("Queued: next in line", "排队中：下一个就是它")
_QUEUED: Final = Text("queued {span}", "排队 {span}")
_WORKED: Final = Text("generating {span}", "生成 {span}")
_ELAPSED: Final = Text("started {span} ago", "已用时 {span}")
_TOOK: Final = Text("took {span}", "用时 {span}")
_LEFT: Final = Text("about {span} left (estimate)", "预计还需约 {span}")
_USUALLY: Final = Text("usually about {span} more (estimate)", "通常还需约 {span}（估计）")
LEAST_PROGRESS: Final = 0.05  # progress by less than this share says nothing about the rest
_ATTEMPT: Final = Text("attempt {n} of {m}", "第 {n}/{m} 次尝试")


def stage_of(task: VideoTask) -> Text:
    """Return the state of a task on one line: what it waits for, rather than its position."""
    if task.stage and not task.status.finished:
        return Text.same(task.stage[0].upper() + task.stage[1:])
    if task.status is TaskStatus.PENDING and task.queue_position is not None:
        return _NEXT if task.queue_position == 0 else _AHEAD(n=task.queue_position)
    return STATES[task.status]


def numbers_of(task: VideoTask) -> list[Text]:
    """Return what is known about durations; missing values are left out."""
    now = datetime.now(UTC)
    parts: list[Text] = []
    if task.progress is not None and task.status is TaskStatus.PROCESSING:
        parts.append(Text.same(f"{task.progress:.0%}"))
    queued, worked = _waited_s(task, now), _worked_s(task, now)
    if queued is not None:
        parts.append(_QUEUED(span=span(queued)))
    if worked is not None:
        parts.append(_WORKED(span=span(worked)))
    if not parts and (elapsed := _elapsed(task, now)) is not None:
        parts.append(elapsed)
    if task.retry_count and not task.status.finished and task.max_retries:
        parts.append(_ATTEMPT(n=task.retry_count, m=task.max_retries))
    if (left := time_left(task)) is not None:
        parts.append(left)
    return parts


def time_left(task: VideoTask) -> Text | None:
    """Return the gateway's estimate; None if there is none, or if it is nearly over.

    Until progress is measured, it is how long such videos usually take.
    """
    if task.status.finished or not task.eta_seconds or task.eta_seconds < 1:
        return None
    measured = task.progress is not None and task.progress >= LEAST_PROGRESS
    return (_LEFT if measured else _USUALLY)(span=span(task.eta_seconds))


def _waited_s(task: VideoTask, now: datetime) -> float | None:
    """Return the seconds in the queue so far; None if the start is unknown."""
    if task.queue_s is not None:
        return task.queue_s
    return task.age_s(now) if task.status is TaskStatus.PENDING else None


def _worked_s(task: VideoTask, now: datetime) -> float | None:
    """Return the seconds of work so far; None before the start or if unknown."""
    if task.work_s is not None:
        return task.work_s
    if task.started_at is None or task.status.finished:
        return None
    return max(0.0, (now - task.started_at).total_seconds())


def _elapsed(task: VideoTask, now: datetime) -> Text | None:
    """Return how long the task took, or when it began; None if unknown."""
    end = (task.finished_at or task.updated_at) if task.status.finished else None
    if end is not None and task.created_at is not None:
        return _TOOK(span=span(max(0.0, (end - task.created_at).total_seconds())))
    age_s = task.age_s(now)
    return None if age_s is None else _ELAPSED(span=span(age_s))

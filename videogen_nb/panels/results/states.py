"""Where a task stands and how long it has taken, as texts."""

from __future__ import annotations

from typing import Final

from ...i18n import Text
from ...protocol.models import TaskStatus, VideoTask
from .times import elapsed_s, span, utcnow, waited_s, worked_s

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
_LEFT: Final = Text("about {span} left (estimate)", "预计还需约 {span}")
_ATTEMPT: Final = Text("attempt {n} of {m}", "第 {n}/{m} 次尝试")


def stage_of(task: VideoTask) -> Text:
    """Return in one line where a task stands."""
    if task.status is TaskStatus.PENDING and task.queue_position is not None:
        return _NEXT if task.queue_position == 0 else _AHEAD(n=task.queue_position)
    if task.status is TaskStatus.PROCESSING and task.stage:
        return Text.same(task.stage[0].upper() + task.stage[1:])
    return STATES[task.status]


def numbers_of(task: VideoTask) -> list[Text]:
    """Return what can honestly be told of time; what the gateway does not tell is left out."""
    now = utcnow()
    parts: list[Text] = []
    if task.progress is not None and task.status is TaskStatus.PROCESSING:
        parts.append(Text.same(f"{task.progress:.0%}"))
    queued, worked = waited_s(task, now), worked_s(task, now)
    if queued is not None:
        parts.append(_QUEUED(span=span(queued)))
    if worked is not None:
        parts.append(_WORKED(span=span(worked)))
    if not parts and (elapsed := elapsed_s(task, now)) is not None:
        parts.append(_ELAPSED(span=span(elapsed)))
    if task.retry_count and not task.status.finished and task.max_retries:
        parts.append(_ATTEMPT(n=task.retry_count, m=task.max_retries))
    if task.eta_seconds and task.eta_seconds >= 1 and not task.status.finished:
        parts.append(_LEFT(span=span(task.eta_seconds)))
    return parts

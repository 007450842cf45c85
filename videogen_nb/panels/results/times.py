"""Durations and moments as people say them, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime

from ...i18n import Text
from ...protocol.models import VideoTask

_SECONDS = Text("{s} s", "{s} 秒")
_MINUTES = Text("{m} min {s} s", "{m} 分 {s} 秒")
_HOURS = Text("{h} h {m} min", "{h} 小时 {m} 分")
_DAYS = Text("{d} days", "{d} 天")
_MINUTES_AGO = Text("{m} min ago", "{m} 分钟前")
_HOURS_AGO = Text("{h} h ago", "{h} 小时前")
_DAYS_AGO = Text("{d} days ago", "{d} 天前")
_JUST_NOW = Text("just now", "刚刚")


def span(seconds: float) -> Text:
    """A duration: ``8 s``, ``2 min 5 s``, ``1 h 20 min``, ``3 days``."""
    s = max(0, round(seconds))
    if s < 60:
        return _SECONDS(s=s)
    if s < 3600:
        return _MINUTES(m=s // 60, s=s % 60)
    if s < 48 * 3600:
        return _HOURS(h=s // 3600, m=s % 3600 // 60)
    return _DAYS(d=s // 86400)


def ago(seconds: float) -> Text:
    """How long ago something was, in one unit."""
    if seconds < 60:
        return _JUST_NOW
    if seconds < 3600:
        return _MINUTES_AGO(m=int(seconds // 60))
    if seconds < 86400:
        return _HOURS_AGO(h=int(seconds // 3600))
    return _DAYS_AGO(d=int(seconds // 86400))


def utcnow() -> datetime:
    """The present moment, aware."""
    return datetime.now(UTC)


def waited_s(task: VideoTask, now: datetime) -> float | None:
    """Seconds in the queue so far; None where the gateway does not tell when work began."""
    if task.queue_s is not None:
        return task.queue_s
    return task.age_s(now) if task.status == "pending" else None


def worked_s(task: VideoTask, now: datetime) -> float | None:
    """Seconds of work so far; None before it began or where the gateway does not tell."""
    if task.work_s is not None:
        return task.work_s
    if task.started_at is None or task.status.finished:
        return None
    return max(0.0, (now - task.started_at).total_seconds())


def elapsed_s(task: VideoTask, now: datetime) -> float | None:
    """Seconds since the task was made, until it ended; None where they are not known."""
    end = (task.finished_at or task.updated_at) if task.status.finished else None
    if end is None or task.created_at is None:
        return task.age_s(now)
    return max(0.0, (end - task.created_at).total_seconds())

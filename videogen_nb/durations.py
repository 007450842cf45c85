"""Durations and times in words, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime

from .i18n import Text

_SECONDS = Text("{s} s", "{s} 秒")
_MINUTES = Text("{m} min", "{m} 分钟")
_MINUTES_SECONDS = Text("{m} min {s} s", "{m} 分 {s} 秒")
_HOURS = Text("{h} h", "{h} 小时")
_HOURS_MINUTES = Text("{h} h {m} min", "{h} 小时 {m} 分钟")
_DAYS = Text("{d} days", "{d} 天")
_AGO = Text("{span} ago", "{span}前")
_DAY_AGO = Text("1 day ago", "1 天前")
_JUST_NOW = Text("just now", "刚刚")

_DAY_S = 86_400


def span(seconds: float) -> Text:
    """Return a duration in words: ``0.5 s``, ``2 min 5 s``, ``1 h 20 min``, ``3 days``."""
    if 0.05 <= seconds < 0.95:
        return _SECONDS(s=f"{seconds:.1f}")
    s = max(0, round(seconds))
    if s < 60:
        return _SECONDS(s=s)
    if s < 3600:
        m, s = divmod(s, 60)
        return _MINUTES_SECONDS(m=m, s=s) if s else _MINUTES(m=m)
    if s < 2 * _DAY_S:
        h, m = divmod(s // 60, 60)
        return _HOURS_MINUTES(h=h, m=m) if m else _HOURS(h=h)
    return _DAYS(d=s // _DAY_S)


def ago(seconds: float) -> Text:
    """Return how long ago something was, in one unit, rounded down."""
    if seconds < 60:
        return _JUST_NOW
    if seconds < 3600:
        return _AGO(span=_MINUTES(m=int(seconds // 60)))
    if seconds < _DAY_S:
        return _AGO(span=_HOURS(h=int(seconds // 3600)))
    days = int(seconds // _DAY_S)
    return _DAY_AGO if days == 1 else _AGO(span=_DAYS(d=days))


def since(moment: datetime) -> Text:
    """Return how long ago a time zone aware time was."""
    return ago((datetime.now(UTC) - moment).total_seconds())

"""Lengths of time in words, rounded as a person would say them."""

from __future__ import annotations

from datetime import UTC, datetime

from .i18n import Text

_UNITS = (
    (86_400.0, Text("1 day", "1 天"), Text("{n} days", "{n} 天")),
    (3_600.0, Text("1 hour", "1 小时"), Text("{n} hours", "{n} 小时")),
    (60.0, Text("1 minute", "1 分钟"), Text("{n} minutes", "{n} 分钟")),
    (1.0, Text("1 second", "1 秒"), Text("{n} seconds", "{n} 秒")),
)


def span(seconds: float) -> Text:
    """``span(200)`` is "3 minutes": the largest unit that fits, rounded down; never negative."""
    for size, one, many in _UNITS:
        n = int(seconds // size)
        if n >= 1:
            return one if n == 1 else many(n=n)
    return Text("a moment", "片刻")


def span_since(moment: datetime) -> Text:
    """The length of time since an aware moment."""
    return span((datetime.now(UTC) - moment).total_seconds())

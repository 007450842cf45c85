"""Create requests whose response was lost: whether they may have succeeded, and finding the task.

Older gateways use local times in an unknown zone, which can only be compared with each other: the
task is newer than all tasks in the list before the request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ..errors import (
    AnswerUnreadable,
    GatewayError,
    GatewayFault,
    GatewayTimeout,
    GatewayUnreachable,
)

if TYPE_CHECKING:
    from .models import VideoTask

#: By RFC 9110 these may come after acting; the last three are a proxy's that gave up waiting.
_UNCERTAIN: Final = frozenset({408, 409, 425, 502, 503, 504})
#: How an older gateway words what went wrong once its provider had taken the request.
_AFTER_ACCEPTING: Final = re.compile("解析SSE失败|cannot unpack")
#: What it words so went wrong before.
_BEFORE: Final = re.compile("处理图片链接失败|下载图片失败")
_OURS_UNCERTAIN: Final = frozenset({"internal_error", "in_flight"})


def may_have_acted(error: GatewayError) -> bool:
    """Return whether a create request that ended in ``error`` may still have succeeded."""
    if not error.sent:
        return False
    if isinstance(error, GatewayUnreachable | GatewayTimeout | AnswerUnreadable):
        return not (error.status and 300 <= error.status < 400)
    if error.ours:
        return error.code in _OURS_UNCERTAIN
    if error.status in _UNCERTAIN:
        return True
    words = error.detail or ""
    if _AFTER_ACCEPTING.search(words):
        return True
    silent = not words or (words.endswith((":", "：")) and not _BEFORE.search(words))
    return isinstance(error, GatewayFault) and silent


def newest(tasks: Iterable[VideoTask]) -> datetime:
    """Return when the newest task was created; 1970 if there is none."""
    moments = [task.created_at for task in tasks if task.created_at is not None]
    return max(moments, default=datetime(1970, 1, 1, tzinfo=UTC))


def newer(tasks: Iterable[VideoTask], moment: datetime) -> list[VideoTask]:
    """Return the tasks created after ``moment``, by the same gateway's clock."""
    return [task for task in tasks if task.created_at is not None and task.created_at > moment]

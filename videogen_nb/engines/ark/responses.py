"""Parsing responses about a content generation task.

Source: Volcengine Ark, ``GET /contents/generations/tasks/{id}``: statuses queued, running,
succeeded, failed, cancelled, expired; links live 24 hours, tasks 7 days.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...i18n import Text
from ..error_codes import ErrorCodes, read_told
from ..remote import Upstream, Where

LINKS_S: Final = 24 * 3600.0

_WHERE: Final[Mapping[str, Where]] = {
    "queued": "queued",
    "running": "running",
    "succeeded": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
    "expired": "failed",
}
#: What of a task is worth keeping beside its video.
_FACTS: Final = (
    "model",
    "seed",
    "resolution",
    "ratio",
    "duration",
    "frames",
    "framespersecond",
    "revised_prompt",
    "service_tier",
    "generate_audio",
)


def read_task(errors: ErrorCodes, task: Mapping[str, Any]) -> Upstream:
    """Return the state of a task. The service reports no progress.

    Args:
        errors: classifies the provider's errors.
    """
    status = str(task.get("status"))
    where = _WHERE.get(status, "running")  # a word we do not know has not ended
    code, error = _failure(errors, status, task) if where == "failed" else (None, None)
    usage, updated = task.get("usage"), task.get("updated_at")
    return Upstream(
        where,
        error=error,
        error_code=code,
        usage=usage if isinstance(usage, dict) else None,
        expires_at=updated + LINKS_S if isinstance(updated, (int, float)) else None,
        facts={fact: task[fact] for fact in _FACTS if task.get(fact) is not None},
    )


def links(task: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the links of the video and of its last frame."""
    content = task.get("content")
    if not isinstance(content, dict):
        return None, None
    video, last = content.get("video_url"), content.get("last_frame_url")
    return (video if isinstance(video, str) else None), (last if isinstance(last, str) else None)


def _failure(errors: ErrorCodes, status: str, task: Mapping[str, Any]) -> tuple[str, Text]:
    if status == "expired":
        return "upstream_expired", _EXPIRED
    told = read_told(task)
    return errors.explain(None, told) if told else ("upstream_failed", _FAILED)


_EXPIRED = Text(
    "The task waited too long at the provider and expired. Try again.",
    "任务在服务商处排队过久而过期，请重试。",
)
_FAILED = Text("The provider failed without giving a reason.", "服务商生成失败，未说明原因。")

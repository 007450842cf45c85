"""Parsing video jobs of different servers.

Sources: the OpenAI API reference (videos) and the servers' own handlers. Some return a failed job
with 200, others as the body of a 4xx or 5xx response.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...i18n import Text
from ...protocol.urls import is_web_url
from ..error_codes import ErrorCodes, Told, read_told
from ..remote import Upstream, Where

_WHERE: Final[Mapping[str, Where]] = {
    "queued": "queued",
    "pending": "queued",
    "completed": "succeeded",
    "succeeded": "succeeded",
    "failed": "failed",
    "error": "failed",
    "expired": "failed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "deleted": "cancelled",
}


def is_job(answer: Any) -> bool:
    """Return whether a JSON response is a job, whatever its HTTP status."""
    return (
        isinstance(answer, dict)
        and isinstance(answer.get("id"), str)
        and isinstance(answer.get("status"), str)
    )


def read_job(
    errors: ErrorCodes, job: Mapping[str, Any], poll_after_ms: str | None = None
) -> Upstream:
    """Return the state of a job.

    Args:
        errors: classifies the server's errors.
        poll_after_ms: the delay requested by the server's header.
    """
    where = _WHERE.get(job["status"], "running")
    failed = where == "failed"
    code, error = _failure(errors, job) if failed else (None, None)
    told = poll_after_ms or ""
    expires, usage = job.get("expires_at"), job.get("usage")
    return Upstream(
        where,
        progress=_progress(where, job.get("progress")),
        error=error,
        error_code=code,
        usage=usage if isinstance(usage, dict) else None,
        expires_at=float(expires) if isinstance(expires, (int, float)) else None,
        poll_after_s=int(told) / 1000 if told.isdecimal() and len(told) < 7 else None,
        facts={n: job[n] for n in ("model", "size", "seconds") if job.get(n) is not None},
    )


def video_url(job: Mapping[str, Any]) -> str | None:
    """Return the link to the video that some servers include in the job."""
    places = [job.get("url"), job.get("video_url")]
    output = job.get("output")
    places.append(output.get("url") if isinstance(output, dict) else output)
    return next((place for place in places if is_web_url(place)), None)


def _progress(where: Where, told: Any) -> float | None:
    """Return the progress, ignoring 0 and 100, which servers send if it is unknown."""
    fits = isinstance(told, (int, float)) and not isinstance(told, bool) and 0 < told < 100
    return told / 100 if fits and where == "running" else None


def _failure(errors: ErrorCodes, job: Mapping[str, Any]) -> tuple[str, Text]:
    if job["status"] == "expired":
        return "upstream_expired", _EXPIRED
    told = read_told(job) or Told("", "")
    return errors.explain(None, told) if told.words else ("upstream_failed", _FAILED)


_EXPIRED = Text("The job expired on the server. Try again.", "任务在服务器上已过期，请重试。")
_FAILED = Text("The server failed without giving a reason.", "服务器生成失败，未说明原因。")

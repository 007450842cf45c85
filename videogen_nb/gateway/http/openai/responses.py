"""Responses of ``/v1/videos``: tasks as video jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from pydantic import Field

from ....engines.sizes import size_of
from ....errors import BadParameter
from ....protocol.models import TaskId, TaskStatus, WireModel
from ...refusals import task_missing
from ...storage.task_record import TaskRecord

PREFIX: Final = "video_"

#: The dialect has no word for a job that was stopped: it failed, and its error says why.
_STATUSES: Final = {
    TaskStatus.PENDING: "queued",
    TaskStatus.PROCESSING: "in_progress",
    TaskStatus.COMPLETED: "completed",
    TaskStatus.FAILED: "failed",
    TaskStatus.CANCELLED: "failed",
}


class VideoError(WireModel):
    """Why a job failed. ``code`` is stable."""

    code: str
    message: str


class Video(WireModel):
    """A video job. ``notes`` and ``stage`` are ours."""

    id: str
    object: Literal["video"] = "video"
    model: str = Field(description="the engine, or engine:model")
    status: str = Field(description="queued | in_progress | completed | failed")
    progress: int = Field(description="0 to 100; stays 0 if the engine reports none")
    created_at: int = Field(description="seconds since 1970, like all times here")
    completed_at: int | None = None
    expires_at: int | None = Field(None, description="videos kept here do not expire")
    seconds: str | None = None
    size: str | None = Field(None, description="width x height of the video, in pixels")
    prompt: str | None = None
    error: VideoError | None = None
    remixed_from_video_id: str | None = None
    stage: str | None = None
    notes: list[str] = Field([], description="what was chosen, adjusted or ignored, and why")


class VideoPage(WireModel):
    """A page of jobs; pass ``last_id`` as ``after`` for the next one."""

    object: Literal["list"] = "list"
    data: list[Video] = Field([])
    first_id: str | None = None
    last_id: str | None = None
    has_more: bool = False


class VideoDeleted(WireModel):
    """Confirmation that a job was deleted."""

    id: str
    object: Literal["video.deleted"] = "video.deleted"
    deleted: bool = True


def video_id(record: TaskRecord) -> str:
    """Return the job's id: the task's two numbers."""
    return f"{PREFIX}{record.id}"


def read_id(word: str) -> TaskId:
    """Return the inverse of :func:`video_id`. Raises Refusal (404) for an invalid id."""
    try:
        return TaskId.parse(word.removeprefix(PREFIX))
    except ValueError:
        raise task_missing() from None


def video(record: TaskRecord, task: dict[str, Any]) -> Video:
    """Return a task as a job.

    Args:
        task: the task in the gateway's own protocol, in the sender's language.
    """
    shown = (record.facts or {}).get("video") or {}
    done = record.status is TaskStatus.COMPLETED
    return Video(
        id=video_id(record),
        model=_model(record),
        status=_STATUSES[record.status],
        progress=100 if done else min(99, int(100 * (task["progress"] or 0.0))),
        created_at=int(record.created_at),
        completed_at=int(record.finished_at) if done and record.finished_at else None,
        seconds=_seconds(shown.get("duration_s") or record.parameters.get("duration")),
        size=_size(shown) or _size(record.parameters) or _nominal_size(record.parameters),
        prompt=record.prompt,
        error=_error(record, task),
        stage=task["stage"],
        notes=task["notes"],
    )


def page(videos: Sequence[Video], has_more: bool) -> VideoPage:
    """Return a page of jobs."""
    first, last = (videos[0].id, videos[-1].id) if videos else (None, None)
    return VideoPage(data=list(videos), first_id=first, last_id=last, has_more=has_more)


def _model(record: TaskRecord) -> str:
    model = record.parameters.get("model")
    return f"{record.asked_for}:{model}" if isinstance(model, str) and model else record.asked_for


def _error(record: TaskRecord, task: dict[str, Any]) -> VideoError | None:
    if _STATUSES[record.status] != "failed":
        return None
    code = record.error_code or str(record.status)
    return VideoError(code=code, message=task["error"] or task["stage"])


def _seconds(value: Any) -> str | None:
    return f"{value:g}" if isinstance(value, (int, float)) else None


def _size(facts: dict[str, Any]) -> str | None:
    width, height = facts.get("width"), facts.get("height")
    return f"{width}x{height}" if width and height else None


def _nominal_size(parameters: dict[str, Any]) -> str | None:
    """Return the size implied by ratio and resolution, until the provider's video exists."""
    try:
        width, height = size_of(str(parameters.get("ratio")), str(parameters.get("resolution")))
    except BadParameter:
        return None
    return f"{width}x{height}"

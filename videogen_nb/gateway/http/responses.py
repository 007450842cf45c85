"""Responses: records as JSON in the sender's language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from ...i18n import Text
from ...protocol.models import TaskStatus
from ...protocol.status_texts import STATES
from ..files.uploads import Upload
from ..files.videos import VIDEOS
from ..jobs.backend import JobView
from ..jobs.render_job import MAX_RETRIES
from ..jobs.runner import Runner
from ..requester import Requester
from ..service.classroom import shown_name
from ..storage.task_record import TaskRecord

ENGINES_PAGE: Final = "/engines"  # for people
ELSEWHERE_MS: Final = 1_000  # what is made elsewhere is not asked about more often there
POLL_MS: Final = (200, 2_000)  # the quickest and the slowest asking that makes sense here

#: The protocol's first part fixes this sentence for askers who name no language.
CREATED: Final = Text(
    "The task was created and is being processed.", "视频生成任务已创建，正在处理中..."
)
_SOON: Final = Text("about {seconds} s", "预计{seconds}秒完成")
_LATER: Final = Text("about {minutes} min", "预计{minutes}分钟完成")
_UNKNOWN: Final = Text("no estimate yet", "暂无法预计完成时间")


def task_answer(record: TaskRecord, runner: Runner, requester: Requester) -> dict[str, Any]:
    """Return a task as in :class:`videogen_nb.protocol.models.VideoTask`."""
    language = requester.language
    done = record.status is TaskStatus.COMPLETED
    video = f"{requester.base}{VIDEOS}/{record.video}"
    view = runner.view(record)
    title = runner.title(record)
    stage = view.stage or STATES[record.status]
    facts = record.facts or {}
    return {
        "conversation_id": record.conversation_id,
        "message_id": record.message_id,
        "section_id": record.section_id,
        "status": record.status.value,
        "video_urls": [f"{video}.mp4"] if done else [],
        "retry_count": record.retry_count,
        "max_retries": MAX_RETRIES,
        "created_at": _moment(record.created_at),
        "updated_at": _moment(record.updated_at),
        "error": record.error and record.error.render(language),
        "progress": 1.0 if done else view.progress,
        "stage": stage.render(language),
        "queue_position": view.position,
        "eta_seconds": None if view.eta_s is None else round(view.eta_s, 1),
        "poll_after_ms": None if record.status.finished else _poll_after_ms(record, view),
        "prompt": record.prompt,
        "engine": record.engine,
        "pool": record.pool,
        "engine_title": title and title.render(language),
        "parameters": record.parameters,
        "requested": record.requested,
        "images": [{"attachment": {"key": use.key}, "role": use.role} for use in record.images],
        "seed": record.seed,
        "group": record.group,
        "parent": record.parent,
        "labels": list(record.labels),
        "starred": record.starred,
        "title": record.title,
        "notes": [note.render(language) for note in record.notes],
        "drawn": _drawn(record, requester),
        "started_at": _moment(record.started_at),
        "finished_at": _moment(record.finished_at),
        "expires_at": None,
        "thumbnail_url": f"{video}.jpg" if done else None,
        "last_frame_url": f"{video}.png" if done and facts.get("last_frame") else None,
        "sha256": record.sha256,
        "usage": facts.get("usage"),
        "cost": facts.get("cost"),
        "error_code": record.error_code,
        "person": shown_name(record.owner) if requester.person.sees_all else None,
    }


def created_answer(record: TaskRecord, runner: Runner, requester: Requester) -> dict[str, Any]:
    """Return the response to a create request."""
    task = task_answer(record, runner, requester)
    eta_s: float | None = task["eta_seconds"]
    language = requester.language if requester.says_language else "zh"
    return {
        "success": True,
        "message": CREATED.render(language),
        "conversation_id": record.conversation_id,
        "message_id": record.message_id,
        "section_id": record.section_id,
        "task_status": record.status.value,
        "estimated_time": _estimate(eta_s).render(language),
        "estimated_seconds": eta_s,
        "task": task,
    }


def attachment_answer(upload: Upload, name: str, size: int, md5: str) -> dict[str, Any]:
    """Return an upload as an attachment."""
    return {
        "key": upload.key,
        "name": name,
        "type": "vlm_image",
        "file_review_state": 3,
        "file_parse_state": 3,
        "identifier": upload.identifier,
        "option": {"height": upload.height, "width": upload.width},
        "md5": md5,
        "size": size,
        "sha256": upload.source_sha256,
    }


def _drawn(record: TaskRecord, requester: Requester) -> dict[str, Any] | None:
    drawn = record.drawn
    if drawn is None or record.status in (TaskStatus.FAILED, TaskStatus.CANCELLED):
        return None
    line = drawn.line if record.status is TaskStatus.COMPLETED else drawn.ahead
    return {
        "shown": [text.render(requester.language) for text in drawn.shown],
        "missing": [text.render(requester.language) for text in drawn.missing],
        "line": line.render(requester.language),
        "link": f"{requester.base}{ENGINES_PAGE}",
    }


def _poll_after_ms(record: TaskRecord, view: JobView) -> int:
    quickest, slowest = POLL_MS
    if record.intent is not None:
        return ELSEWHERE_MS
    if view.position:
        return slowest if view.position > 3 else 2 * quickest * (view.position + 1)
    if view.eta_s is None:
        return quickest
    return int(min(slowest, max(quickest, view.eta_s * 1000 / 50)))


def _estimate(eta_s: float | None) -> Text:
    if eta_s is None:
        return _UNKNOWN
    if eta_s < 90:
        return _SOON(seconds=max(1, round(eta_s)))
    return _LATER(minutes=round(eta_s / 60))


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()

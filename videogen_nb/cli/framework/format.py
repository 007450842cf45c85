"""Formatting tasks and videos for people, and as JSON."""

from __future__ import annotations

from typing import Any

from ...durations import since
from ...i18n import Text
from ...media.video import Video
from ...protocol.models import TaskStatus, VideoTask, zone_known
from ...protocol.status_texts import STATES
from ...text.byte_sizes import size_words

STYLE = {
    TaskStatus.PENDING: "yellow",
    TaskStatus.PROCESSING: "cyan",
    TaskStatus.COMPLETED: "green",
    TaskStatus.FAILED: "red",
    TaskStatus.CANCELLED: "dim",
}
_EXPECTED = Text("{cost} (expected)", "{cost}（预计）")
_THERE = Text("{time} (gateway time)", "{time}（网关时间）")

_LABELS = {
    "prompt": Text("prompt", "提示词"),
    "status": Text("status", "状态"),
    "stage": Text("stage", "阶段"),
    "progress": Text("progress", "进度"),
    "error": Text("reason", "原因"),
    "engine": Text("engine", "引擎"),
    "seed": Text("seed", "种子"),
    "created": Text("created", "创建"),
    "waited": Text("in the queue", "排队"),
    "worked": Text("generating", "生成耗时"),
    "attempts": Text("attempts", "尝试"),
    "drawn": Text("drawn", "画面"),
    "notes": Text("notes", "说明"),
    "cost": Text("cost", "费用"),
    "video": Text("video", "视频"),
}


def task_document(task: VideoTask, **more: Any) -> dict[str, Any]:
    """Return a task as JSON: its fields, and the ``id`` that commands accept."""
    return {"task": {"id": str(task.id), **task.model_dump(mode="json")}, **more}


def video_document(video: Video) -> dict[str, Any]:
    """Return a saved video as JSON: the task, and the video's absolute ``path``."""
    return task_document(video.task, path=str(video.path.absolute()))


def video_line(video: Video) -> str:
    """Return the saved video's resolution, duration, file size and generation time."""
    facts = video.facts
    parts = [
        f"{facts.width}×{facts.height}",
        f"{facts.duration_s:.1f} s",
        size_words(video.path.stat().st_size),
    ]
    if video.task.work_s is not None:
        parts.append(str(Text("generated in {s:.1f} s", "用时 {s:.1f} 秒")(s=video.task.work_s)))
    return " · ".join(parts)


def age(task: VideoTask) -> str:
    """Return the age of a task, or the gateway's local time if its zone is unknown."""
    if task.created_at is None:
        return ""
    if not zone_known(task.created_at):
        return str(_THERE(time=f"{task.created_at:%m-%d %H:%M}"))
    return str(since(task.created_at))


def details(task: VideoTask) -> list[tuple[str, str]]:
    """Return the details of a task as labelled lines."""
    moving = not task.status.finished
    known = {
        "prompt": task.prompt,
        "status": STATES[task.status],
        "stage": task.stage if moving else None,
        "progress": f"{task.progress:.0%}" if moving and task.progress is not None else None,
        "error": task.error,
        "engine": task.engine,
        "seed": task.seed,
        "created": age(task),
        "waited": _seconds(task.queue_s),
        "worked": _seconds(task.work_s),
        "attempts": f"{task.retry_count}/{task.max_retries}" if task.retry_count else None,
        "drawn": task.drawn and task.drawn.with_link,
        "notes": "\n".join(task.notes),
        "cost": _cost(task),
        "video": "\n".join(task.video_urls),
    }
    return [(str(_LABELS[k]), str(v)) for k, v in known.items() if v not in (None, "")]


def _cost(task: VideoTask) -> str | None:
    """Return the cost in words; other gateways may use another form."""
    told = task.cost or {}
    if not isinstance(told.get("amount"), (int, float)):
        return None
    words = f"{told['amount']:.2f} {told.get('currency', '')}".strip()
    return str(_EXPECTED(cost=words)) if told.get("expected") else words


def _seconds(seconds: float | None) -> str | None:
    return None if seconds is None else str(Text("{s:.1f} s", "{s:.1f} 秒")(s=seconds))

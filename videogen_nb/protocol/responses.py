"""Parsing responses into models, tolerating the differences of older gateways."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from ..errors import AnswerUnreadable
from ..i18n import Text
from . import models
from .filters import ANY, Filters
from .urls import is_web_url

if TYPE_CHECKING:
    from pydantic import BaseModel

    from .models import (
        Attachment,
        BatchAnswer,
        BatchState,
        Cancelled,
        Cleared,
        CreateAnswer,
        DiskUsage,
        EngineList,
        GroupList,
        PeopleAnswer,
        QueueState,
        Spending,
        SpendingTable,
        TaskPage,
        VideoTask,
    )

M = TypeVar("M", bound="BaseModel")
Named = TypeVar("Named", "VideoTask", "CreateAnswer")

_UNREADABLE = Text(
    "The gateway's response has no readable {what}: {reason}. Is this the address of a "
    "video-gen gateway?",
    "无法从网关的响应中读出{what}：{reason}。请确认该地址是 video-gen 网关。",
)
_NO_ID = Text("{id!r} is not a task id", "{id!r} 不是任务 ID")
_TASK = Text("task", "任务")
_ATTACHMENT = Text("attachment", "附件")
_LIST = Text("list of tasks", "任务列表")
_ENGINES = Text("list of engines", "引擎列表")
_CREATED = Text("task ids", "任务 ID")
_BATCH = Text("batch", "批次")


def parse_json(body: bytes) -> Any:
    """Parse JSON; numbers that JSON does not allow (NaN, infinities) become None.

    Raises:
        ValueError: it is not JSON, or nested too deeply.
    """
    try:
        return json.loads(body, parse_float=_finite, parse_constant=lambda name: None)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def read_task(answer: Any) -> VideoTask:
    """Return the task in a response: under ``task``, or the response itself.

    Raises:
        AnswerUnreadable: it contains no task.
    """
    if isinstance(answer, dict) and isinstance(answer.get("task"), dict):
        answer = answer["task"]
    return _named(_read(models.VideoTask, answer, _TASK), _TASK)


def read_created(answer: Any) -> CreateAnswer:
    """Parse the response of ``generate`` and ``retry``.

    Raises:
        AnswerUnreadable: it contains no valid ids.
    """
    if isinstance(answer, dict) and isinstance(answer.get("task"), dict):
        ids = {k: v for k, v in answer["task"].items() if k in ("conversation_id", "message_id")}
        answer = {**ids, **answer}
    return _named(_read(models.CreateAnswer, answer, _CREATED), _CREATED)


def read_attachment(answer: Any) -> Attachment:
    """Parse the response of ``upload``; unknown keys are kept.

    Raises:
        AnswerUnreadable: it is not an attachment.
    """
    return _read(models.Attachment, answer, _ATTACHMENT)


def read_engines(answer: Any) -> EngineList:
    """Parse the response of ``engines``.

    Raises:
        AnswerUnreadable: it is not a list of engines.
    """
    return _read(models.EngineList, answer, _ENGINES)


def read_batch(answer: Any) -> BatchAnswer:
    """Parse the response of ``batch``. Raises AnswerUnreadable."""
    return _read(models.BatchAnswer, answer, _BATCH)


def read_batch_state(answer: Any) -> BatchState:
    """Parse the response of ``batch_state``, ``batch_again`` and ``batch_cancel``.

    Raises:
        AnswerUnreadable: it is invalid.
    """
    return _read(models.BatchState, answer, _BATCH)


def read_groups(answer: Any) -> GroupList:
    """Parse the response of ``groups``. Raises AnswerUnreadable."""
    return _read(models.GroupList, answer, _LIST)


def read_cleared(answer: Any) -> Cleared:
    """Parse the response of ``prune``. Raises AnswerUnreadable."""
    return _read(models.Cleared, answer, _LIST)


def read_cancelled(answer: Any) -> Cancelled:
    """Parse the response of ``cancel_all``. Raises AnswerUnreadable."""
    return _read(models.Cancelled, answer, _LIST)


def read_usage(answer: Any) -> DiskUsage:
    """Parse the response of ``usage``. Raises AnswerUnreadable."""
    return _read(models.DiskUsage, answer, _LIST)


def read_spending(answer: Any) -> SpendingTable:
    """Parse the response of ``spending``. Raises AnswerUnreadable."""
    return _read(models.SpendingTable, answer, _LIST)


def read_queue(answer: Any) -> QueueState:
    """Parse the response of ``queue``. Raises AnswerUnreadable."""
    return _read(models.QueueState, answer, _LIST)


def read_people(answer: Any) -> PeopleAnswer:
    """Parse the response of ``people``. Raises AnswerUnreadable."""
    return _read(models.PeopleAnswer, answer, _LIST)


def read_links(answer: Any, known: str | None = None) -> list[str]:
    """Return the links in an older gateway's response to ``fresh_links``, wherever they are.

    Args:
        known: the expired link; if a new one leads to the same file, only that is returned.
    """
    links = list(dict.fromkeys(_links(answer, depth=6)))
    file = urlsplit(known).path if known and is_web_url(known) else None
    same = [link for link in links if urlsplit(link).path == file]
    return same[:1] or links


def read_page(
    answer: Any,
    *,
    wanted: Filters = ANY,
    limit: int | None = None,
    offset: int | None = None,
) -> TaskPage:
    """Parse the response of ``list``, newest first.

    An older gateway supports neither filters nor pages and sends everything; it is then filtered
    here. An invalid task does not hide the others.

    Raises:
        AnswerUnreadable: it is not a list of tasks.
    """
    if not (isinstance(answer, dict) and isinstance(answer.get("tasks"), list)):
        raise AnswerUnreadable(_UNREADABLE(what=_LIST, reason=_kind(answer)))
    tasks = [task for item in answer["tasks"] if (task := _task_or_none(item)) is not None]
    if all(tells_all(task) for task in tasks):
        total = answer.get("total")
        return models.TaskPage(
            tasks=tasks,
            total=total if isinstance(total, int) else len(tasks),
            spending=_spending(answer.get("spending")),
        )
    tasks.sort(key=_newest_first)
    tasks = [task for task in tasks if wanted.match(task)]
    start = offset or 0
    return models.TaskPage(
        tasks=tasks[start:] if limit is None else tasks[start : start + limit], total=len(tasks)
    )


def tells_all(task: VideoTask) -> bool:
    """Return whether one of our gateways sent this task: those always send every field."""
    return "poll_after_ms" in task.model_fields_set


def _links(value: Any, depth: int, key: str = "") -> list[str]:
    if isinstance(value, str):
        named = "video" in key or key.rpartition("_")[2] in ("url", "urls")
        image = any(word in key for word in ("cover", "image", "poster", "thumb"))
        return [value] if named and not image and is_web_url(value) else []
    if depth == 0 or not isinstance(value, dict | list):
        return []
    inner = value.items() if isinstance(value, dict) else ((key, item) for item in value)
    return [link for name, item in inner for link in _links(item, depth - 1, str(name).lower())]


def _finite(number: str) -> float | None:
    value = float(number)
    return value if math.isfinite(value) else None


def _newest_first(task: VideoTask) -> float:
    return -task.created_at.timestamp() if task.created_at else 0.0


def _spending(told: Any) -> list[Spending]:
    try:
        return [models.Spending.model_validate(one) for one in told or []]
    except (ValueError, TypeError):
        return []


def _task_or_none(item: Any) -> VideoTask | None:
    try:
        return read_task(item)
    except AnswerUnreadable:
        return None


def _read(model: type[M], data: Any, what: Text) -> M:
    """Return a model of ``data``; invalid optional fields (null lists, odd times) are left out."""
    from pydantic import ValidationError  # loaded with the model

    if isinstance(data, dict) and data.get("success") is False:
        raise AnswerUnreadable(_UNREADABLE(what=what, reason=_told(data)))
    if not isinstance(data, dict):
        raise AnswerUnreadable(_UNREADABLE(what=what, reason=_kind(data)))
    try:
        return model.model_validate(data)
    except ValidationError as error:
        unfit = {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}
    except (RecursionError, OverflowError, ValueError):
        unfit = set()
    try:
        return model.model_validate({k: v for k, v in data.items() if k not in unfit})
    except (RecursionError, OverflowError, ValueError):
        reason = ", ".join(sorted(unfit)) or _kind(data)
        raise AnswerUnreadable(_UNREADABLE(what=what, reason=reason)) from None


def _named(answer: Named, what: Text) -> Named:
    """Refuse an id that is not a decimal number: such a task could not be requested again."""
    for name in (answer.conversation_id, answer.message_id):
        if not re.fullmatch(r"[0-9]{1,64}", name):
            raise AnswerUnreadable(_UNREADABLE(what=what, reason=_NO_ID(id=name[:80])))
    return answer


def _told(data: dict[str, Any]) -> str:
    for key in ("detail", "message", "error"):
        if isinstance(data.get(key), str) and data[key].strip():
            return str(data[key]).strip()[:300]
    return "success: false"


def _kind(data: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", type(None): "null"}
    return names.get(type(data), type(data).__name__)

"""Annotating a task: star, title, labels, group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import BadParameter
from ...i18n import Text
from ..requester import Requester
from ..storage.task_record import TaskRecord
from .gateway import Gateway
from .validation import check_labels, check_words


async def annotate(
    gateway: Gateway, requester: Requester, conversation_id: str, message_id: str, told: Any
) -> TaskRecord:
    """Star, title, label or group a task, finished or not.

    Raises:
        BadParameter: a value is invalid. Refusal: the task does not exist.
    """
    values = _annotations(told)
    record = await gateway.store.get(requester.owner, conversation_id, message_id)
    return await gateway.store.annotate(record, **values) if values else record


def _annotations(told: Any) -> dict[str, Any]:
    if not isinstance(told, Mapping):
        raise BadParameter(_OBJECT, code="malformed")
    values: dict[str, Any] = {}
    if "starred" in told:
        if not isinstance(told["starred"], bool):
            raise BadParameter(_FIELD(name="starred"), code="malformed")
        values["starred"] = told["starred"]
    for name in ("title", "group"):
        if name in told:
            if not (told[name] is None or isinstance(told[name], str)):
                raise BadParameter(_FIELD(name=name), code="malformed")
            values[name] = told[name] or None
            check_words(name, told[name])
    if "labels" in told:
        values["labels"] = tuple(check_labels(told["labels"] or []))
    return values


_OBJECT = Text("The body must be a JSON object.", "请求内容应为 JSON 对象。")
_FIELD = Text("{name} has the wrong type.", "{name} 的类型不对。")

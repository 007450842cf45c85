"""Identifying a task from a task, its id, the protocol's dictionary, or typed text."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from ..errors import BadParameter, TaskNotFound
from ..i18n import Text
from ..protocol import models
from ..protocol.models import TaskId
from ..protocol.values import as_text

if TYPE_CHECKING:
    from ..protocol.models import TaskPage, VideoTask

#: A task, its id, or text: ``"conversation-message"``, or a message id alone (looked up).
TaskLike: TypeAlias = "VideoTask | TaskId | str"

_PAGE = 100

_NOT_A_TASK = Text(
    "Invalid task {value!r}. Pass a task or its id, such as 12345678901234567-98765432109876543.",
    "{value!r} 不是任务。请提供任务对象，或形如 12345678901234567-98765432109876543 的任务 ID。",
)
_NOT_LISTED = Text(
    "No task with the message id {id} is in the gateway's list.",
    "网关的列表中没有消息 ID 为 {id} 的任务。",
)


class _Lists(Protocol):
    def __call__(self, *, limit: int, offset: int) -> Awaitable[TaskPage]: ...


async def find(task: TaskLike | Mapping[str, Any], list_tasks: _Lists) -> TaskId:
    """Return the id of a task; a message id alone is looked up in the list.

    Raises:
        BadParameter: it is not a task. TaskNotFound: no task has that message id.
    """
    if isinstance(task, models.VideoTask):
        return task.id
    if isinstance(task, TaskId):
        return task
    if isinstance(task, Mapping) and {"conversation_id", "message_id"} <= task.keys():
        return by_numbers(task["conversation_id"], task["message_id"])
    words = task.strip() if isinstance(task, str) else ""
    if words.isascii() and words.isdecimal():
        return await _search(words, list_tasks)
    try:
        return TaskId.parse(words)
    except ValueError:
        raise BadParameter(_NOT_A_TASK(value=task)) from None


def by_numbers(conversation_id: Any, message_id: Any) -> TaskId:
    """Return the id made of two numbers, given as text or numbers.

    Raises:
        BadParameter: one is invalid, such as a float, which has lost the last digits.
    """
    given = {"conversation_id": conversation_id, "message_id": message_id}
    return TaskId(*[as_text(name, value) or "" for name, value in given.items()])


async def _search(message_id: str, list_tasks: _Lists) -> TaskId:
    offset = 0
    while True:
        page = await list_tasks(limit=_PAGE, offset=offset)
        for task in page.tasks:
            if task.message_id == message_id:
                return task.id
        offset += len(page.tasks)
        if not page.tasks or offset >= page.total:
            raise TaskNotFound(_NOT_LISTED(id=message_id))

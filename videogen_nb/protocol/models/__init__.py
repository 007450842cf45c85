"""Models of the JSON exchanged between client and gateway.

Source: the project's protocol description, ``docs/protocol.md``. Both sides ignore unknown fields;
an attachment keeps them, since it is returned to the gateway unchanged. Every field beyond the
first part of the protocol is optional, because older gateways do not send it.

The models, and pydantic, are imported on first use, so that importing the client stays fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .ids import TaskId
from .status import FINISHED, TRANSITIONS, TaskStatus

if TYPE_CHECKING:
    from .answers import (
        Cancelled,
        Cleared,
        CreateAnswer,
        DiskUsage,
        Group,
        GroupList,
        SpendingRow,
        SpendingTable,
        TaskPage,
    )
    from .base import DecimalId, Moment, WireModel, zone_known
    from .batches import BatchAnswer, BatchEstimate, BatchRow, BatchState
    from .classroom import PeopleAnswer, PersonWork, QueueState
    from .engines import Choice, EngineInfo, EngineList, PoolMember, Spending
    from .images import Attachment, ImageRef, OriginalImage, TaskRef
    from .request import GenerateRequest
    from .task import Drawn, VideoTask

_HOMES = {
    "Attachment": "images",
    "BatchAnswer": "batches",
    "BatchEstimate": "batches",
    "BatchRow": "batches",
    "BatchState": "batches",
    "Cancelled": "answers",
    "Choice": "engines",
    "Cleared": "answers",
    "CreateAnswer": "answers",
    "DecimalId": "base",
    "DiskUsage": "answers",
    "Drawn": "task",
    "EngineInfo": "engines",
    "EngineList": "engines",
    "PoolMember": "engines",
    "GenerateRequest": "request",
    "Group": "answers",
    "GroupList": "answers",
    "ImageRef": "images",
    "Moment": "base",
    "OriginalImage": "images",
    "PeopleAnswer": "classroom",
    "PersonWork": "classroom",
    "QueueState": "classroom",
    "Spending": "engines",
    "SpendingRow": "answers",
    "SpendingTable": "answers",
    "TaskPage": "answers",
    "TaskRef": "images",
    "VideoTask": "task",
    "WireModel": "base",
    "zone_known": "base",
}

__all__ = [
    "FINISHED",
    "TRANSITIONS",
    "Attachment",
    "BatchAnswer",
    "BatchEstimate",
    "BatchRow",
    "BatchState",
    "Cancelled",
    "Choice",
    "Cleared",
    "CreateAnswer",
    "DecimalId",
    "DiskUsage",
    "Drawn",
    "EngineInfo",
    "EngineList",
    "GenerateRequest",
    "Group",
    "GroupList",
    "ImageRef",
    "Moment",
    "OriginalImage",
    "PeopleAnswer",
    "PersonWork",
    "PoolMember",
    "QueueState",
    "Spending",
    "SpendingRow",
    "SpendingTable",
    "TaskId",
    "TaskPage",
    "TaskRef",
    "TaskStatus",
    "VideoTask",
    "WireModel",
    "zone_known",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value

"""The wire's models: what stands in the JSON between client and gateway, and nothing else.

Source: the project's protocol description, ``docs/protocol.md``. Both sides ignore fields they do
not know; an attachment keeps them, since it goes back to the gateway unchanged. Every field beyond
the first part of the protocol is optional here, because older gateways do not send it.
"""

from __future__ import annotations

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
from .base import DecimalId, Moment, TaskId, WireModel, zone_known
from .classroom import PeopleAnswer, PersonWork, QueueState
from .engines import Choice, EngineInfo, EngineList, Spending
from .images import Attachment, ImageRef, OriginalImage, TaskRef
from .request import GenerateRequest
from .status import FINISHED, TRANSITIONS, TaskStatus
from .task import Drawn, VideoTask

__all__ = [
    "FINISHED",
    "TRANSITIONS",
    "Attachment",
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

"""The status of a task and the allowed transitions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class TaskStatus(StrEnum):
    """The status of a task."""

    PENDING = "pending"  # accepted and kept; the first attempt is not yet made
    PROCESSING = "processing"  # being made (or, in an older gateway, tried again)
    COMPLETED = "completed"  # the video is there
    FAILED = "failed"  # it will not come; `error` says why
    CANCELLED = "cancelled"  # a person stopped it

    @property
    def finished(self) -> bool:
        """Whether a task with this status never changes again."""
        return self in FINISHED


FINISHED = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED})

#: What may follow what. A gateway restart puts an interrupted local render back to pending.
TRANSITIONS: Mapping[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.PENDING: frozenset({TaskStatus.PROCESSING, TaskStatus.FAILED, TaskStatus.CANCELLED}),
    TaskStatus.PROCESSING: frozenset(
        {TaskStatus.PENDING, TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED}
    ),
    TaskStatus.COMPLETED: frozenset(),
    TaskStatus.FAILED: frozenset(),
    TaskStatus.CANCELLED: frozenset(),
}

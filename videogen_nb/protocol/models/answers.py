"""Responses other than single tasks: pages, groups, counts, created tasks."""

from __future__ import annotations

from pydantic import Field

from .base import DecimalId, WireModel
from .engines import Spending
from .task import VideoTask


class TaskPage(WireModel):
    """A page of ``GET /api/video-gen/list``, newest first; ``total`` counts every match."""

    tasks: list[VideoTask] = Field([])
    total: int = 0
    spending: list[Spending] = Field([])


class Group(WireModel):
    """A group of tasks, which acts as a folder."""

    name: str
    tasks: int


class GroupList(WireModel):
    """The response of ``GET /api/video-gen/groups``, newest first."""

    groups: list[Group] = Field([])


class Cleared(WireModel):
    """The response of ``prune``: the number of tasks, and the size of their files in bytes."""

    tasks: int
    bytes: int
    dry_run: bool = False


class Cancelled(WireModel):
    """The response of ``cancel_all``; ``going_on`` counts tasks that can no longer be stopped."""

    cancelled: int
    going_on: int = 0


class DiskUsage(WireModel):
    """Disk space that your tasks and images use at the gateway, and what is free there."""

    tasks: int
    video_bytes: int
    image_bytes: int
    free_bytes: int


class SpendingRow(WireModel):
    """One total; fields that it was not grouped by are null."""

    engine: str | None = None
    day: str | None = None
    group: str | None = None
    person: str | None = None
    currency: str
    videos: int
    spent: float
    expected: float


class SpendingTable(WireModel):
    """The response of ``spending``; ``by``: the fields that totals are grouped by."""

    by: list[str] = Field([])
    rows: list[SpendingRow] = Field([])


class CreateAnswer(WireModel):
    """The response of ``generate``."""

    success: bool = True
    message: str | None = None
    conversation_id: DecimalId
    message_id: DecimalId
    section_id: str | None = None
    task_status: str | None = None
    estimated_time: str | None = None
    estimated_seconds: float | None = None
    task: VideoTask | None = None

"""What a gateway answers beside single tasks: pages, groups, counts, a create's answer."""

from __future__ import annotations

from pydantic import Field

from .base import DecimalId, WireModel
from .engines import Spending
from .task import VideoTask


class TaskPage(WireModel):
    """A page of ``GET /api/video-gen/list``, newest first; ``total`` counts all that match."""

    tasks: list[VideoTask] = Field([])
    total: int = 0
    spending: list[Spending] = Field([])


class Group(WireModel):
    """A group of tasks, which acts as a folder."""

    name: str
    tasks: int


class GroupList(WireModel):
    """The answer of ``GET /api/video-gen/groups``, the newest first."""

    groups: list[Group] = Field([])


class Cleared(WireModel):
    """The answer of ``prune``: how many tasks, and the bytes of their files."""

    tasks: int
    bytes: int
    dry_run: bool = False


class Cancelled(WireModel):
    """The answer of ``cancel_all``; ``going_on`` ones cannot be stopped any more."""

    cancelled: int
    going_on: int = 0


class DiskUsage(WireModel):
    """What one's tasks and images take on the gateway's disk, and what is free there."""

    tasks: int
    video_bytes: int
    image_bytes: int
    free_bytes: int


class SpendingRow(WireModel):
    """One sum; what it was not summed up by is None."""

    engine: str | None = None
    day: str | None = None
    group: str | None = None
    person: str | None = None
    currency: str
    videos: int
    spent: float
    expected: float


class SpendingTable(WireModel):
    """The answer of ``spending``; ``by``: what the sums are by, in their order."""

    by: list[str] = Field([])
    rows: list[SpendingRow] = Field([])


class CreateAnswer(WireModel):
    """The answer of ``generate``."""

    success: bool = True
    message: str | None = None
    conversation_id: DecimalId
    message_id: DecimalId
    section_id: str | None = None
    task_status: str | None = None
    estimated_time: str | None = None
    estimated_seconds: float | None = None
    task: VideoTask | None = None

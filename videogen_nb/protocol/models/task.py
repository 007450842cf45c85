"""A task as reported by its gateway."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from ...i18n import Text
from .base import DecimalId, Moment, WireModel, zone_known
from .ids import TaskId
from .images import ImageRef
from .status import TaskStatus

_MORE = Text("{line} Real video models: {link}", "{line}真正的视频模型：{link}")


def _status(value: Any) -> Any:
    """Treat an unknown status as unfinished: keep following the task."""
    known = isinstance(value, str) and value in TaskStatus._value2member_map_
    return value if known else TaskStatus.PROCESSING


def _texts(value: Any) -> Any:
    """Leave out values that are not text, such as null for a missing video."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else value


class Drawn(WireModel):
    """Which parts of the prompt a video shows and which it does not, reported by its engine.

    ``line`` is the sentence to display; ``link`` leads to a page about engines that can do more.
    """

    shown: list[str] = Field([])
    missing: list[str] = Field([])
    line: str
    link: str | None = None

    @property
    def with_link(self) -> Text:
        """Return the line with its link as plain text, for a terminal."""
        if self.link is None:
            return Text.same(self.line)
        return _MORE(line=self.line, link=self.link)


class VideoTask(WireModel):
    """A task. Times have a time zone; durations are in seconds."""

    conversation_id: DecimalId
    message_id: DecimalId
    section_id: str | None = None
    status: Annotated[TaskStatus, BeforeValidator(_status)]
    video_urls: Annotated[list[str], BeforeValidator(_texts)] = Field([])
    retry_count: int = 0
    max_retries: int | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None
    error: str | None = None
    # From here on: only gateways of ours send these.
    progress: float | None = Field(None, ge=0, le=1, description="0 to 1; null = not reported")
    stage: str | None = None
    queue_position: int | None = Field(None, description="0 = next")
    eta_seconds: float | None = None
    poll_after_ms: int | None = None
    prompt: str | None = None
    engine: str | None = None
    pool: str | None = Field(None, description="pool that gave the task to this engine")
    engine_title: str | None = Field(None, description="display name of the engine")
    parameters: dict[str, Any] | None = None
    requested: dict[str, Any] | None = Field(
        None, description="the requested parameters, in the form that a create request takes"
    )
    images: list[ImageRef] = Field([])
    seed: int | None = None
    group: str | None = None
    parent: str | None = Field(None, description="id of the task that this one continues")
    labels: list[str] = Field([])
    starred: bool = False
    title: str | None = Field(None, description="title given by a person")
    notes: list[str] = Field([])
    drawn: Drawn | None = Field(
        None, description="null if there is no video or the engine does not report it"
    )
    started_at: Moment | None = None
    finished_at: Moment | None = None
    expires_at: Moment | None = None
    thumbnail_url: str | None = None
    last_frame_url: str | None = None
    sha256: str | None = None
    usage: dict[str, Any] | None = None
    cost: dict[str, Any] | None = None
    error_code: str | None = None
    person: str | None = Field(None, description="the person whose task it is; for teachers only")

    @property
    def id(self) -> TaskId:
        """The task's id: ``str(task.id)`` is ``conversation_id-message_id``."""
        return TaskId(self.conversation_id, self.message_id)

    def age_s(self, now: datetime) -> float | None:
        """Return the seconds since it was created; None if the time or its zone is unknown."""
        if self.created_at is None or not zone_known(self.created_at):
            return None
        return max(0.0, (now - self.created_at).total_seconds())

    @property
    def queue_s(self) -> float | None:
        """Seconds between creation and start; None if unknown."""
        if self.created_at is None or self.started_at is None:
            return None
        return max(0.0, (self.started_at - self.created_at).total_seconds())

    @property
    def work_s(self) -> float | None:
        """Seconds between start and end; None if unknown."""
        if self.started_at is None or self.finished_at is None:
            return None
        return max(0.0, (self.finished_at - self.started_at).total_seconds())

"""Images in the protocol: an upload, a URL, or a frame of a task's video."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from .base import DecimalId, WireModel
from .ids import TaskId


class OriginalImage(WireModel):
    """An image before a client shrank it: its size in pixels, and in bytes if it was a file."""

    width: int = Field(ge=1, le=10**6)
    height: int = Field(ge=1, le=10**6)
    size: int | None = Field(None, ge=1, le=10**12)


class Attachment(WireModel):
    """An uploaded image as the gateway described it. Unknown keys are kept and sent back."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    key: str
    name: str | None = None
    type: str | None = None
    identifier: str | None = None
    option: dict[str, Any] | None = None
    md5: str | None = None
    size: int | None = None
    shrunk_from: OriginalImage | None = None

    def to_wire(self) -> dict[str, Any]:
        """Return the dictionary as received, including unknown fields."""
        return self.model_dump(mode="json", exclude_unset=True)


class TaskRef(WireModel):
    """The ids of a task."""

    conversation_id: DecimalId
    message_id: DecimalId

    @property
    def id(self) -> TaskId:
        """The task's id."""
        return TaskId(self.conversation_id, self.message_id)


class ImageRef(WireModel):
    """An image of a request: an attachment, a URL or a frame of a task's video, and its role.

    ``frame`` is "last" or a time in the task's video, in seconds. With the role "video" it is the
    task's whole video.
    """

    attachment: Attachment | None = None
    url: str | None = None
    task: TaskRef | None = None
    frame: float | Literal["last"] = "last"
    role: Literal["first", "last", "reference", "video"] = "first"

    @property
    def sources(self) -> int:
        """The number of images it refers to, which should be one."""
        return sum(source is not None for source in (self.attachment, self.url or None, self.task))

    @property
    def source(self) -> str:
        """A string that is the same for the same image."""
        if self.attachment is not None:
            return self.attachment.key
        part = "video" if self.role == "video" else self.frame
        return f"{self.task.id} {part}" if self.task is not None else self.url or ""

    def to_wire(self) -> dict[str, Any]:
        """Return the entry of ``images`` in a JSON body."""
        if self.attachment is not None:
            return {"attachment": self.attachment.to_wire(), "role": self.role}
        if self.task is not None:
            named = self.task.model_dump(mode="json")
            return {"task": named, "frame": self.frame, "role": self.role}
        return {"url": self.url, "role": self.role}

"""Images on the wire: an uploaded one, a URL, or a frame of a task's video."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from .base import DecimalId, TaskId, WireModel


class OriginalImage(WireModel):
    """What an image was before a client shrank it: pixels, and bytes where it was a file."""

    width: int = Field(ge=1, le=10**6)
    height: int = Field(ge=1, le=10**6)
    size: int | None = Field(None, ge=1, le=10**12)


class Attachment(WireModel):
    """An uploaded image as the gateway described it; unknown keys are kept and sent back."""

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
        """Return the dictionary as it came: set fields only, unknown ones included."""
        return self.model_dump(mode="json", exclude_unset=True)


class TaskRef(WireModel):
    """A task as a request names it."""

    conversation_id: DecimalId
    message_id: DecimalId

    @property
    def id(self) -> TaskId:
        """The task's name everywhere."""
        return TaskId(self.conversation_id, self.message_id)


class ImageRef(WireModel):
    """One image of a request: an attachment, a URL or a frame of a task's video; what it is for.

    ``frame`` is "last", or so many seconds from the beginning of the task's video.
    """

    attachment: Attachment | None = None
    url: str | None = None
    task: TaskRef | None = None
    frame: float | Literal["last"] = "last"
    role: Literal["first", "last", "reference"] = "first"

    @property
    def sources(self) -> int:
        """How many images it names, of which there should be one."""
        return sum(source is not None for source in (self.attachment, self.url or None, self.task))

    @property
    def source(self) -> str:
        """A word that is the same for the same image."""
        if self.attachment is not None:
            return self.attachment.key
        return f"{self.task.id} {self.frame}" if self.task is not None else self.url or ""

    def to_wire(self) -> dict[str, Any]:
        """Return the entry of ``images`` in a JSON body."""
        if self.attachment is not None:
            return {"attachment": self.attachment.to_wire(), "role": self.role}
        if self.task is not None:
            named = self.task.model_dump(mode="json")
            return {"task": named, "frame": self.frame, "role": self.role}
        return {"url": self.url, "role": self.role}

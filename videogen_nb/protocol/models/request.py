"""The request for a task."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .base import DecimalId, WireModel
from .images import Attachment, ImageRef


class GenerateRequest(WireModel):
    """The body of ``POST /api/video-gen/generate``. None or absent: the engine's default."""

    prompt: str
    image_url: str | None = None
    image_attachment: Attachment | None = None
    guest: bool = False
    conversation_id: DecimalId | None = None
    section_id: str | None = None
    images: list[ImageRef] | None = None
    group: str | None = None
    parent: str | None = None
    labels: list[str] | None = None
    engine: str | None = None
    duration: float | None = Field(None, description="seconds")
    ratio: str | None = Field(None, description='width to height, such as "16:9"')
    resolution: str | None = Field(None, description='such as "720p"')
    fps: float | None = None
    seed: int | None = None
    caption: bool | None = Field(None, description="false: show no text on the video")
    extra: dict[str, Any] | None = Field(None, description="the engine's own parameters")
    notify: str | None = Field(None, description="webhook to call when the task has ended")
    again: bool | None = Field(
        None, description="create another video even if a paid engine got the same request before"
    )

    hops: int | None = Field(None, description="how many gateways have passed the request on")

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON body without None, so that older gateways see only known fields."""
        body = self.model_dump(
            mode="json", exclude_none=True, exclude={"image_attachment", "images"}
        )
        if self.image_attachment is not None:
            body["image_attachment"] = self.image_attachment.to_wire()
        if self.images is not None:
            body["images"] = [image.to_wire() for image in self.images]
        return body

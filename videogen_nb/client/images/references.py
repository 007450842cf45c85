"""Images in a request: by URL, by attachment, or uploaded first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ...errors import BadInput
from ...i18n import Text
from ...media.images.from_text import is_data_url, is_url
from ...media.video import Video
from ...protocol import models
from ...protocol.urls import is_web_url
from ...protocol.values import as_text
from ..create.validation import as_attachment, as_image_ref, as_images

if TYPE_CHECKING:
    from ...protocol.models import Attachment, ImageRef

_BAD_URL = Text(
    "Invalid image URL {url!r}: it must start with http:// or https:// and include a host.",
    "{url!r} 不是有效的图片链接：必须以 http:// 或 https:// 开头并包含主机名。",
)


def check_url(url: str) -> str:
    """Return an image URL in the form that the gateway can download.

    Raises:
        BadInput: not http(s), or no host.
    """
    url = (as_text("image_url", url) or "").strip()
    if not is_web_url(url) or not url.isprintable() or " " in url:
        raise BadInput(_BAD_URL(url=url[:200]), code="bad_url")
    return url


def name_in(url: str) -> str:
    """Return the file name in a URL, or its host if there is none."""
    parts = urlsplit(url)
    return parts.path.rstrip("/").rpartition("/")[2] or parts.hostname or url


async def references(
    images: Sequence[Any], refer: Callable[[Any, str], Awaitable[Attachment | ImageRef]]
) -> list[ImageRef]:
    """Return the references to several images; ``refer`` uploads those not yet on the gateway.

    An image without a role is the first frame if it comes first, otherwise a reference.

    Raises:
        BadParameter, BadImage, BadInput: one of them is invalid.
    """
    images = as_images(images)
    roles = ["first", *["reference"] * len(images)]
    return [
        await _reference(image, role, refer) for image, role in zip(images, roles, strict=False)
    ]


def _task_in(image: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ids of a task that is given as a video or a task."""
    task = image.get("task")
    task = task.task if isinstance(task, Video) else task
    if not isinstance(task, models.VideoTask):
        return {}
    named = {"conversation_id": task.id.conversation_id, "message_id": task.id.message_id}
    return {"task": named}


async def _reference(
    image: Any, role: str, refer: Callable[[Any, str], Awaitable[Attachment | ImageRef]]
) -> ImageRef:
    if isinstance(image, Mapping) and "key" not in image:
        image = as_image_ref({**image, **_task_in(image)})
    if isinstance(image, models.ImageRef):
        if image.url is None or not is_data_url(image.url):
            return image
        image, role = image.url, image.role
    if is_url(image):
        return as_image_ref({"url": check_url(image), "role": role})
    if not isinstance(image, models.Attachment | Mapping):
        image = await refer(image, role)
        if isinstance(image, models.ImageRef):
            return image
    return as_image_ref({"attachment": as_attachment(image), "role": role})

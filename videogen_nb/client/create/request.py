"""Turning a caller's arguments into a validated request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...media.images.from_text import is_data_url
from ...protocol import models
from ...protocol.values import plain
from ..images import references as image_refs
from . import validation

if TYPE_CHECKING:
    from ...protocol.models import Attachment, GenerateRequest, ImageRef


async def prepare(
    refer: Callable[..., Awaitable[Attachment | ImageRef]],
    /,
    prompt: str,
    *,
    attachment: Attachment | Mapping[str, Any] | None = None,
    image_url: str | None = None,
    images: Sequence[Any] | None = None,
    again: bool = False,
    **fields: Any,
) -> GenerateRequest:
    """Return the request; everything is checked before the first image is uploaded.

    Raises:
        BadPrompt, BadParameter, BadImage: an argument is invalid; the message says which.
    """
    validation.check(prompt, fields)
    fields = {name: plain(name, value) for name, value in fields.items()}
    image_url, again = plain("image_url", image_url), plain("again", again)
    if image_url is not None and not is_data_url(image_url):
        image_url = image_refs.check_url(image_url)
    known = {
        "image_attachment": validation.as_attachment(attachment),
        "image_url": image_url,
        "again": again or None,
        **fields,
    }
    request = validation.build(prompt, **known)
    if image_url is not None and is_data_url(image_url):  # too long for a request
        update = {"image_url": None, "image_attachment": await refer(image_url)}
        request = request.model_copy(update=update)
    if images is None:
        return request
    references = await image_refs.references(images, refer)
    return request.model_copy(update={"images": references})


async def with_uploads(
    request: GenerateRequest, upload: Callable[[str], Awaitable[Attachment]]
) -> GenerateRequest | None:
    """Return the same request with every image URL uploaded; None if it has none."""
    images = request.images or []
    if request.image_url is None and all(image.url is None for image in images):
        return None
    update: dict[str, Any] = {}
    if request.image_url is not None:
        update = {"image_url": None, "image_attachment": await upload(request.image_url)}
    if images:
        update["images"] = [
            image
            if image.url is None
            else models.ImageRef(attachment=await upload(image.url), role=image.role)
            for image in images
        ]
    return request.model_copy(update=update)

"""From what a caller gives to a checked request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from ..protocol.models import Attachment, GenerateRequest
from . import image_input, validation


async def prepare(
    upload: Callable[[Any], Awaitable[Attachment]],
    /,
    prompt: str,
    *,
    attachment: Attachment | Mapping[str, Any] | None = None,
    image_url: str | None = None,
    images: Sequence[Any] | None = None,
    again: bool = False,
    **fields: Any,
) -> GenerateRequest:
    """The request of these arguments; all is checked before the first image is uploaded.

    Raises:
        BadPrompt, BadParameter, BadImage: it does not fit; the text says what.
    """
    validation.check(prompt, fields)
    known = {
        "image_attachment": validation.as_attachment(attachment),
        "image_url": image_input.check_url(image_url) if image_url is not None else None,
        "again": again or None,
        **fields,
    }
    request = validation.build(prompt, **known)
    if images is None:
        return request
    references = await image_input.references(images, upload)
    return request.model_copy(update={"images": references})

"""From what a caller gives to a checked request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from ..schemas import Attachment, GenerateRequest
from . import asking, pictures


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
    """The request of these arguments; all is checked before the first picture is uploaded.

    Raises:
        BadPrompt, BadParameter, BadImage: it does not fit; the text says what.
    """
    asking.check(prompt, fields)
    known = {
        "image_attachment": asking.as_attachment(attachment),
        "image_url": pictures.check_url(image_url) if image_url is not None else None,
        "again": again or None,
        **fields,
    }
    request = asking.build(prompt, **known)
    if images is None:
        return request
    references = await pictures.references(images, upload)
    return request.model_copy(update={"images": references})

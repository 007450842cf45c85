"""The upload of an image."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ...media.images import MAX_BYTES
from ...protocol.models import Attachment
from ...protocol.prompts import find_control
from ..refusals import Refusal
from ..threads import in_thread
from .bodies import arriving
from .context import gateway_of, owner_of
from .responses import attachment_answer
from .tasks import json_answer

router = APIRouter()

_RAW = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


@router.post(
    "/api/file/upload",
    tags=["images"],
    responses={200: {"model": Attachment}},
    openapi_extra={"requestBody": {"required": True, "content": _RAW}},
)
async def upload(
    request: Request,
    file_type: Annotated[int, Query(description="2 = image; other types are refused")] = 2,
    file_name: Annotated[str, Query(description="file name to display")] = "image",
) -> Response:
    """Store an image: the raw bytes of a JPG, PNG, WEBP or HEIC file of at most 10 MiB.

    Pass the response, an attachment, to `generate` unchanged.
    """
    _check_upload(request, file_type, file_name)
    gateway, owner = gateway_of(request), owner_of(request)
    async with arriving(request, MAX_BYTES) as body:
        kept = await gateway.uploads.add(owner, body.data, file_name)
        md5 = await in_thread(hashlib.md5, body.data, usedforsecurity=False)
        answer = attachment_answer(kept, file_name, len(body.data), md5.hexdigest())
    return json_answer(answer)


def _check_upload(request: Request, file_type: int, file_name: str) -> None:
    if file_type == 1:
        raise Refusal("documents_not_taken")
    if file_type != 2:
        raise Refusal("file_type_unknown")
    if not 1 <= len(file_name) <= 255 or find_control(file_name):
        raise Refusal("file_name_invalid")
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        raise Refusal("form_not_taken")

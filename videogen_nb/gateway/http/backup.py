"""The route for backups."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from ...people.person import OWNER
from ..refusals import Refusal
from ..storage.backup import archive
from .context import gateway_of, requester_of

router = APIRouter(prefix="/api/video-gen", tags=["backup"])


@router.get("/backup", response_class=StreamingResponse)
async def backup(request: Request) -> Response:
    """Download a backup as a tar archive, for `videogen-nb restore`. Owner only.

    It does not contain the keys of providers.
    """
    gateway, requester = gateway_of(request), requester_of(request)
    if requester.person != OWNER:
        raise Refusal("owner_only")
    pieces = await archive(gateway.database)
    return StreamingResponse(pieces, media_type="application/x-tar")

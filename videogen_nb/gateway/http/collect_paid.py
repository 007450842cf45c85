"""The route for collecting videos that may have been paid for."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ...protocol.models import CreateAnswer
from ..service.collect_paid import collect
from .context import gateway_of, requester_of
from .responses import created_answer
from .tasks import ONE_TASK, ids_of, json_answer

router = APIRouter(prefix="/api/video-gen", tags=["tasks"])


@router.post("/collect", **{**ONE_TASK, "responses": {200: {"model": CreateAnswer}}})
async def collect_task(
    request: Request,
    upstream: Annotated[
        str | None, Query(max_length=200, description="the task's id at the provider")
    ] = None,
) -> Response:
    """Find at its provider a task that failed after it was sent, without paying again.

    Returns the new task that replaces it; calling again returns the same one.
    """
    gateway, requester = gateway_of(request), requester_of(request)
    record = await collect(gateway, requester, ids_of(request), upstream)
    return json_answer(created_answer(record, gateway.runner, requester))

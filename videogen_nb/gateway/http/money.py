"""Routes for spending, and for collecting videos that may have been paid for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ...protocol import filters
from ...protocol.models import CreateAnswer, SpendingTable
from ..refusals import Refusal
from ..service.collect_paid import collect
from ..storage.spending_report import BY, Period
from .context import gateway_of, requester_of
from .responses import created_answer
from .tasks import ONE_TASK, ids_of, json_answer

router = APIRouter(prefix="/api/video-gen", tags=["money"])


@router.get("/spending", responses={200: {"model": SpendingTable}})
async def spending(
    request: Request,
    by: Annotated[
        str, Query(description="engine, day, group or person; several separated by commas")
    ] = "engine",
    since: Annotated[str | None, Query(description="spent then or later; ISO 8601")] = None,
    until: Annotated[str | None, Query(description="spent before; ISO 8601")] = None,
) -> Response:
    """Return totals of your own spending, or of everyone's for a teacher or owner."""
    gateway, requester = gateway_of(request), requester_of(request)
    names = list(dict.fromkeys(word.strip() for word in by.split(",") if word.strip()))
    for name in names:
        if name not in BY:
            raise Refusal("malformed", where="by", what=f"{name[:60]!r}: use {', '.join(BY)}")
    told = {name: value for name, value in (("since", since), ("until", until)) if value}
    wanted = filters.read_filters(told, datetime.now(UTC))
    owner = None if requester.person.sees_all else requester.owner
    rows = await gateway.store.breakdown(names, owner, Period(wanted.since, wanted.until))
    return json_answer({"success": True, "by": names, "rows": rows})


@router.post("/collect", **{**ONE_TASK, "responses": {200: {"model": CreateAnswer}}})
async def collect_task(
    request: Request,
    upstream: Annotated[
        str | None, Query(max_length=200, description="the task's id at the provider")
    ] = None,
) -> Response:
    """Look at the provider for a task that failed after it was sent. Nothing is paid again.

    Returns the new task that replaces it; calling again returns the same one.
    """
    gateway, requester = gateway_of(request), requester_of(request)
    record = await collect(gateway, requester, ids_of(request), upstream)
    return json_answer(created_answer(record, gateway.runner, requester))

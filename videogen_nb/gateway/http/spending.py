"""The route for spending: what paid videos have cost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ...protocol import filters
from ...protocol.models import SpendingTable
from ..refusals import Refusal
from ..storage.spending_report import BY, Period
from .context import gateway_of, requester_of
from .tasks import json_answer

router = APIRouter(prefix="/api/video-gen", tags=["spending"])


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

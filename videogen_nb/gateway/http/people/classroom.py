"""Routes for classes: the queue for everyone; people, pausing and downloads for teachers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from ....people.person import LIMITS
from ....protocol import filters
from ....protocol.filters import Filters
from ....protocol.models import PeopleAnswer, QueueState, TaskStatus
from ...refusals import Refusal
from ...service import classroom
from ..bodies import read_json
from ..context import gateway_of, requester_of
from ..tasks import json_answer

router = APIRouter(prefix="/api/video-gen", tags=["class"])

_QUERY: Final[Any] = {
    "parameters": [
        {"name": name, "in": "query", "schema": {"type": "string"}} for name in filters.NAMES
    ]
}
_ENGINE: Final[Any] = {
    "requestBody": {
        "content": {
            "application/json": {
                "schema": {"type": "object", "properties": {"engine": {"type": "string"}}}
            }
        }
    }
}


@router.get("/queue", responses={200: {"model": QueueState}})
async def queue(request: Request) -> Response:
    """Return how many of everyone's tasks are waiting and running, and what is paused."""
    return json_answer(_told(classroom.queue_state(gateway_of(request))))


@router.get("/people", responses={200: {"model": PeopleAnswer}})
async def people(request: Request) -> Response:
    """List people with their tasks by status and what they have spent. Teachers only."""
    gateway, requester = gateway_of(request), requester_of(request)
    found = await classroom.overview(gateway, requester)
    told = {**_told(classroom.queue_state(gateway)), "people": [_work(work) for work in found]}
    problem = gateway.people.problem
    return json_answer({**told, "problem": problem and problem.render(requester.language)})


@router.post("/pause", responses={200: {"model": QueueState}}, openapi_extra=_ENGINE)
async def pause(request: Request) -> Response:
    """Pause one `engine`, or all. Running tasks continue. Teachers only."""
    return await _set_paused(request, paused=True)


@router.post("/resume", responses={200: {"model": QueueState}}, openapi_extra=_ENGINE)
async def resume(request: Request) -> Response:
    """Resume one `engine`, or all. Teachers only."""
    return await _set_paused(request, paused=False)


@router.get("/contact_sheet", response_class=Response, openapi_extra=_QUERY)
async def contact_sheet(request: Request) -> Response:
    """Return one JPEG with the posters of all matching videos. Takes the filters of `list`."""
    gateway, requester = gateway_of(request), requester_of(request)
    data = await classroom.sheet(gateway, requester, _wanted(request))
    return Response(data, media_type="image/jpeg")


@router.get("/zip", response_class=StreamingResponse, openapi_extra=_QUERY)
async def archive(request: Request) -> Response:
    """Download all matching videos as a zip with a folder per person. Filters as in `list`."""
    gateway, requester = gateway_of(request), requester_of(request)
    pieces = await classroom.archive(gateway, requester, _wanted(request))
    return StreamingResponse(pieces, media_type="application/zip")


async def _set_paused(request: Request, *, paused: bool) -> Response:
    gateway, requester = gateway_of(request), requester_of(request)
    classroom.check_teacher(requester)  # before a body is read
    body = await read_json(request)
    engine = body.get("engine") if isinstance(body, dict) else body
    if not isinstance(body, dict) or not (engine is None or isinstance(engine, str)):
        raise Refusal("malformed", where="engine", what="expected text")
    state = await classroom.set_paused(gateway, requester, engine or None, paused=paused)
    return json_answer(_told(state))


def _wanted(request: Request) -> Filters:
    asked = dict(request.query_params)
    filters.check_told(asked)
    return filters.read_filters(asked, datetime.now(UTC))


def _told(state: classroom.QueueState) -> dict[str, Any]:
    return {
        "success": True,
        "waiting": state.waiting,
        "running": state.running,
        "paused": state.paused,
        "paused_engines": list(state.paused_engines),
    }


def _work(work: classroom.Work) -> dict[str, Any]:
    person, count = work.person, work.tasks.get
    return {
        "name": classroom.shown_name(person.name),
        "role": person.role,
        "revoked": person.revoked,
        "limits": {n: v for n in LIMITS if (v := getattr(person.limits, n)) is not None},
        "waiting": count(TaskStatus.PENDING, 0),
        "running": count(TaskStatus.PROCESSING, 0),
        "made": count(TaskStatus.COMPLETED, 0),
        "failed": count(TaskStatus.FAILED, 0),
        "cancelled": count(TaskStatus.CANCELLED, 0),
        "spent": [
            {
                "engine": one.engine,
                "currency": one.currency,
                "spent": round(one.spent, 6),
                "expected": round(one.expected, 6),
            }
            for one in work.spent
        ],
    }

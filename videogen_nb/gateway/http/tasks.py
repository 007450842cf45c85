"""The routes of the protocol: each parses the request, calls the service, and responds."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from ...protocol import filters
from ...protocol.models import (
    CreateAnswer,
    EngineList,
    TaskPage,
    VideoTask,
    WireModel,
)
from ..refusals import Refusal
from ..service.classroom import whose
from ..service.engines import engine_list
from .bodies import read_json
from .context import gateway_of, requester_of
from .responses import created_answer, task_answer

router = APIRouter()

PAGE = 500  # tasks that are written at once; between pages others get their turn
EVERYTHING = 10_000  # clients of older gateways know no pages

_ORDER = {"application/json": {"schema": {"$ref": "#/components/schemas/GenerateRequest"}}}


encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class TaskAnswer(WireModel):
    """The response about one task."""

    success: bool = True
    task: VideoTask


class ErrorAnswer(WireModel):
    """Every response other than 200. ``code`` is stable; ``detail`` is for people."""

    detail: str
    code: str


ONE_TASK: Any = {
    "tags": ["tasks"],
    "responses": {200: {"model": TaskAnswer}},
    "openapi_extra": {
        "parameters": [
            {"name": name, "in": "query", "required": True, "schema": {"type": "string"}}
            for name in ("conversation_id", "message_id")
        ]
    },
}


# First, and with its query read by hand: this is what is asked all the time.
@router.get("/api/video-gen/status", **ONE_TASK)
async def status(request: Request) -> Response:
    """Return a task. `poll_after_ms` says how long to wait before the next request."""
    gateway, requester = gateway_of(request), requester_of(request)
    record = await gateway.find(requester, *ids_of(request))
    return json_answer({"success": True, "task": task_answer(record, gateway.runner, requester)})


@router.post(
    "/api/video-gen/generate",
    tags=["tasks"],
    responses={200: {"model": CreateAnswer}},
    openapi_extra={"requestBody": {"required": True, "content": _ORDER}},
)
async def generate(
    request: Request,
    idempotency_key: Annotated[
        str | None, Header(description="the same key and body return the same task for 7 days")
    ] = None,
) -> Response:
    """Create a task. It is written to disk before the response is sent.

    An `image_url` is downloaded first, within 20 s; if that fails, no task is created.
    """
    gateway, requester = gateway_of(request), requester_of(request)
    record = await gateway.create(requester, await read_json(request), idempotency_key)
    return json_answer(created_answer(record, gateway.runner, requester))


@router.get("/api/video-gen/list", tags=["tasks"], responses={200: {"model": TaskPage}})
async def list_tasks(
    request: Request,
    conversation_id: Annotated[str | None, Query(max_length=64)] = None,
    status: Annotated[
        str | None, Query(description="one status, or several separated by commas")
    ] = None,
    engine: Annotated[str | None, Query()] = None,
    group: Annotated[str | None, Query()] = None,
    batch: Annotated[str | None, Query(description="name of a batch")] = None,
    label: Annotated[str | None, Query()] = None,
    starred: Annotated[bool | None, Query()] = None,
    text: Annotated[str | None, Query(description="words in the task, in any order")] = None,
    since: Annotated[str | None, Query(description="created then or later; ISO 8601")] = None,
    until: Annotated[str | None, Query(description="created before; ISO 8601")] = None,
    person: Annotated[
        str | None, Query(description="name of a person, `*` = everyone; teachers only")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=EVERYTHING)] = EVERYTHING,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
    after: Annotated[
        str | None, Query(description="message id that ended the previous page")
    ] = None,
) -> Response:
    """List tasks, newest first, all of them without `limit`. `total` counts every match.

    Unknown query parameters are refused (422). Pages that use `after` do not shift when tasks are
    created.
    """
    query = request.query_params
    _check_query(request, (*filters.NAMES, "limit", "offset", "after"))
    gateway = gateway_of(request)
    asked = {name: query[name] for name in filters.NAMES if name in query}
    if starred is not None:
        asked["starred"] = "true" if starred else "false"
    wanted = filters.read_filters(asked, datetime.now(UTC))
    tasks, total = await _listed(request, limit, offset, after, wanted)
    spending = [
        one.model_dump(mode="json") for one in await gateway.spending(requester_of(request))
    ]
    head = encode({"success": True, "total": total, "spending": spending})
    body = f'{head[:-1]},"tasks":[{",".join(tasks)}]}}'
    return Response(body, media_type="application/json")


@router.post("/api/video-gen/cancel", **ONE_TASK)
async def cancel(request: Request) -> Response:
    """Cancel a waiting or running task. Responds once it has stopped.

    409 if it has already ended, or if its engine can no longer stop it.
    """
    gateway, requester = gateway_of(request), requester_of(request)
    record = await gateway.cancel(requester, *ids_of(request))
    return json_answer({"success": True, "task": task_answer(record, gateway.runner, requester)})


@router.post("/api/video-gen/retry", **{**ONE_TASK, "responses": {200: {"model": CreateAnswer}}})
async def retry(request: Request) -> Response:
    """Retry a failed or cancelled task: creates a new task with this one as its `parent`."""
    gateway, requester = gateway_of(request), requester_of(request)
    record = await gateway.retry(requester, *ids_of(request))
    return json_answer(created_answer(record, gateway.runner, requester))


@router.delete("/api/video-gen/task", **ONE_TASK)
async def forget(request: Request) -> Response:
    """Delete a finished task and its video. 409 if it has not ended."""
    gateway, requester = gateway_of(request), requester_of(request)
    record = await gateway.forget(requester, *ids_of(request))
    task = {
        **task_answer(record, gateway.runner, requester),
        "video_urls": [],
        "thumbnail_url": None,
    }
    return json_answer({"success": True, "task": task})


@router.get("/api/video-gen/engines", tags=["engines"], responses={200: {"model": EngineList}})
async def engines(request: Request) -> Response:
    """List the engines and what each can do; `missing` says what an engine still needs."""
    gateway, requester = gateway_of(request), requester_of(request)
    listed = engine_list(gateway, requester.language, await gateway.spending(requester))
    return json_answer(listed.model_dump(mode="json"))


async def _listed(
    request: Request, limit: int, offset: int, after: str | None, wanted: filters.Filters
) -> tuple[list[str], int]:
    """Yield tasks as JSON, page by page, and the number of matches."""
    gateway, requester = gateway_of(request), requester_of(request)
    owner = whose(requester, wanted)
    tasks: list[str] = []
    total, last = 0, after
    while len(tasks) < limit:
        size = min(PAGE, limit - len(tasks))
        records, matched = await gateway.store.page(
            owner, wanted=wanted, limit=size, offset=0 if tasks else offset, after=last
        )
        total = total or matched
        tasks += [encode(task_answer(record, gateway.runner, requester)) for record in records]
        if len(records) < size:
            break
        last = records[-1].message_id
        await asyncio.sleep(0)
    return tasks, total


def _check_query(request: Request, known: tuple[str, ...]) -> None:
    for name in request.query_params:
        if name not in known:
            raise Refusal("query_unknown", name=name[:100], known=", ".join(known))


def ids_of(request: Request) -> tuple[str, str]:
    """Return the two numbers of a task's id. Raises Refusal if one is missing."""
    query = request.query_params
    for name in ("conversation_id", "message_id"):
        if not query.get(name):
            raise Refusal("id_missing", name=name)
    return query["conversation_id"], query["message_id"]


def json_answer(content: Any, status: int = 200) -> Response:
    """Return a JSON response."""
    return Response(encode(content), status, media_type="application/json")

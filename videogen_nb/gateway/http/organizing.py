"""Routes for existing tasks: annotating, bulk cancelling, pruning, disk usage."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from ...protocol import filters
from ...protocol.filters import Filters
from ..refusals import Refusal
from ..service.annotate import annotate as annotate_task
from ..service.cancel_all import cancel_all as cancel_matching
from ..service.prune import prune as prune_matching
from ..service.prune import usage as usage_of
from .bodies import read_json
from .context import gateway_of, requester_of
from .responses import task_answer
from .tasks import ONE_TASK, ids_of, json_answer

router = APIRouter(prefix="/api/video-gen", tags=["tasks"])

_FILTERS: Final = {
    name: {"type": "boolean"} if name == "starred" else {"type": "string"} for name in filters.NAMES
}


def _body(**properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.patch(
    "/task",
    **{
        **ONE_TASK,
        "openapi_extra": {
            **ONE_TASK["openapi_extra"],
            **_body(
                starred={"type": "boolean"},
                title={"type": ["string", "null"], "maxLength": 200},
                group={"type": ["string", "null"], "maxLength": 200},
                labels={"type": "array", "items": {"type": "string", "maxLength": 200}},
            ),
        },
    },
)
async def annotate(request: Request) -> Response:
    """Star, title, label or group a task. Omitted fields stay unchanged."""
    gateway, requester = gateway_of(request), requester_of(request)
    told = await read_json(request)
    record = await annotate_task(gateway, requester, *ids_of(request), told)
    return json_answer({"success": True, "task": task_answer(record, gateway.runner, requester)})


@router.get("/groups")
async def groups(request: Request) -> Response:
    """List groups, which act as folders, with the number of tasks in each; newest first."""
    gateway, requester = gateway_of(request), requester_of(request)
    found = await gateway.store.groups(requester.owner)
    return json_answer(
        {"success": True, "groups": [{"name": name, "tasks": count} for name, count in found]}
    )


@router.post("/cancel_all", openapi_extra=_body(**_FILTERS))
async def cancel_all(request: Request) -> Response:
    """Cancel all matching tasks that have not ended. Body: the filters of `list`."""
    gateway, requester = gateway_of(request), requester_of(request)
    wanted, _ = await _wanted(request)
    stopped, late = await cancel_matching(gateway, requester, wanted)
    return json_answer({"success": True, "cancelled": stopped, "going_on": late})


@router.post("/prune", openapi_extra=_body(**_FILTERS, dry_run={"type": "boolean"}))
async def prune(request: Request) -> Response:
    """Delete matching finished tasks and their videos; starred ones only with `starred`.

    Body: the filters of `list`. With `dry_run`, nothing is deleted.
    """
    gateway, requester = gateway_of(request), requester_of(request)
    wanted, dry_run = await _wanted(request, "dry_run")
    count, size = await prune_matching(gateway, requester, wanted, dry_run=dry_run)
    return json_answer({"success": True, "tasks": count, "bytes": size, "dry_run": dry_run})


@router.get("/usage")
async def usage(request: Request) -> Response:
    """Return the number of tasks, and the disk space of their videos and images in bytes."""
    gateway, requester = gateway_of(request), requester_of(request)
    told = await usage_of(gateway, requester)
    return json_answer(
        {
            "success": True,
            "tasks": told.tasks,
            "video_bytes": told.videos,
            "image_bytes": told.images,
            "free_bytes": told.free,
        }
    )


async def _wanted(request: Request, flag: str = "") -> tuple[Filters, bool]:
    """Return the filters in a body, and an additional flag."""
    body = await read_json(request)
    if not isinstance(body, dict):
        raise Refusal("malformed", where="body", what="expected a JSON object")
    on = body.pop(flag, False)
    if not isinstance(on, bool):
        raise Refusal("malformed", where=flag, what="expected true or false")
    filters.check_told(body)
    return filters.read_filters(body, datetime.now(UTC)), on

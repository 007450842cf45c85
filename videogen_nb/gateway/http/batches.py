"""The routes of batches: a table of requests under one name."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ...errors import BadParameter
from ...i18n import Text
from ...protocol.models import BatchAnswer, BatchState
from ..requester import Requester
from ..service.batches import Batches, Weighed
from ..service.gateway import Gateway
from ..storage.batches import Admitted
from .bodies import read_json
from .context import gateway_of, requester_of
from .errors import problems
from .responses import task_answer
from .tasks import PAGE, json_answer

router = APIRouter(prefix="/api/video-gen/batch", tags=["batches"])

MAX_BODY: Final = 8 * 2**20
MAX_VALUES: Final = 150_000  # of all rows together: each takes some 60 bytes when read
WHICH: Final = ("failed", "cancelled", "unknown")
_ROW: Final = {
    "allOf": [{"$ref": "#/components/schemas/GenerateRequest"}],
    "properties": {"key": {"type": "string", "maxLength": 200}},
}


def _body(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    """Return the OpenAPI description of a body that is parsed by hand, within limits."""
    schema = {"type": "object", "required": list(required), "properties": properties}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


_NAME: Final = {"type": "string", "minLength": 1, "maxLength": 200}
_KEYS: Final = {"type": "array", "items": {"type": "string"}}


@router.post(
    "",
    responses={200: {"model": BatchAnswer}},
    openapi_extra=_body(
        ("name", "rows"),
        name=_NAME,
        rows={"type": "array", "minItems": 1, "items": _ROW},
        dry_run={"type": "boolean"},
        notify={"type": "string", "description": "webhook that is told when all rows have ended"},
    ),
)
async def create(request: Request) -> Response:
    """Create a task for every row, or none at all. Rows that exist already keep their task.

    With `dry_run`, nothing is created: the response says what would happen to each row.
    """
    gateway, requester = gateway_of(request), requester_of(request)
    body = _object(await read_json(request, MAX_BODY, MAX_VALUES))
    dry_run = body.get("dry_run", False)
    if not isinstance(dry_run, bool):
        raise BadParameter(_FIELD(name="dry_run"), code="malformed")
    name = body.get("name")
    batches = _batches_of(request)
    notify = _text(body, "notify") if body.get("notify") is not None else None
    weighed = await batches.create(
        requester, name, body.get("rows"), dry_run=dry_run, notify=notify
    )
    return json_answer(await _created(gateway, requester, str(name), weighed, dry_run=dry_run))


@router.get("", responses={200: {"model": BatchState}})
async def state(
    request: Request,
    name: Annotated[str, Query(max_length=200)],
    changed_since: Annotated[
        float | None,
        Query(description="`cursor` of an earlier response; only newer changes"),
    ] = None,
) -> Response:
    """Return a batch: its rows in the order of the table, and how many have each status."""
    gateway, requester = gateway_of(request), requester_of(request)
    rows, counts, at = await _batches_of(request).state(requester, name, changed_since)
    answer = {
        "success": True,
        "name": name,
        "total": sum(counts.values()),
        "counts": counts,
        "rows": [_row(gateway, requester, row) for row in rows],
        "cursor": repr(at),
    }
    return json_answer(answer)


@router.post(
    "/again",
    responses={200: {"model": BatchState}},
    openapi_extra=_body(
        ("name", "which"), name=_NAME, which={"type": "string", "enum": list(WHICH)}, keys=_KEYS
    ),
)
async def again(request: Request) -> Response:
    """Retry rows that ended without a video. Rows of kind `unknown` may have been paid for."""
    gateway, requester = gateway_of(request), requester_of(request)
    body = _object(await read_json(request, MAX_BODY, MAX_VALUES))
    which = body.get("which")
    if which not in WHICH:
        raise BadParameter(_ONE_OF(name="which", known=", ".join(WHICH)), code="malformed")
    name, keys = _text(body, "name"), _keys(body)
    rows = await _batches_of(request).again(requester, name, which, keys)
    return json_answer(_changed(gateway, requester, name, rows))


@router.post(
    "/cancel",
    responses={200: {"model": BatchState}},
    openapi_extra=_body(("name",), name=_NAME, keys=_KEYS),
)
async def cancel(request: Request) -> Response:
    """Cancel the rows that have not ended. Rows that can no longer be stopped continue."""
    gateway, requester = gateway_of(request), requester_of(request)
    body = _object(await read_json(request, MAX_BODY, MAX_VALUES))
    name = _text(body, "name")
    rows, late = await _batches_of(request).cancel(requester, name, _keys(body))
    return json_answer({**_changed(gateway, requester, name, rows), "going_on": late})


async def _created(
    gateway: Gateway, requester: Requester, name: str, weighed: Weighed, *, dry_run: bool
) -> dict[str, Any]:
    new = sum(row.new for row in weighed.admitted)
    rows = problems(weighed.refused, requester.language)
    for count, row in enumerate(weighed.admitted, 1):
        told = not (dry_run and row.new)
        rows.append({**_row(gateway, requester, row, told=told), "state": _state(row)})
        if count % PAGE == 0:
            await asyncio.sleep(0)  # others get their turn
    return {
        "success": True,
        "name": name,
        "new": new,
        "existing": len(weighed.admitted) - new,
        "refused": len(weighed.refused),
        "estimate": {
            "seconds": None if weighed.seconds is None else round(weighed.seconds, 1),
            "cost": weighed.cost,
            "unpriced": weighed.unpriced,
        },
        "rows": sorted(rows, key=lambda row: row["row"]),
    }


def _changed(
    gateway: Gateway, requester: Requester, name: str, rows: list[Admitted]
) -> dict[str, Any]:
    told = [_row(gateway, requester, row) for row in rows]
    return {"success": True, "name": name, "total": len(told), "rows": told}


def _row(
    gateway: Gateway, requester: Requester, row: Admitted, *, told: bool = True
) -> dict[str, Any]:
    record = gateway.store.cached(row.record.message_id) or row.record
    task = task_answer(record, gateway.runner, requester) if told else None
    return {"row": row.row, "key": row.key, "task": task}


def _state(row: Admitted) -> str:
    return "new" if row.new else "existing"


def _batches_of(request: Request) -> Batches:
    batches: Batches = request.app.state.batches
    return batches


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise BadParameter(_OBJECT, code="malformed")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise BadParameter(_FIELD(name=name), code="malformed")
    return value


def _keys(body: dict[str, Any]) -> frozenset[str] | None:
    keys = body.get("keys")
    if keys is None:
        return None
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise BadParameter(_FIELD(name="keys"), code="malformed")
    return frozenset(keys)


_OBJECT = Text("The body must be a JSON object.", "请求内容应为 JSON 对象。")
_FIELD = Text("{name} is missing or has the wrong type.", "缺少 {name}，或其类型不对。")
_ONE_OF = Text("{name} must be one of {known}.", "{name} 应为以下之一：{known}。")

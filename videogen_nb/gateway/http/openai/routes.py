"""The routes of ``/v1/videos``, on top of the same service."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from ....i18n import Text
from ...refusals import Refusal
from ...storage.task_record import TaskRecord
from ..context import gateway_of, owner_of, requester_of
from ..errors import OPENAI
from ..files import file_answer, named
from ..responses import task_answer
from .parse import arriving_create
from .responses import Video, VideoDeleted, VideoPage, page, read_id, video, video_id
from .translate import translate

router = APIRouter(prefix=f"{OPENAI}/videos", tags=["openai"])

PAGE: Final = 20
MAX_PAGE: Final = 100

_FIELDS: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["prompt"],
    "properties": {
        "prompt": {"type": "string"},
        "model": {"type": "string", "description": "an engine, or engine:model"},
        "seconds": {"type": "string"},
        "size": {"type": "string", "description": "such as 1280x720"},
        "input_reference": {"description": "the first frame: a file, or an object: image_url"},
    },
}
_CREATE: Final = {kind: {"schema": _FIELDS} for kind in ("multipart/form-data", "application/json")}
_CONTENT: Final[Any] = {200: {"content": {"video/mp4": {}, "image/jpeg": {}}}}


@router.post(
    "", responses={200: {"model": Video}}, openapi_extra={"requestBody": {"content": _CREATE}}
)
async def create(
    request: Request,
    idempotency_key: Annotated[
        str | None, Header(description="the same key and body return the same job for 7 days")
    ] = None,
) -> Response:
    """Create a job from a form or JSON. Unknown fields are passed to the engine.

    `size` and `seconds` are adjusted to what the engine supports; `notes` mention it.
    """
    gateway, requester = gateway_of(request), requester_of(request)
    body, notes = await _order(request)
    record = await gateway.create(requester, body, idempotency_key, notes)
    return _json(_video(request, record))


@router.post("/{call:path}", include_in_schema=False)
async def unsupported(call: str) -> Response:
    """Refuse operations on an existing video: remix, edit, extend, characters."""
    raise Refusal("not_found", _UNSUPPORTED(call=call[-40:]))


@router.get("", responses={200: {"model": VideoPage}})
async def list_jobs(
    request: Request,
    after: Annotated[str | None, Query(description="id of the previous page's last job")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = PAGE,
    order: Annotated[Literal["asc", "desc"], Query(description="by creation time")] = "desc",
) -> Response:
    """List jobs, newest first."""
    gateway, requester = gateway_of(request), requester_of(request)
    if after is not None:
        after = (await gateway.store.get(requester.owner, *read_id(after))).message_id
    records, _ = await gateway.store.page(
        requester.owner, limit=limit + 1, after=after, oldest_first=order == "asc"
    )
    videos = [_video(request, record) for record in records[:limit]]
    return _json(page(videos, len(records) > limit))


@router.get("/{video_id}", responses={200: {"model": Video}})
async def retrieve(request: Request, video_id: str) -> Response:
    """Return a job. The header `openai-poll-after-ms` says when to ask again."""
    gateway, requester = gateway_of(request), requester_of(request)
    record = await gateway.store.get(requester.owner, *read_id(video_id))
    wait_ms = task_answer(record, gateway.runner, requester)["poll_after_ms"]
    headers = {} if wait_ms is None else {"openai-poll-after-ms": str(wait_ms)}
    return _json(_video(request, record), headers)


@router.delete("/{video_id}", responses={200: {"model": VideoDeleted}})
async def delete(request: Request, video_id: str) -> Response:
    """Delete a job and its video. A job that has not ended is stopped first."""
    gateway, requester = gateway_of(request), requester_of(request)
    ids = read_id(video_id)
    record = await gateway.store.get(requester.owner, *ids)
    if not record.status.finished:
        await _stop(request, record)
    return _json(VideoDeleted(id=_id(await gateway.forget(requester, *ids))))


@router.get("/{video_id}/content", response_class=Response, responses=_CONTENT)
async def content(
    request: Request,
    video_id: str,
    variant: Annotated[Literal["video", "thumbnail"], Query(description="MP4 or JPEG")] = "video",
) -> Response:
    """Return the video or its thumbnail. Supports range requests."""
    gateway, requester = gateway_of(request), requester_of(request)
    record = await gateway.store.get(requester.owner, *read_id(video_id))
    if not record.status.finished:
        raise Refusal("video_not_ready")
    if variant == "video":
        path = await gateway.video_files.original(record)
    elif not (path := gateway.video_files.poster(record.video)).is_file():
        raise Refusal("video_not_found")
    return file_answer(request, path, "private, no-cache", named(record, path))


async def _order(request: Request) -> tuple[dict[str, Any], tuple[Text, ...]]:
    """Return the body of a native create request with its image stored, and the adjustments."""
    gateway = gateway_of(request)
    async with arriving_create(request) as sent:
        order = translate(sent, gateway.registry)
        if order.image is None:
            return order.body, order.notes
        kept = await gateway.uploads.add(owner_of(request), order.image, order.image_name)
    return {**order.body, "image_attachment": {"key": kept.key}}, order.notes


async def _stop(request: Request, record: TaskRecord) -> None:
    gateway, requester = gateway_of(request), requester_of(request)
    try:
        await gateway.cancel(requester, *record.id)
    except Refusal:
        if not (await gateway.store.get(requester.owner, *record.id)).status.finished:
            raise  # it ended by itself meanwhile, else


def _video(request: Request, record: TaskRecord) -> Video:
    return video(record, task_answer(record, gateway_of(request).runner, requester_of(request)))


_UNSUPPORTED: Final = Text(
    "POST /v1/videos/{call} is not supported: remix, edits, extensions and characters are not "
    "available here. Create a video instead; to start from another video, use images.",
    "不支持 POST /v1/videos/{call}：本网关不提供 remix、edits、extensions 和 characters。"
    "请改为创建视频；使用 images 可从另一个视频开始。",
)

#: The path's parameter hides the function where it is called ``video_id``.
_id = video_id


def _json(
    answer: Video | VideoPage | VideoDeleted, headers: dict[str, str] | None = None
) -> Response:
    return Response(answer.model_dump_json(), 200, headers, "application/json")

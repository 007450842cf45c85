"""Serving videos, posters and samples with fixed types and Range requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from ...media.names import video_name
from ..files.own_images import sample
from ..files.videos import VIDEOS, is_name
from ..refusals import Refusal
from ..service.gateway import Gateway
from ..storage.task_record import TaskRecord

router = APIRouter(tags=["videos"])

_TYPES: Final = {"mp4": "video/mp4", "jpg": "image/jpeg", "png": "image/png", "html": "text/html"}
_SAFE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",  # a notebook is another origin
    "Referrer-Policy": "no-referrer",
}
_FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"video/mp4": {}, "image/jpeg": {}, "image/png": {}, "text/html": {}}},
    206: {"description": "The range that was asked for."},
    410: {"description": "The stored video was changed by another program."},
    416: {"description": "There is no such range."},
}


@router.get(f"{VIDEOS}/{{name}}.{{kind}}", response_class=Response, responses=_FILES)
@router.head(f"{VIDEOS}/{{name}}.{{kind}}", include_in_schema=False)
async def video(request: Request, name: str, kind: str) -> Response:
    """Return a video (`.mp4`), its poster (`.jpg`) or its provider's last frame (`.png`).

    The name cannot be guessed, so no token is needed.
    """
    gateway: Gateway = request.app.state.gateway
    path = gateway.video_files.folder / f"{name}.{kind}"
    if kind not in _TYPES or not is_name(name) or not path.is_file():
        raise Refusal("video_not_found")
    record = await gateway.store.of_video(name)
    if record is not None and kind == "mp4":
        path = await gateway.video_files.original(record)
    saved_as = None if record is None else named(record, path)
    return file_answer(request, path, "private, max-age=31536000, immutable", saved_as)


@router.get("/samples/{name}", response_class=Response, responses=_FILES)
@router.head("/samples/{name}", include_in_schema=False)
async def image(request: Request, name: str) -> Response:
    """Return a sample image, or a web page that shows it, for examples that need a URL."""
    path = sample(name)
    if path is None:
        raise Refusal("not_found")
    return file_answer(request, path, "public, max-age=86400")


def file_answer(
    request: Request, path: Path, cache: str, saved_as: str | None = None
) -> FileResponse:
    """Return a video or image, complete or the requested range.

    Args:
        saved_as: the file name that browsers suggest (RFC 6266).
    """
    _keep_one_range(request)
    return FileResponse(
        path,
        media_type=_TYPES[path.suffix[1:]],
        headers={**_SAFE, "Cache-Control": cache},
        filename=saved_as,
        content_disposition_type="inline",
    )


def named(record: TaskRecord, path: Path) -> str:
    """Return the file name for a task's video or images."""
    return video_name(record.prompt, record.message_id).removesuffix(".mp4") + path.suffix


def _keep_one_range(request: Request) -> None:
    # Players ask for one range. Many, overlapping, cost the server much and the requester nothing;
    # a server may ignore the header (RFC 9110 §14.2).
    if "," in request.headers.get("range", ""):
        request.scope["headers"] = [
            (name, value) for name, value in request.scope["headers"] if name != b"range"
        ]

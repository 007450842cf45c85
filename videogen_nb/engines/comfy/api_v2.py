"""Comfy API v2: Comfy Cloud, serverless deployments, or comfy-api-proxy in front of a ComfyUI.

Source: ``comfy_low`` of the package comfy-sdk 0.5.0, generated from Comfy's OpenAPI document.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from ...errors import UpstreamGone
from ...i18n import Text
from ..base import InputImage
from ..error_codes import Codes, ErrorCodes
from ..http_client import Caller
from ..remote import Stopped, Upstream, Where, is_id
from ..upstream_images import upload_of
from .native_api import failed_at
from .outputs import Output
from .server import Handle, Order, Server

PATH: Final = "/api/v2"  # what an address of this interface ends in
_UPLOAD_S: Final = 300.0
_LOOK_S: Final = 2.0
_WHERE: Final[dict[Any, Where]] = {
    "queued": "queued",
    "running": "running",
    "canceling": "running",
    "succeeded": "succeeded",
    "canceled": "cancelled",
}
#: Comfy's own error codes.
CODES: Final[Codes] = {
    "busy": ["queue_full", "deployment_not_ready"],
    "quota": ["insufficient_credits"],
    "key_refused": ["unauthorized"],
    "not_allowed": ["forbidden"],
    "gone": ["not_found"],
    "bad_parameter": [
        "invalid_workflow",
        "workflow_format_ui",
        "missing_asset",
        "hash_mismatch",
        "blob_not_found",
        "deployment_stopped",
    ],
}


class HostedServer(Server):
    """Jobs and assets. The attempt's key is sent as ``Idempotency-Key`` when a job is created."""

    def __init__(self, calls: Caller, errors: ErrorCodes, base: Callable[[], str]) -> None:
        self._calls, self._errors, self._base = calls, errors, base

    async def upload(self, file: InputImage) -> dict[str, Any]:
        """Upload a file; return the reference for the graph."""
        name, data, kind = await asyncio.to_thread(upload_of, file)
        files = {
            "content_type": (None, kind),
            "file_path": (None, name),
            "file": (name, data, kind),
        }
        answer = await self._calls.ask("POST", "/assets", files=files, total_s=_UPLOAD_S)
        made = answer.json
        if not (answer.ok and isinstance(made, dict) and is_id(made.get("id"))):
            raise self._errors.of_question(answer)
        kept = {n: made[n] for n in ("id", "hash", "file_path") if made.get(n)}
        return {"__type": "core/ASSET", "info": kept}

    async def queue(self, order: Order) -> Handle:
        """Create the job."""
        headers = {"Idempotency-Key": order.key}
        answer = await self._calls.ask(
            "POST", "/jobs", acts=True, json={"workflow": order.graph}, headers=headers
        )
        made = answer.json
        if not (answer.ok and isinstance(made, dict) and is_id(made.get("id"))):
            raise self._errors.of_create(answer)
        return {"id": made["id"]}

    async def poll(self, handle: Handle) -> Upstream:
        """Poll the job, including its progress."""
        job = await self._job(handle)
        status = job.get("status")
        if status == "expired":
            raise UpstreamGone
        if status == "failed":
            told = job.get("error")
            error = told if isinstance(told, dict) else {}
            return failed_at(error.get("class_type") or error.get("code"), error.get("message"))
        where = _WHERE.get(status, "running")
        told = job.get("progress")
        progress = told if isinstance(told, dict) and where == "running" else {}
        return Upstream(where, _fraction(progress), _stage(progress), poll_after_s=_LOOK_S)

    async def outputs(self, handle: Handle) -> list[Output]:
        """Return the files that the job saved."""
        found = (await self._job(handle)).get("outputs")
        return [
            Output(str(one.get("node_id")), name, self._content(one["id"]))
            for one in (found if isinstance(found, list) else [])
            if isinstance(one, dict) and is_id(one.get("id"))
            if isinstance(name := one.get("name"), str)
        ]

    async def cancel(self, handle: Handle) -> Stopped:
        """Request cancellation; a job that has ended is left unchanged."""
        path = f"/jobs/{quote(handle['id'], safe='')}/cancel"
        answer = await self._calls.ask("POST", path)
        if not answer.ok or not isinstance(answer.json, dict):
            raise self._errors.of_question(answer)
        return Stopped(answer.json.get("status") in ("canceling", "canceled"))

    def handle_of(self, name: str) -> Handle:
        """Return the handle of a job."""
        return {"id": name}

    async def _job(self, handle: Handle) -> dict[str, Any]:
        answer = await self._calls.ask("GET", f"/jobs/{quote(handle['id'], safe='')}")
        if not answer.ok or not isinstance(answer.json, dict):
            raise self._errors.of_question(answer)
        job: dict[str, Any] = answer.json
        return job

    def _content(self, name: str) -> str:
        return f"{self._base()}/assets/{quote(name, safe='')}/content"


def _fraction(progress: dict[str, Any]) -> float | None:
    value = progress.get("value")
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1
    return float(value) if known else None  # type: ignore[arg-type]  # known says so


def _stage(progress: dict[str, Any]) -> Text | None:
    words = progress.get("message") or progress.get("current_node_class")
    return _AT(what=" ".join(str(words).split())[:80]) if words else None


_AT = Text("ComfyUI: {what}", "ComfyUI：{what}")

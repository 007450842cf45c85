"""A stand-in for Comfy API v2 (Comfy Cloud); every look at a job moves it on."""

from __future__ import annotations

import itertools
from collections import deque
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from videogen_nb.testing.testcard import video

from .faults import Fault, Planned, spoilt

KEY = "comfyui-0123456789abcdef"
_NOW, _LATER = "2026-11-01T12:00:00Z", "2036-11-01T12:00:00Z"
_ENDED = ("succeeded", "failed", "canceled", "expired")


class HostedComfy:
    """``jobs`` holds those that were created, by id, ``creates`` what was sent for them."""

    def __init__(self, moves: tuple[str, ...] = ("queued", "running", "succeeded")) -> None:
        self.moves = moves
        self.asked = 0
        self.creates: list[dict[str, Any]] = []
        self.keys: list[str | None] = []  # their Idempotency-Keys
        self.jobs: dict[str, dict[str, Any]] = {}
        self.uploads: dict[str, dict[str, Any]] = {}
        self.video = video()
        self.url = ""  # where it is served, for links
        self.files = {"out.mp4": self.video}
        self._faults: deque[Planned] = deque()
        self._numbers = itertools.count(1)
        routes = [
            Route("/assets", self._upload, methods=["POST"]),
            Route("/assets/by-hash/{hash}", self._unknown, methods=["HEAD"]),
            Route("/assets/{id}/content", self._content, methods=["GET"]),
            Route("/jobs", self._create, methods=["POST"]),
            Route("/jobs/{id}", self._job, methods=["GET"]),
            Route("/jobs/{id}/cancel", self._cancel, methods=["POST"]),
        ]
        self.app = Starlette(routes=[Mount("/api/v2", routes=routes)])

    def fail(self, fault: Fault, *, acts: bool = False) -> None:
        """Let the next create go wrong."""
        self._faults.append(Planned(fault, acts))

    async def _create(self, request: Request) -> Response:
        self.asked += 1
        planned = self._faults.popleft() if self._faults else None
        if planned is not None and not planned.acts:
            return await spoilt(planned.fault, request)
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return _error(401, "unauthorized", "Invalid API key")
        body = await request.json()
        if not all(isinstance(node, dict) for node in body["workflow"].values()):
            return _error(422, "invalid_workflow", "Node 3 (KSampler): it is not connected")
        self.creates.append(body)
        self.keys.append(request.headers.get("idempotency-key"))
        name = f"job-{next(self._numbers)}"
        self.jobs[name] = {"looks": 0, "where": None}
        if planned is not None:
            return await spoilt(planned.fault, request)
        return JSONResponse(self._told(name, "queued"), 201)

    async def _job(self, request: Request) -> Response:
        name = request.path_params["id"]
        if name not in self.jobs:
            return _error(404, "not_found", "No such job")
        job = self.jobs[name]
        where = job["where"] or self.moves[min(job["looks"], len(self.moves) - 1)]
        job["looks"] += 1
        return JSONResponse(self._told(name, where))

    async def _cancel(self, request: Request) -> Response:
        name = request.path_params["id"]
        self.jobs[name]["where"] = "canceled"
        return JSONResponse(self._told(name, "canceling"))

    async def _upload(self, request: Request) -> Response:
        async with request.form() as form:
            file = form["file"]
            assert isinstance(file, UploadFile)
            name = f"asset-{next(self._numbers)}"
            kind = str(form["content_type"])
            self.uploads[name] = {"data": await file.read(), "content_type": kind}
            path = str(form["file_path"])
        return JSONResponse(self._asset(name, path, kind), 201)

    async def _content(self, request: Request) -> Response:
        data = self.files.get(request.path_params["id"].removeprefix("asset-"))
        return Response(status_code=404) if data is None else Response(data)

    async def _unknown(self, request: Request) -> Response:
        return Response(status_code=404)

    def _asset(self, name: str, path: str, kind: str) -> dict[str, Any]:
        return {
            "id": name,
            "hash": "blake3:00",
            "size_bytes": 1,
            "content_type": kind,
            "file_path": path,
            "created_at": _NOW,
            "url": f"{self.url}/api/v2/assets/{name}/content",
            "url_expires_at": _LATER,
        }

    def _told(self, name: str, where: str) -> dict[str, Any]:
        step = {"value": 0.42, "nodes_done": 3, "nodes_total": 9, "message": "KSampler 21/50"}
        why = {"code": "node_execution_error", "message": "CUDA out of memory"}
        ended = where in _ENDED
        return {
            "id": name,
            "status": where,
            "created_at": _NOW,
            "started_at": None,
            "completed_at": _NOW if ended else None,
            "expires_at": _LATER,
            "queue_position": 1 if where == "queued" else None,
            "progress": step if where == "running" else None,
            "outputs": [self._output(n) for n in self.files] if where == "succeeded" else [],
            "error": {**why, "class_type": "KSampler"} if where == "failed" else None,
            "urls": {
                "self": f"/api/v2/jobs/{name}",
                "events": f"/api/v2/jobs/{name}/events",
                "cancel": f"/api/v2/jobs/{name}/cancel",
            },
        }

    def _output(self, name: str) -> dict[str, Any]:
        asset = self._asset(f"asset-{name}", name, "video/mp4")
        return {**asset, "node_id": "58", "name": name, "type": "video"}


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status)

"""A stand-in for Volcengine Ark's content generation tasks; every look at a task moves it on."""

from __future__ import annotations

import asyncio
import io
import itertools
import time
from collections import deque
from typing import Any

from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from videogen_nb.testing.testcard import video

from .faults import Fault, Planned, spoilt

KEY = "ark-4f1d-secret"
MODEL = "doubao-seedance-1-0-pro-250528"
RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "adaptive")


def _last_frame() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((32, 18)).save(out, "PNG")
    return out.getvalue()


PNG = _last_frame()


class Ark:
    """``creates`` holds the bodies of the creates that were carried out.

    Args:
        moves: the statuses a task goes through, one a look; the last one stays.
    """

    def __init__(self, moves: tuple[str, ...] = ("queued", "running", "succeeded")) -> None:
        self.moves = moves
        self.creates: list[dict[str, Any]] = []
        self.asked = 0  # creates that came in, carried out or not
        self.tasks: dict[str, dict[str, Any]] = {}
        self.overdue = False
        self.failure: dict[str, str] | None = None
        self.video = video()
        self.links_dead = False
        self.tokens = 108900  # that a video takes
        self.stall_s = 0.0  # before a create is answered
        self.headers: list[dict[str, str]] = []
        self._faults: deque[Planned] = deque()
        self._numbers = itertools.count(1)
        base = "/api/v3/contents/generations/tasks"
        self.app = Starlette(
            routes=[
                Route(base, self._create, methods=["POST"]),
                Route(base, self._list, methods=["GET"]),
                Route(base + "/{id}", self._get, methods=["GET"]),
                Route(base + "/{id}", self._delete, methods=["DELETE"]),
                Route("/cdn/{name}", self._send, methods=["GET"]),
            ]
        )

    def fail(self, fault: Fault, *, acts: bool = False) -> None:
        """Let the next create go wrong."""
        self._faults.append(Planned(fault, acts))

    async def _create(self, request: Request) -> Response:
        self.asked += 1
        planned = self._faults.popleft() if self._faults else None
        if planned is not None and not planned.acts:
            return await spoilt(planned.fault, request)
        # The provider's SDK sends null for whatever was not given.
        body = {name: v for name, v in (await request.json()).items() if v is not None}
        refused = self._refusal(request) or self._bad(body)
        if refused is not None:
            return refused
        number = next(self._numbers)
        task: dict[str, Any] = {"id": f"cgt-2026-{number}", "body": body, "looks": 0}
        task["created_at"] = time.time()
        self.creates.append(body)
        self.tasks[task["id"]] = task
        if planned is not None:
            return await spoilt(planned.fault, request)
        await asyncio.sleep(self.stall_s)
        return JSONResponse({"id": task["id"]})

    async def _get(self, request: Request) -> Response:
        refused = self._refusal(request)
        task = self.tasks.get(request.path_params["id"])
        if refused is not None or task is None:
            return refused or _error(404, "ResourceNotFound", "no such task")
        task["looks"] += 1
        return JSONResponse(self._told(task, request))

    async def _list(self, request: Request) -> Response:
        if refused := self._refusal(request):
            return refused
        model = request.query_params.get("filter.model")
        tasks = [t for t in self.tasks.values() if model in (None, t["body"]["model"])]
        told = [self._told(task, request) for task in tasks]
        return JSONResponse({"total": len(told), "items": told})

    async def _delete(self, request: Request) -> Response:
        task = self.tasks.get(request.path_params["id"])
        if task is None:
            return _error(404, "ResourceNotFound", "no such task")
        status = self._status(task)
        if status == "running":
            return _error(400, "InvalidAction", "a running task cannot be cancelled")
        if status == "queued":
            task["cancelled"] = True
        else:
            del self.tasks[task["id"]]
        return JSONResponse({})

    async def _send(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        if self.links_dead:
            return Response(b"AccessDenied", 403)
        if request.path_params["name"].endswith(".png"):
            return Response(PNG, media_type="image/png")
        return Response(self.video, media_type="video/mp4")

    def _status(self, task: dict[str, Any]) -> str:
        if task.get("cancelled"):
            return "cancelled"
        looks: int = task["looks"]
        return self.moves[min(max(looks - 1, 0), len(self.moves) - 1)]

    def _told(self, task: dict[str, Any], request: Request) -> dict[str, Any]:
        body, status = task["body"], self._status(task)
        told = {
            "id": task["id"],
            "model": body["model"],
            "status": status,
            "created_at": int(task["created_at"]),
            "updated_at": int(time.time()),
            "seed": body.get("seed", 42),
            "ratio": body.get("ratio", "16:9"),
            "resolution": body.get("resolution", "720p"),
            "duration": body.get("duration", 5),
        }
        if status == "failed":
            told["error"] = self.failure or {"code": "InternalServiceError", "message": "sorry"}
        if status == "succeeded":
            link = f"{request.base_url}cdn/{task['id']}"
            told["content"] = {"video_url": f"{link}.mp4?X-Tos-Signature=5ecret"}
            if body.get("return_last_frame"):
                told["content"]["last_frame_url"] = f"{link}.png?X-Tos-Signature=5ecret"
            told["usage"] = dict.fromkeys(("completion_tokens", "total_tokens"), self.tokens)
        return told

    def _refusal(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            given = request.headers.get("authorization", "")
            return _error(401, "AuthenticationError", f"The API key {given} is not valid.")
        if self.overdue:
            return _error(403, "AccountOverdueError", "Your account has an overdue balance.")
        return None

    def _bad(self, body: dict[str, Any]) -> Response | None:
        text = " ".join(c.get("text", "") for c in body.get("content", []))
        if not body.get("model"):
            return _error(400, "MissingParameter.model", "model is missing")
        if body["model"] != MODEL:
            return _error(404, "ModelNotOpen", f"Your account has not activated {body['model']}.")
        if "forbidden" in text:
            return _error(400, "InputTextSensitiveContentDetected", "the text may be sensitive")
        if body.get("ratio", "16:9") not in RATIOS:
            return _error(400, "InvalidParameter.ratio", f"ratio {body['ratio']} is not valid")
        return None


def _error(status: int, code: str, message: str) -> Response:
    error = {"code": code, "message": message, "param": "", "type": "BadRequest"}
    return JSONResponse({"error": error}, status)

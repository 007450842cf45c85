"""Stand-ins for servers of the ``/v1/videos`` dialect, as different as they are."""

from __future__ import annotations

import base64
import itertools
import json
import time
from collections import deque
from typing import Any, Literal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from videogen_nb.testing.testcard import video

from .faults import Fault, Planned, spoilt

Kind = Literal["sglang", "vllm", "official", "strict", "litellm"]
KEY = "sk-proj-5ecret"


class Videos:
    """One server of a kind.

    - ``sglang``: JSON, or a form with a file; real progress; a failed job answers 200; DELETE
      forgets the job only.
    - ``vllm``: forms only; progress 0 or 100; a failed job answers 500 with the job as its body.
    - ``official``: JSON or a form; asks for a key; seconds as a text of a short list.
    - ``strict``: JSON only, and seconds as a number.
    - ``litellm``: JSON or a form; asks for a key; ids that hold the provider, the model and the
      provider's own id; says less of a job, and nothing when it was created; deletes nothing; the
      HTTP status is its errors' code, and their type what they are. A budget of its own.
    """

    def __init__(
        self, kind: Kind, moves: tuple[str, ...] = ("queued", "in_progress", "completed")
    ) -> None:
        self.kind = kind
        self.moves = moves
        self.creates: list[dict[str, Any]] = []
        self.asked = 0
        self.jobs: dict[str, dict[str, Any]] = {}
        self.video = video()
        self.over_budget = False
        self.failure = {"code": "generation_failed", "message": "out of memory"}
        self._faults: deque[Planned] = deque()
        self._numbers = itertools.count(1)
        self.app = Starlette(
            routes=[
                Route("/v1/videos", self._create, methods=["POST"]),
                Route("/v1/videos", self._list, methods=["GET"]),
                Route("/v1/videos/{id}", self._get, methods=["GET"]),
                Route("/v1/videos/{id}", self._delete, methods=["DELETE"]),
                Route("/v1/videos/{id}/content", self._content, methods=["GET"]),
            ]
        )

    def fail(self, fault: Fault, *, acts: bool = False) -> None:
        """Let the next create go wrong."""
        self._faults.append(Planned(fault, acts))

    def restart(self) -> None:
        """These servers forget everything when they are restarted."""
        self.jobs.clear()

    async def _create(self, request: Request) -> Response:
        self.asked += 1
        planned = self._faults.popleft() if self._faults else None
        if planned is not None and not planned.acts:
            return await spoilt(planned.fault, request)
        read = await self._read(request)
        if isinstance(read, Response):
            return read
        if refused := self._refusal(request, read):
            return refused
        job: dict[str, Any] = {"id": self._id(), "body": read, "looks": 0}
        job["created_at"] = time.time()
        self.creates.append(read)
        self.jobs[job["id"]] = job
        if planned is not None:
            return await spoilt(planned.fault, request)
        return JSONResponse(self._told(job))

    def _id(self) -> str:
        own = f"video_{next(self._numbers)}"
        if self.kind != "litellm":
            return own
        place = "projects/films/locations/us-central1/publishers/google/models/veo-3.0-generate"
        named = f"custom_llm_provider:vertex_ai;model_id:{'9f' * 32}"
        told = f"litellm:{named};video_id:{place}/operations/{own}"
        return "video_" + base64.b64encode(told.encode()).decode()

    async def _read(self, request: Request) -> dict[str, Any] | Response:
        is_form = request.headers.get("content-type", "").startswith("multipart/form-data")
        if self.kind == "strict" and is_form:
            return JSONResponse({"detail": "JSON expected"}, 415)
        if not is_form:
            return await self._read_json(request)
        body: dict[str, Any] = {}
        async with request.form() as form:
            for name, value in form.items():
                body[name] = value if isinstance(value, str) else await value.read()
        if self.kind == "sglang" and not isinstance(body.get("input_reference"), bytes):
            return JSONResponse({"detail": "input_reference file is required"}, 400)
        return body

    async def _read_json(self, request: Request) -> dict[str, Any] | Response:
        if self.kind == "vllm":
            problem = {"loc": ["body", "prompt"], "msg": "Field required", "type": "missing"}
            return JSONResponse({"detail": [problem]}, 422)
        body: dict[str, Any] = json.loads(await request.body())
        if self.kind == "strict" and not isinstance(body.get("seconds", 4), int):
            problem = {"loc": ["body", "seconds"], "msg": "Input should be a valid integer"}
            return JSONResponse({"detail": [problem]}, 422)
        return body

    def _refusal(self, request: Request, body: dict[str, Any]) -> Response | None:
        given = request.headers.get("authorization", "")
        if self.kind == "litellm" and given != f"Bearer {KEY}":
            return _litellm_error(401, "token_not_found_in_db", f"key={given[7:]}, not found in db")
        if self.over_budget:
            words = "Budget has been exceeded! Current cost: 5.2, Max budget: 5.0"
            return _litellm_error(429, "budget_exceeded", words)
        if self.kind == "official" and given != f"Bearer {KEY}":
            return _error(401, "invalid_api_key", f"Incorrect API key provided: {given[7:]}.")
        if "forbidden" in body["prompt"]:
            return _error(400, "moderation_blocked", "Your request was blocked by our moderation.")
        if self.kind == "official" and body.get("seconds", "4") not in ("4", "8", "12"):
            return _error(400, "invalid_value", "Invalid value: seconds. Supported: 4, 8, 12.")
        return None

    async def _get(self, request: Request) -> Response:
        job = self.jobs.get(request.path_params["id"])
        if job is None:
            return JSONResponse({"detail": "Video not found"}, 404)
        job["looks"] += 1
        told = self._told(job)
        failed = self.kind == "vllm" and told["status"] == "failed"
        return JSONResponse(told, 500 if failed else 200)

    async def _list(self, request: Request) -> Response:
        told = [self._told(job) for job in reversed(self.jobs.values())]
        limit = int(request.query_params.get("limit", 20))
        page = {"object": "list", "data": told[:limit], "has_more": len(told) > limit}
        return JSONResponse({**page, "first_id": None, "last_id": None})

    async def _delete(self, request: Request) -> Response:
        if self.kind == "litellm":
            return JSONResponse({"detail": "Method Not Allowed"}, 405)
        job = self.jobs.pop(request.path_params["id"], None)
        if job is None:
            return JSONResponse({"detail": "Video not found"}, 404)
        if self.kind == "sglang":
            return JSONResponse({**self._told(job), "status": "deleted"})
        return JSONResponse({"id": job["id"], "deleted": True, "object": "video.deleted"})

    async def _content(self, request: Request) -> Response:
        job = self.jobs.get(request.path_params["id"])
        if job is None or self._status(job) != "completed":
            return JSONResponse({"detail": "Generation is still in-progress"}, 404)
        return Response(self.video, media_type="video/mp4")

    def _status(self, job: dict[str, Any]) -> str:
        looks: int = job["looks"]
        return self.moves[min(max(looks - 1, 0), len(self.moves) - 1)]

    def _told(self, job: dict[str, Any]) -> dict[str, Any]:
        status, body = self._status(job), job["body"]
        real = {"in_progress": 50, "completed": 100}.get(status, 0)
        told: dict[str, Any] = {
            "id": job["id"],
            "object": "video",
            "model": body.get("model", "sora-2"),
            "status": status,
            "progress": 0 if self.kind == "vllm" and real == 50 else real,
            "created_at": int(job["created_at"]),
            "size": body.get("size", "1280x720"),
            "seconds": str(body.get("seconds", 4)),
        }
        if self.kind == "litellm":
            told |= {"created_at": None, "size": None, "usage": {"duration_seconds": 4.0}}
        elif self.kind != "sglang":
            told["prompt"] = body["prompt"]
        if status == "failed":
            told["error"] = self.failure
        return told


def _error(status: int, code: str, message: str) -> Response:
    error = {"code": code, "message": message, "type": "invalid_request_error", "param": None}
    return JSONResponse({"error": error}, status)


def _litellm_error(status: int, kind: str, message: str) -> Response:
    error = {"message": message, "type": kind, "param": "None", "code": str(status)}
    return JSONResponse({"error": error}, status)

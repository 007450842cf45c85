"""Providers whose tasks have a queue of their own: fal, DashScope, Runway, Replicate and others."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any, ClassVar

from starlette.requests import Request

from .provider import Kind, Provider, State, Task


class Fal(Provider):
    """A task is told by addresses; a refusal shows when the result is fetched."""

    sent_as = ("authorization", "Key {key}")
    create = r"/fal-ai/.+"
    ask = r"/fal-ai/wan/requests/([^/]+)/status"
    result = r"/fal-ai/wan/requests/([^/]+)"
    cancel = ("PUT", r"/fal-ai/wan/requests/([^/]+)/cancel")

    def made(self, task: Task, url: str) -> Any:
        root = f"{url}/fal-ai/wan/requests/{task['id']}"
        return {
            "request_id": task["id"],
            "status": "IN_QUEUE",
            "queue_position": 0,
            "status_url": f"{root}/status",
            "response_url": root,
            "cancel_url": f"{root}/cancel",
        }

    def told(self, task: Task, state: State, url: str) -> Any:
        if state == "queued":
            return {"status": "IN_QUEUE", "queue_position": 1}
        if state == "running":
            return {"status": "IN_PROGRESS", "logs": None}
        if state == "cancelled":
            return {"status": "COMPLETED", "error": "cancelled", "error_type": "client_cancelled"}
        return {"status": "COMPLETED", "logs": None, "metrics": {"inference_time": 1.0}}

    def resulted(self, task: Task, state: State, url: str) -> tuple[int, Any]:
        if state == "succeeded":
            return 200, {"video": {"url": url, "content_type": "video/mp4"}, "seed": 7}
        return self.refusal("moderation")

    def stopped(self, task: Task) -> Any:
        return {"status": "CANCELLATION_REQUESTED"}

    def refusal(self, kind: Kind) -> tuple[int, Any]:
        if kind in ("moderation", "parameter"):
            type_ = "content_policy_violation" if kind == "moderation" else "value_error"
            return 422, {"detail": [{"loc": ["body", "prompt"], "msg": "flagged", "type": type_}]}
        told = {
            "key": (401, "Cannot access application"),
            "quota": (403, "User is locked. Reason: Exhausted balance. Top up your balance."),
            "busy": (429, "Too many concurrent requests"),
            "gone": (404, "Request not found"),
        }
        status, detail = told[kind]
        return status, {"detail": detail}


class ComfyRouter(Provider):
    """A task is told under its model; what failed is completed, with an error's type."""

    base = "/v2"
    create = r"/models/[^/]+/[^/]+/requests"
    ask = r"/models/xai/grok-imagine-video/requests/([^/]+)/status"
    result = r"/models/xai/grok-imagine-video/requests/([^/]+)"
    cancel = ("PUT", r"/models/xai/grok-imagine-video/requests/([^/]+)/cancel")
    cancels = ("queued",)
    _words: ClassVar[dict[State, str]] = {"queued": "IN_QUEUE", "running": "IN_PROGRESS"}

    def made(self, task: Task, url: str) -> Any:
        root = f"{url}{task['path']}/{task['id']}"
        urls = {
            "status_url": f"{root}/status",
            "response_url": root,
            "cancel_url": f"{root}/cancel",
        }
        return {"request_id": task["id"], **urls}

    def told(self, task: Task, state: State, url: str) -> Any:
        told = {"request_id": task["id"], "status": self._words.get(state, "COMPLETED")}
        if state == "failed":
            told |= {"error_type": "content_policy_violation", "detail": "The provider refused it."}
        if state == "cancelled":
            told |= {"error_type": "cancelled", "detail": "It was withdrawn."}
        return told

    def resulted(self, task: Task, state: State, url: str) -> tuple[int, Any]:
        video = {"url": url, "duration": 5, "respect_moderation": True}
        return 200, {"status": "done", "model": "grok-imagine-video", "video": video}

    def stopped(self, task: Task) -> Any:
        return {"status": "CANCELLATION_REQUESTED"}

    def refusal(self, kind: Kind) -> tuple[int, Any]:
        if kind == "parameter":
            missing = {"loc": ["body", "prompt"], "msg": "Field required", "type": "missing"}
            return 422, {"detail": [missing]}
        told = {
            "key": (401, "unauthorized", "Missing or invalid credentials."),
            "quota": (402, "insufficient_credits", "Not enough credits."),
            "moderation": (400, "content_policy_violation", "The provider refused it."),
            "busy": (429, "queue_backlog_full", "Too many requests are waiting."),
            "gone": (404, "request_not_found", "No such request."),
        }
        status, type_, detail = told[kind]
        return status, {"error_type": type_, "detail": detail}


class DashScope(Provider):
    """Codes beside the messages; a task that is not there is told with 200."""

    base = "/api/v1"
    create = r"/services/aigc/video-generation/video-synthesis"
    ask = r"/tasks/([^/]+)"
    cancel = ("POST", r"/tasks/([^/]+)/cancel")
    cancels = ("queued",)
    _words: ClassVar[dict[State, str]] = {
        "queued": "PENDING",
        "running": "RUNNING",
        "succeeded": "SUCCEEDED",
        "failed": "FAILED",
        "cancelled": "CANCELED",
    }

    def prompt_of(self, body: Any) -> str:
        return str(body["input"]["prompt"])

    def made(self, task: Task, url: str) -> Any:
        return {"request_id": "r", "output": {"task_id": task["id"], "task_status": "PENDING"}}

    def told(self, task: Task, state: State, url: str) -> Any:
        output = {"task_id": task["id"], "task_status": self._words[state]}
        told = {"request_id": "r", "output": output}
        if state == "failed":
            output |= {"code": "DataInspectionFailed", "message": "Output may be inappropriate"}
        if state == "succeeded":
            output["video_url"] = url
            told["usage"] = {"duration": 5, "size": "1280*720", "video_count": 1}
        return told

    def refusal(self, kind: Kind) -> tuple[int, Any]:
        if kind == "gone":
            return 200, {"request_id": "r", "output": {"task_id": "?", "task_status": "UNKNOWN"}}
        told = {
            "key": (401, "InvalidApiKey", "Invalid API-key provided."),
            "quota": (400, "Arrearage", "Access denied, your account is in good standing?"),
            "moderation": (400, "DataInspectionFailed", "Input data may contain …"),
            "busy": (429, "Throttling.RateQuota", "Requests rate limit exceeded"),
            "parameter": (400, "InvalidParameter", "size is not valid"),
        }
        status, code, message = told[kind]
        return status, {"request_id": "r", "code": code, "message": message}


class Runway(Provider):
    """One call cancels what is under way and deletes what is done."""

    create = r"/v1/(text|image)_to_video"
    ask = r"/v1/tasks/([^/]+)"
    cancel = ("DELETE", r"/v1/tasks/([^/]+)")

    def prompt_of(self, body: Any) -> str:
        return str(body.get("promptText", ""))

    def is_let_in(self, request: Request) -> bool:
        return super().is_let_in(request) and request.headers["x-runway-version"] == "2024-11-06"

    def made(self, task: Task, url: str) -> Any:
        return {"id": task["id"]}

    def told(self, task: Task, state: State, url: str) -> Any:
        word = {"queued": "PENDING"}.get(state, state.upper())
        told = {"id": task["id"], "createdAt": "2026-01-01T00:00:00Z", "status": word}
        if state == "running":
            told["progress"] = 0.25
        if state == "failed":
            told |= {"failure": "The output was flagged.", "failureCode": "SAFETY.OUTPUT.VIDEO"}
        if state == "succeeded":
            told |= {"output": [url], "cost": {"credits": 25}}
        return told

    def refusal(self, kind: Kind) -> tuple[int, Any]:
        told = {
            "key": (401, "Invalid API key"),
            "quota": (400, "You do not have enough credits to run this task."),
            "moderation": (400, "The prompt did not pass content moderation."),
            "busy": (429, "Too many requests"),
            "parameter": (400, "Validation of body failed"),
            "gone": (404, "Not found"),
        }
        status, error = told[kind]
        return status, {"error": error}


class Replicate(Provider):
    """The list tells each task's prompt."""

    base = "/v1"
    create = r"/models/[^/]+/[^/]+/predictions"
    ask = r"/predictions/([^/]+)"
    cancel = ("POST", r"/predictions/([^/]+)/cancel")
    listing = r"/predictions"

    def prompt_of(self, body: Any) -> str:
        return str(body["input"]["prompt"])

    def made(self, task: Task, url: str) -> Any:
        return self.told(task, "queued", "")

    def told(self, task: Task, state: State, url: str) -> Any:
        words = {"queued": "starting", "running": "processing", "cancelled": "canceled"}
        moment = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(task["created"]))
        return {
            "id": task["id"],
            "model": "wan-video/wan-2.2-t2v-fast",
            "version": "hidden",
            "input": task["body"]["input"],
            "status": words.get(state, state),
            "output": url if state == "succeeded" else None,
            "error": "NSFW content: flagged by safety checker" if state == "failed" else None,
            "metrics": {"predict_time": 9.5} if state == "succeeded" else {},
            "created_at": moment,
            "logs": "",
            "urls": {"get": "", "cancel": ""},
        }

    def page(self, tasks: list[Any]) -> Any:
        return {"previous": None, "next": None, "results": tasks}

    def refusal(self, kind: Kind) -> tuple[int, Any]:
        told = {
            "key": (401, "Unauthenticated", "You did not pass a valid authentication token"),
            "quota": (402, "Insufficient credit", "You have insufficient credit to run this model"),
            "moderation": (422, "Input flagged", "The input was flagged as sensitive"),
            "busy": (429, "Too many requests", "Request was throttled"),
            "parameter": (422, "Invalid input", "prompt is required"),
            "gone": (404, "Not found", "The requested resource could not be found"),
        }
        status, title, detail = told[kind]
        return status, {"title": title, "detail": detail, "status": status}


class WaveSpeed(Provider):
    """All in an envelope with a code."""

    base = "/api/v3"
    create = r"/wavespeed-ai/.+"
    ask = r"/predictions/([^/]+)/result"

    def made(self, task: Task, url: str) -> Any:
        return {"code": 200, "message": "success", "data": {"id": task["id"], "status": "created"}}

    def told(self, task: Task, state: State, url: str) -> Any:
        words = {"queued": "created", "running": "processing", "succeeded": "completed"}
        data = {"id": task["id"], "status": words.get(state, state), "outputs": [], "error": ""}
        if state == "succeeded":
            data["outputs"] = [url]
        if state == "failed":
            data["error"] = "Content flagged as potentially sensitive."
        return {"code": 200, "message": "success", "data": data}

    def refusal(self, kind: Kind) -> tuple[int, Any]:
        told = {
            "key": (401, "Invalid API key"),
            "quota": (402, "Insufficient credits"),
            "moderation": (400, "Content policy violation"),
            "busy": (429, "Too many requests"),
            "parameter": (400, "property prompt is missing"),
            "gone": (404, "task not found"),
        }
        status, message = told[kind]
        return status, {"code": status, "message": message}


class Kling(Provider):
    """A token that is signed; no money and "later" both come with 429."""

    key = "access-1:secret-2"
    create = r"/v1/videos/(text2video|image2video)"
    ask = r"/v1/videos/(?:text2video|image2video)/([^/]+)"
    _words: ClassVar[dict[State, str]] = {
        "queued": "submitted",
        "running": "processing",
        "succeeded": "succeed",
        "failed": "failed",
        "cancelled": "failed",
    }

    def prompt_of(self, body: Any) -> str:
        return str(body.get("prompt", ""))

    def is_let_in(self, request: Request) -> bool:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token.count(".") != 2:
            return False
        signed, _, mark = token.rpartition(".")
        claims = json.loads(base64.urlsafe_b64decode(signed.split(".")[1] + "=="))
        wanted = hmac.new(b"secret-2", signed.encode(), hashlib.sha256).digest()
        now = time.time()
        return (
            base64.urlsafe_b64decode(mark + "==") == wanted
            and claims["iss"] == "access-1"
            and claims["nbf"] <= now < claims["exp"]
        )

    def made(self, task: Task, url: str) -> Any:
        data = {"task_id": task["id"], "task_status": "submitted"}
        return {"code": 0, "message": "SUCCEED", "request_id": "r", "data": data}

    def told(self, task: Task, state: State, url: str) -> Any:
        data: dict[str, Any] = {"task_id": task["id"], "task_status": self._words[state]}
        if state == "failed":
            data["task_status_msg"] = "Failure to pass the risk control system: content policy"
        if state == "succeeded":
            data["task_result"] = {"videos": [{"id": "v", "url": url, "duration": "5"}]}
        return {"code": 0, "message": "SUCCEED", "request_id": "r", "data": data}

    def refusal(self, kind: Kind) -> tuple[int, Any]:
        told = {
            "key": (401, 1000, "Authentication failed"),
            "quota": (429, 1102, "Resource pack exhausted"),
            "moderation": (400, 1301, "The platform's content security policy was triggered"),
            "busy": (429, 1303, "parallel task over resource pack limit"),
            "parameter": (400, 1201, "Invalid parameters"),
            "gone": (404, 1203, "The requested resource does not exist"),
        }
        status, code, message = told[kind]
        return status, {"code": code, "message": message, "request_id": "r"}

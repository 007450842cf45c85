"""Providers that host their own models: Veo, Z.ai, MiniMax, Luma, Vidu, xAI."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from .provider import Kind, Provider, State, Task


class Veo(Provider):
    """An operation without a word for where it stands; the video needs the key, too."""

    base = "/v1beta"
    sent_as = ("x-goog-api-key", "{key}")
    create = r"/models/[^/]+:predictLongRunning"
    ask = r"/(models/[^/]+/operations/[^/]+)"
    video_needs_key = True

    def prompt_of(self, body: Any) -> str:
        return str(body["instances"][0]["prompt"])

    def new_id(self, number: int, path: str) -> str:
        return f"models/veo-3.1-generate-preview/operations/op-{number}"

    def made(self, task: Task, url: str) -> Any:
        return {"name": task["id"]}

    def told(self, task: Task, state: State, url: str) -> Any:
        told: dict[str, Any] = {"name": task["id"]}
        if state in ("succeeded", "failed"):
            samples = {"generatedSamples": [{"video": {"uri": url}}]}
            filtered = {
                "raiMediaFilteredCount": 1,
                "raiMediaFilteredReasons": ["It violated our usage guidelines."],
            }
            answer = samples if state == "succeeded" else filtered
            told |= {"done": True, "response": {"generateVideoResponse": answer}}
        return told

    def refusal(self, kind: Kind) -> tuple[int, Any]:
        told = {
            "key": (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
            "quota": (403, "FAILED_PRECONDITION", "Billing is not enabled for this project."),
            "moderation": (400, "INVALID_ARGUMENT", "The prompt violates the safety policy."),
            "busy": (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota."),
            "parameter": (400, "INVALID_ARGUMENT", "durationSeconds is out of bound."),
            "gone": (404, "NOT_FOUND", "Operation not found."),
        }
        status, code, message = told[kind]
        return status, {"error": {"code": status, "status": code, "message": message}}


class Zhipu(Provider):
    """``POST /videos/generations`` and ``GET /async-result/{id}``."""

    base = "/api/paas/v4"
    create = r"/videos/generations"
    ask = r"/async-result/([^/]+)"

    def made(self, task: Task, url: str) -> Any:
        return self.told(task, "queued", "")

    def told(self, task: Task, state: State, url: str) -> Any:
        words = {"succeeded": "SUCCESS", "failed": "FAIL"}
        told = {
            "id": task["id"],
            "request_id": task["body"].get("request_id", "r"),
            "model": task["body"]["model"],
            "task_status": words.get(state, "PROCESSING"),
        }
        if state == "succeeded":
            told["video_result"] = [{"url": url, "cover_image_url": f"{url}.jpg"}]
        return told

    def refusal(self, kind: Kind) -> tuple[int, Any]:
        told = {
            "key": (401, "Authentication failed"),
            "quota": (429, "Your account is in arrears, please recharge and try again."),
            "moderation": (400, "The content may contain sensitive material."),
            "busy": (429, "Rate limit reached for requests"),
            "parameter": (400, "Invalid parameter: size"),
            "gone": (404, "task not found"),
        }
        status, message = told[kind]
        return status, {"error": {"code": "9999", "message": message}}


class MiniMax(Provider):
    """Everything comes with HTTP 200; the video is a file that is asked for by itself."""

    create = r"/v1/video_generation"
    ask = r"/v1/query/video_generation"
    result = r"/v1/files/retrieve"
    _words: ClassVar[dict[State, str]] = {
        "queued": "Queueing",
        "running": "Processing",
        "succeeded": "Success",
        "failed": "Fail",
        "cancelled": "Fail",
    }
    _good: ClassVar[dict[str, Any]] = {"status_code": 0, "status_msg": "success"}

    def made(self, task: Task, url: str) -> Any:
        return {"task_id": task["id"], "base_resp": self._good}

    def told(self, task: Task, state: State, url: str) -> Any:
        told = {"task_id": task["id"], "status": self._words[state], "base_resp": self._good}
        if state == "succeeded":
            told["file_id"] = task["id"]
        return told

    def resulted(self, task: Task, state: State, url: str) -> tuple[int, Any]:
        file = {"file_id": task["id"], "download_url": url}
        return 200, {"file": file, "base_resp": self._good}

    def refusal(self, kind: Kind) -> tuple[int, Any]:
        told = {
            "key": (1004, "login fail"),
            "quota": (1008, "insufficient balance"),
            "moderation": (1026, "new_sensitive"),
            "busy": (1002, "rate limit"),
            "parameter": (2013, "invalid params"),
            "gone": (2013, "invalid params, task_id"),
        }
        code, message = told[kind]
        return 200, {"base_resp": {"status_code": code, "status_msg": message}}


class Luma(Provider):
    """Words only; the list tells each task's prompt."""

    base = "/dream-machine/v1"
    create = r"/generations/video"
    ask = r"/generations/([^/]+)"
    listing = r"/generations"

    def made(self, task: Task, url: str) -> Any:
        return self.told(task, "queued", "")

    def told(self, task: Task, state: State, url: str) -> Any:
        words = {"running": "dreaming", "succeeded": "completed"}
        moment = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(task["created"]))
        return {
            "id": task["id"],
            "state": words.get(state, state),
            "failure_reason": "Content policy: moderation failed" if state == "failed" else None,
            "created_at": moment,
            "assets": {"video": url} if state == "succeeded" else None,
            "request": {"generation_type": "video", **task["body"]},
        }

    def page(self, tasks: list[Any]) -> Any:
        return {"has_more": False, "count": len(tasks), "generations": tasks}

    def refusal(self, kind: Kind) -> tuple[int, Any]:
        told = {
            "key": (403, "Not authenticated: invalid api key"),
            "quota": (400, "Insufficient credits"),
            "moderation": (400, "Prompt failed moderation"),
            "busy": (429, "Too many requests"),
            "parameter": (400, "Invalid value for resolution"),
            "gone": (404, "Generation not found"),
        }
        status, detail = told[kind]
        return status, {"detail": detail}


class Vidu(Provider):
    """``Token`` instead of ``Bearer``; a path for each way to begin."""

    base = "/ent/v2"
    sent_as = ("authorization", "Token {key}")
    create = r"/(text2video|img2video|start-end2video|reference2video)"
    ask = r"/tasks/([^/]+)/creations"

    def made(self, task: Task, url: str) -> Any:
        return {"task_id": task["id"], "state": "created", "model": task["body"]["model"]}

    def told(self, task: Task, state: State, url: str) -> Any:
        words = {"queued": "queueing", "running": "processing", "succeeded": "success"}
        told = {"id": task["id"], "state": words.get(state, "failed"), "creations": []}
        if state == "succeeded":
            told["creations"] = [{"id": "c", "url": url, "cover_url": f"{url}.jpg"}]
        if state == "failed":
            told["err_code"] = "CreationPolicyViolation: content policy"
        return told

    def refusal(self, kind: Kind) -> tuple[int, Any]:
        told = {
            "key": (401, "Unauthorized", "invalid token"),
            "quota": (400, "CreditInsufficient", "credits insufficient"),
            "moderation": (400, "AuditSubmitIllegal", "content moderation"),
            "busy": (429, "TooManyRequests", "too many requests"),
            "parameter": (400, "FieldInvalid", "invalid value of duration"),
            "gone": (404, "TaskNotFound", "task not found"),
        }
        status, reason, message = told[kind]
        return status, {"code": status, "reason": reason, "message": message}


class XAI(Provider):
    """``POST /videos/generations`` and ``GET /videos/{id}``."""

    base = "/v1"
    create = r"/videos/generations"
    ask = r"/videos/([^/]+)"

    def made(self, task: Task, url: str) -> Any:
        return {"request_id": task["id"]}

    def told(self, task: Task, state: State, url: str) -> Any:
        words = {"queued": "pending", "running": "pending", "succeeded": "done"}
        told: dict[str, Any] = {"status": words.get(state, "failed"), "model": "grok-imagine-video"}
        if state == "running":
            told["progress"] = 40
        if state == "succeeded":
            told["video"] = {"url": url, "duration": 5, "respect_moderation": True}
        if state == "failed":
            told["error"] = {"code": "invalid_argument", "message": "Rejected by moderation."}
        return told

    def refusal(self, kind: Kind) -> tuple[int, Any]:
        told = {
            "key": (400, "Incorrect API key provided"),
            "quota": (403, "Your team has used all available credits: credits too low"),
            "moderation": (400, "The prompt was rejected by content moderation"),
            "busy": (429, "Too many requests"),
            "parameter": (422, "duration must be between 1 and 15"),
            "gone": (404, "Request not found"),
        }
        status, error = told[kind]
        return status, {"code": "The request failed", "error": error}

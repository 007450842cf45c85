"""The ``ark`` engine: Doubao Seedance on Volcengine Ark, or BytePlus ModelArk via its URL."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from ...errors import UpstreamGone
from ...i18n import Text
from ...protocol.models import EngineInfo
from ..base import InputImage, Job, Plan
from ..error_codes import Codes
from ..remote import Candidate, RemoteEngine, Stopped, Upstream, is_id
from . import request, responses

_TASKS: Final = "/contents/generations/tasks"
_SLACK_S: Final = 60.0  # their clock and ours
_ECHOED: Final = ("ratio", "resolution", "duration", "seed")
#: Source: its documentation, "common error codes".
_CODES: Final[Codes] = {
    "moderation": (
        "SensitiveContentDetected*",
        "InputTextSensitiveContentDetected*",
        "InputImageSensitiveContentDetected*",
        "InputVideoSensitiveContentDetected*",
        "OutputImageSensitiveContentDetected*",
        "OutputVideoSensitiveContentDetected*",
        "InputTextRiskDetection*",
        "InputImageRiskDetection*",
        "OutputVideoRiskDetection*",
    ),
    "quota": ("AccountOverdueError", "QuotaExceeded", "SetLimitExceeded"),
    "busy": ("RateLimitExceeded*", "ServerOverloaded", "RequestBurstTooFast"),
    "key_refused": ("AuthenticationError", "InvalidApiKey*"),
    "model_unknown": ("ModelNotOpen", "InvalidEndpointOrModel*", "UnsupportedModel*"),
    "bad_parameter": ("MissingParameter*", "InvalidParameter*"),
    "not_allowed": ("AccessDenied", "OperationDenied*"),
    "fault": ("InternalServiceError",),
}


class ArkEngine(RemoteEngine):
    """Text, first frame, first and last frame, or reference images to video; paid."""

    kind = "ark"
    heading = Text("Doubao Seedance (Volcengine Ark)", "豆包 Seedance（火山方舟）")
    default_url = "https://ark.cn-beijing.volces.com/api/v3"
    default_variable = "ARK_API_KEY"
    codes = _CODES
    lifetime_s = 7 * 24 * 3600.0
    first_look_s = 5.0

    def info(self, language: str) -> EngineInfo:
        """Return what it can do. Durations and sizes depend on the model."""
        return self.described(
            language,
            modes=["text", "image", "last_frame"],
            ratios=["16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "adaptive"],
            resolutions=["480p", "720p", "1080p"],
            cancel="queued",
        )

    def plan(
        self, prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage] = ()
    ) -> Plan:
        """See :func:`.request.plan`."""
        defaults = dict(self.instance.parameters)
        if self.instance.model:
            defaults["model"] = self.instance.model
        return request.plan(requested, images, defaults)

    def expected_cost(self, plan: Plan) -> float | None:
        """Return the expected cost; tokens depend on the size for the resolution."""
        sized = request.sized(plan.parameters)
        return None if self.price is None else self.price.expected(sized)

    async def start(self, job: Job, key: str) -> str:
        """Create the task. The service has no idempotency keys; this is sent once."""
        body = await asyncio.to_thread(request.body, job.prompt, job.plan.parameters, job.images)
        answer = await self.calls.ask("POST", _TASKS, acts=True, json=body)
        made = answer.json
        if not (answer.ok and isinstance(made, dict) and is_id(made.get("id"))):
            raise self.errors.of_create(answer)
        return json.dumps({"id": made["id"]})

    async def poll(self, handle: str) -> Upstream:
        """Poll the task."""
        return responses.read_task(self.errors, await self._task(handle))

    async def fetch(self, handle: str, path: Path) -> dict[str, Any]:
        """Download the video and, if requested, its last frame to ``<path>.last_frame``."""
        video, last_frame = responses.links(await self._task(handle))
        if video is None:
            raise UpstreamGone(_NO_LINK)
        facts = await self.calls.fetch_link(video, path, _EXPIRED)
        if last_frame is not None:
            place = path.with_name(path.name + ".last_frame")
            await self.calls.fetch_link(last_frame, place, _EXPIRED)
            facts["last_frame"] = str(place)
        return facts

    def handle_of(self, name: str) -> str | None:
        """Return the handle for a provider's task id."""
        return json.dumps({"id": name}) if is_id(name) else None

    async def cancel(self, handle: str) -> Stopped:
        """Cancel a queued task; for an ended one, the same call would delete it."""
        if (await self.poll(handle)).where != "queued":
            return Stopped(False, _RUNNING)
        answer = await self.calls.ask("DELETE", _task_path(handle))
        return Stopped(True) if answer.ok else Stopped(False, _RUNNING)

    async def look_for(self, job: Job, since: float) -> list[Candidate]:
        """Search the list, which has no prompts: only a requested seed gives certainty."""
        asked = job.plan.parameters
        params = {"page_num": 1, "page_size": 50, "filter.model": asked["model"]}
        answer = await self.calls.ask("GET", _TASKS, params=params)
        found = answer.json
        if not answer.ok or not isinstance(found, dict):
            raise self.errors.of_question(answer)
        return [
            Candidate(json.dumps({"id": task["id"]}), "seed" in asked)
            for task in found.get("items") or []
            if isinstance(task, dict) and is_id(task.get("id")) and _could_be(task, asked, since)
        ]

    async def _task(self, handle: str) -> dict[str, Any]:
        answer = await self.calls.ask("GET", _task_path(handle))
        if answer.status == 404:
            raise UpstreamGone
        task = answer.json
        if not answer.ok or not isinstance(task, dict) or "status" not in task:
            raise self.errors.of_question(answer)
        return task


def _task_path(handle: str) -> str:
    return f"{_TASKS}/{quote(json.loads(handle)['id'], safe='')}"


def _could_be(task: Mapping[str, Any], asked: Mapping[str, Any], since: float) -> bool:
    created = task.get("created_at")
    if not isinstance(created, (int, float)) or created < since - _SLACK_S:
        return False
    return all(task.get(name) in (None, asked[name]) for name in _ECHOED if name in asked)


_NO_LINK = Text(
    "The provider reports that the video is done but provided no link to it.",
    "服务商提示视频已完成，但未提供下载链接。",
)
_EXPIRED = Text(
    "The link to the video expired (links are valid for 24 hours) before it could be downloaded.",
    "视频链接已过期（有效期 24 小时），未能及时下载。",
)
_RUNNING = Text(
    "The provider is already generating the video; only queued tasks can be cancelled. The "
    "video will still be generated and billed.",
    "服务商已开始生成，仅排队中的任务可以取消。该视频仍会生成并计费。",
)

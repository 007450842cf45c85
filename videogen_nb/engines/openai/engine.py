"""The ``openai`` engine: any server with a ``/v1/videos`` API."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from ...errors import UpstreamAway, UpstreamError, UpstreamGone, UpstreamRefused
from ...i18n import Text
from ...protocol.models import EngineInfo
from ..base import InputImage, Job, Plan
from ..error_codes import Codes
from ..http_client import Answer, DownloadRefused, Transport
from ..instances import Instance
from ..remote import Candidate, RemoteEngine, Stopped, Upstream, is_id
from . import request, responses

_VIDEOS: Final = "/videos"
_SLACK_S: Final = 60.0
#: Sources: the OpenAI API reference, "error codes"; LiteLLM's ``ProxyErrorTypes``.
_CODES: Final[Codes] = {
    "moderation": ("moderation_blocked", "content_policy_violation", "content_filter"),
    "quota": (
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_not_active",
        "budget_exceeded",
    ),
    "busy": ("rate_limit_exceeded", "rate_limit_error", "slow_down"),
    "key_refused": (
        "invalid_api_key",
        "authentication_error",
        "auth_error",
        "expired_key",
        "token_not_found_in_db",
    ),
    "model_unknown": (
        "model_not_found",
        "key_model_access_denied",
        "org_model_access_denied",
        "team_model_access_denied",
        "user_model_access_denied",
    ),
}
#: Refusals that are about how a request was written, not about what it asks for.
_UNREAD: Final = re.compile(
    r"(?i)multipart|form[- ]?data|content[- ]type|json|field required|prompt is required"
    r"|input_reference|seconds|valid (string|integer)"
)


class OpenAIVideosEngine(RemoteEngine):
    """Generates videos from text or one image, adapting to the server's responses."""

    kind = "openai"
    heading = Text("/v1/videos server", "/v1/videos 服务")
    codes = _CODES

    def __init__(
        self, instance: Instance | None = None, *, transport: Transport | None = None
    ) -> None:
        super().__init__(instance, transport=transport)
        self._forms: dict[bool, str] = {}  # the form that was understood, with and without image

    @property
    def paid(self) -> bool:
        """Whether it charges money: by default, if it has a key."""
        if self.instance.paid is not None:
            return self.instance.paid
        return self.price is not None or self._key_state() is not None

    @property
    def needs_key(self) -> bool:
        """Whether it needs a key: your own server does not; if there is one, it is sent."""
        return False

    def info(self, language: str) -> EngineInfo:
        """Return what it can do; the server refuses what its model cannot."""
        return self.described(
            language,
            modes=["text", "image"],
            ratios=["16:9", "9:16", "1:1", "4:3", "3:4"],
            resolutions=["480p", "720p", "1080p"],
            progress=True,
            cancel="always",
        )

    def plan(
        self, prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage] = ()
    ) -> Plan:
        """See :func:`.request.plan`."""
        defaults = dict(self.instance.parameters)
        if self.instance.model:
            defaults["model"] = self.instance.model
        return request.plan(requested, images, defaults)

    async def start(self, job: Job, key: str) -> str:
        """Create the job; if the server cannot read one request format, try the next."""
        plain = request.fields(job.prompt, job.plan.parameters)
        forms = list(request.forms(job.images))
        known = self._forms.get(bool(job.images))
        forms.sort(key=lambda form: form != known)
        refusals: list[UpstreamError] = []
        for form in forms:
            answer = await self._send(form, plain, job, key)
            if handle := _handle(answer):
                self._forms[bool(job.images)] = form
                return handle
            refusals.append(self.errors.of_create(answer))
            if not _unread(answer, refusals[-1]):
                raise refusals[-1]
        raise refusals[0]

    async def poll(self, handle: str) -> Upstream:
        """Poll the job."""
        answer = await self.calls.ask("GET", _path(handle))
        job = self._job(answer)
        return responses.read_job(self.errors, job, answer.headers.get("openai-poll-after-ms"))

    async def fetch(self, handle: str, path: Path) -> dict[str, Any]:
        """Download the video from ``/content``, or else from a link in the job."""
        try:
            return await self.calls.download(self._absolute(f"{_path(handle)}/content"), path)
        except DownloadRefused as refused:
            if refused.status in (401, 403, 429) or refused.status >= 500:
                raise UpstreamAway(refused.text) from refused
        link = responses.video_url(self._job(await self.calls.ask("GET", _path(handle))))
        if link is None:
            raise UpstreamGone(_NO_VIDEO)
        try:
            return await self.calls.download(link, path)
        except DownloadRefused as refused:
            raise UpstreamGone(_NO_VIDEO) from refused

    def handle_of(self, name: str) -> str | None:
        """Return the handle for a job id."""
        return json.dumps({"id": name}) if is_id(name) else None

    async def cancel(self, handle: str) -> Stopped:
        """Delete the job, which on some servers does not stop the computation."""
        if (await self.poll(handle)).where not in ("queued", "running"):
            return Stopped(False)  # deleting what is done would lose it
        answer = await self.calls.ask("DELETE", _path(handle))
        if answer.status == 404:
            return Stopped(True)
        told = answer.json
        if not answer.ok or not isinstance(told, dict):
            return Stopped(False)
        forgotten = told.get("deleted") is not True
        return Stopped(True, _FORGOTTEN if forgotten else None)

    async def look_for(self, job: Job, since: float) -> list[Candidate]:
        """Return jobs in the list with the same prompt, or without one."""
        answer = await self.calls.ask("GET", _VIDEOS, params={"limit": 50, "order": "desc"})
        page = answer.json
        if not answer.ok or not isinstance(page, dict):
            raise self.errors.of_question(answer)
        return [
            Candidate(json.dumps({"id": found["id"]}), found.get("prompt") == job.prompt)
            for found in page.get("data") or []
            if responses.is_job(found)
            and isinstance(found.get("created_at"), (int, float))
            and found["created_at"] >= since - _SLACK_S
            and found.get("prompt") in (None, "", job.prompt)
        ]

    async def _send(self, form: str, plain: Mapping[str, Any], job: Job, key: str) -> Answer:
        body = await asyncio.to_thread(request.body, form, plain, job.images)
        headers = {"Idempotency-Key": key}
        return await self.calls.ask("POST", _VIDEOS, acts=True, headers=headers, **body)

    def _job(self, answer: Answer) -> dict[str, Any]:
        job = answer.json
        if responses.is_job(job):  # also the failed ones that come with 4xx or 5xx
            found: dict[str, Any] = job
            return found
        if answer.status == 404:
            raise UpstreamGone
        raise self.errors.of_question(answer)

    def _absolute(self, path: str) -> str:
        return self._base() + path


def _handle(answer: Answer) -> str | None:
    made = answer.json
    if not (answer.ok and isinstance(made, dict) and is_id(made.get("id"))):
        return None
    return json.dumps({"id": made["id"]})


def _path(handle: str) -> str:
    return f"{_VIDEOS}/{quote(json.loads(handle)['id'], safe='')}"


def _unread(answer: Answer, verdict: UpstreamError) -> bool:
    """Return whether the server could not parse the request, so that nothing was created."""
    if not isinstance(verdict, UpstreamRefused) or verdict.code != "bad_parameter":
        return False
    return answer.status in (415, 422) or bool(_UNREAD.search(answer.words))


_NO_VIDEO = Text(
    "The server reports that the video is done but no longer has it.",
    "服务器提示视频已完成，但该文件已不存在。",
)
_FORGOTTEN = Text(
    "The server deleted the job but may still be generating the video.",
    "服务器已移除该任务，但可能仍在计算。",
)

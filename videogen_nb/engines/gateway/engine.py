"""The ``gateway`` engine: a video-gen gateway elsewhere, asked over the same protocol as ours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ... import protocol
from ...errors import (
    AnswerUnreadable,
    GatewayError,
    GatewayFault,
    NotAllowed,
    RateLimited,
    RequestRefused,
    TaskNotFound,
    UpstreamAway,
    UpstreamBusy,
    UpstreamError,
    UpstreamGone,
    UpstreamRefused,
    UpstreamUnsure,
)
from ...i18n import Text
from ...protocol import requests
from ...protocol.models import Attachment, EngineInfo, GenerateRequest, ImageRef, TaskId, VideoTask
from ...protocol.parameters import PLANNED
from ..base import InputImage, Job, Plan
from ..images import file_name
from ..instances import Instance
from ..remote import Candidate, RemoteEngine, Stopped, Upstream, Where
from ..transport import Answer, DownloadRefused, Transport
from .stall import Moving

_SLACK_S: Final = 60.0
_PROXY_GAVE_UP: Final = frozenset({502, 503, 504})
_CANDIDATES: Final = 20
_WHERE: Final[Mapping[str, Where]] = {
    "pending": "queued",
    "processing": "running",
    "completed": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
}


class GatewayEngine(RemoteEngine):
    """Text or images to video by way of another gateway, which may be limited or paid for."""

    kind = "gateway"
    heading = Text("Another video-gen gateway", "其他 video-gen 网关")
    first_look_s = 3.0

    def __init__(
        self,
        instance: Instance | None = None,
        *,
        transport: Transport | None = None,
        moving: Moving | None = None,
    ) -> None:
        super().__init__(instance, transport=transport)
        self._moving = moving or Moving()

    @property
    def needs_key(self) -> bool:
        """Older gateways have no tokens."""
        return False

    def info(self, language: str) -> EngineInfo:
        """What the protocol can ask for; what that gateway leaves out it does not say."""
        return self.described(language, modes=["text", "image"], progress=True, cancel="queued")

    def plan(
        self, prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage] = ()
    ) -> Plan:
        """Everything is passed on. Older gateways ignore all but words and one image."""
        parameters = {**self.instance.parameters, **requested}
        parameters.pop("seed", None)
        notes = (_MAY_IGNORE,) if requested or len(images) > 1 else ()
        return Plan(parameters, requested.get("seed"), notes)

    async def start(self, job: Job, key: str) -> str:
        """Upload the images, then create. The key counts where that gateway knows such."""
        attachments = [await self._upload(image) for image in job.images]
        order = _order(job, attachments, self.instance.model)
        made = await self._ask(requests.generate(order, key))
        if made.status >= 300:
            raise _verdict(_error(made))
        try:
            created = protocol.read_created(made.json)
        except AnswerUnreadable:
            raise UpstreamUnsure from None
        return _handle(TaskId(created.conversation_id, created.message_id))

    async def poll(self, handle: str) -> Upstream:
        """Ask where it stands."""
        task = await self._task(handle)
        if self._moving.stalled(task):
            return Upstream("failed", error=_STALLED, error_code="upstream_stalled")
        where = _WHERE[task.status.value]
        return Upstream(
            where,
            progress=task.progress,
            error=protocol.failure(task) if where == "failed" else None,
            error_code=(task.error_code or "upstream_failed") if where == "failed" else None,
            usage=task.usage,
            cost=task.cost,
            expires_at=task.expires_at.timestamp() if task.expires_at else None,
            poll_after_s=task.poll_after_ms / 1000 if task.poll_after_ms else None,
            facts={"upstream_engine": task.engine} if task.engine else {},
        )

    async def fetch(self, handle: str, path: Path) -> dict[str, Any]:
        """The video, by a link asked for at that moment: they are signed and expire."""
        task = await self._task(handle)
        if not task.video_urls:
            raise UpstreamGone(_NO_LINK)
        link = task.video_urls[0]
        link = self._base() + link if link.startswith("/") and not link.startswith("//") else link
        try:
            return await self.calls.download(link, path)
        except DownloadRefused as refused:
            if refused.status in (403, 404, 410):
                raise UpstreamGone(_EXPIRED) from refused
            raise UpstreamAway(refused.text) from refused

    async def cancel(self, handle: str) -> Stopped:
        """Older gateways cannot stop a task."""
        answer = await self._ask(requests.cancel(_task_id(handle)))
        return Stopped(True) if answer.ok else Stopped(False, _NO_CANCEL)

    async def look_for(self, job: Job, since: float) -> list[Candidate]:
        """Newer tasks of the list. Older gateways tell no prompts, so none of theirs is sure."""
        answer = await self._ask(requests.list_tasks())
        if not answer.ok:
            raise _away(_error(answer))
        try:
            page = protocol.read_page(answer.json)
        except AnswerUnreadable as error:
            raise UpstreamAway(error.text) from error
        return [
            Candidate(_handle(task.id), task.prompt == job.prompt)
            for task in page.tasks
            if task.created_at is not None
            and task.created_at.timestamp() >= since - _SLACK_S
            and task.prompt in (None, job.prompt)
        ][:_CANDIDATES]

    async def _upload(self, image: InputImage) -> Attachment:
        data = await asyncio.to_thread(image.path.read_bytes)
        request = requests.upload(data, file_name(data))
        answer = await self._ask(request, acts=False)  # one more upload does no harm
        if not answer.ok:
            raise _verdict(_error(answer), acts=False)
        try:
            return protocol.read_attachment(answer.json)
        except AnswerUnreadable as error:
            raise UpstreamAway(error.text) from error

    async def _task(self, handle: str) -> VideoTask:
        answer = await self._ask(requests.status(_task_id(handle)))
        if not answer.ok:
            error = _error(answer)
            raise UpstreamGone if isinstance(error, TaskNotFound) else _away(error)
        try:
            return protocol.read_task(answer.json)
        except AnswerUnreadable as error:
            raise UpstreamAway(error.text) from error

    async def _ask(self, request: requests.Request, *, acts: bool | None = None) -> Answer:
        body = {
            name: value
            for name in ("params", "json", "content", "headers")
            if (value := getattr(request, name))
        }
        creates = request.kind == "create" if acts is None else acts
        return await self.calls.ask(request.method, request.path, acts=creates, **body)


def _order(job: Job, attachments: list[Attachment], model: str | None) -> GenerateRequest:
    """Older gateways know one image, in a place of its own; the others go beside it."""
    parameters = {**job.plan.parameters, "seed": job.plan.seed, "engine": model}
    images = list(zip(job.images, attachments, strict=True))
    first = next((pair for pair in images if pair[0].role == "first"), None)
    further = [
        ImageRef(attachment=attachment, role=image.role)
        for image, attachment in images
        if first is None or image is not first[0]
    ]
    return GenerateRequest(
        prompt=job.prompt,
        image_attachment=first and first[1],
        images=further or None,
        **{name: value for name, value in parameters.items() if name in _PASSED_ON},
    )


def _verdict(error: GatewayError, *, acts: bool = True) -> UpstreamError:
    """Older gateways word every refusal themselves, under 500; what is not worded is unsure."""
    if isinstance(error, RateLimited):
        return UpstreamBusy(error.text, retry_after_s=error.retry_after_s)
    if isinstance(error, NotAllowed):
        return UpstreamRefused(error.text, code="key_refused")
    if isinstance(error, RequestRefused):
        return UpstreamRefused(error.text, code=error.code)
    worded = isinstance(error, GatewayFault) and error.detail is not None
    if worded and error.status not in _PROXY_GAVE_UP:
        return UpstreamRefused(error.text)
    moved = error.status is not None and error.status in (301, 307, 308)
    if moved or not acts:
        return UpstreamRefused(error.text, code="upstream_moved") if moved else _away(error)
    return UpstreamUnsure()


def _away(error: GatewayError) -> UpstreamAway:
    return UpstreamAway(error.text, retry_after_s=error.retry_after_s)


def _error(answer: Answer) -> GatewayError:
    return protocol.read_error(answer.status, answer.headers, answer.body, answer.url)


def _handle(task: TaskId) -> str:
    return json.dumps({"task": str(task)})


def _task_id(handle: str) -> TaskId:
    return TaskId.parse(json.loads(handle)["task"])


_PASSED_ON: Final = ("engine", *PLANNED)
_MAY_IGNORE = Text(
    "An older gateway takes words and one image; it may ignore the other parameters.",
    "旧版网关仅支持提示词和一张图片，其他参数可能被忽略。",
)
_STALLED = Text(
    "The task no longer moves there: that gateway has probably been restarted and lost it.",
    "任务在该网关上已不再变化：它可能已重启并丢失了该任务。",
)
_NO_LINK = Text(
    "That gateway says the video is done but gives no link to it.",
    "该网关提示视频已完成，但未提供链接。",
)
_EXPIRED = Text(
    "The video's link had expired before it could be fetched.", "视频链接已过期，未能及时下载。"
)
_NO_CANCEL = Text(
    "That gateway cannot stop a task; the video will come.", "该网关无法取消任务，视频仍会生成。"
)

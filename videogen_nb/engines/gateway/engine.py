"""The ``gateway`` engine: another video-gen gateway, through the same protocol."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ... import protocol
from ...errors import (
    AnswerUnreadable,
    BadParameter,
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
from ...protocol.models import (
    Attachment,
    EngineInfo,
    GenerateRequest,
    ImageRef,
    TaskId,
    TaskPage,
    VideoTask,
)
from ...protocol.parameters import PLANNED
from ..base import InputImage, Job, Plan
from ..http_client import Answer, Transport
from ..instances import Instance
from ..remote import Candidate, RemoteEngine, Stopped, Upstream, Where
from ..upstream_images import file_name
from .stall import Moving

_CANDIDATES: Final = 20
_WHERE: Final[Mapping[str, Where]] = {
    "pending": "queued",
    "processing": "running",
    "completed": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
}


class GatewayEngine(RemoteEngine):
    """Generates videos with another gateway, which may have limits or charge money."""

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
        self._is_ours: dict[str, bool] = {}  # by address
        self._there: EngineInfo | None = None  # the engine that makes the videos, as it was told

    @property
    def needs_key(self) -> bool:
        """Return False: older gateways have no tokens."""
        return False

    def info(self, language: str) -> EngineInfo:
        """Return what it can do; for an older gateway, everything the protocol can request."""
        there = self._there
        if there is None:
            return self.described(language, modes=["text", "image"], progress=True, cancel="queued")
        info = self.described(
            language,
            modes=there.modes,
            durations=there.durations,
            ratios=there.ratios,
            resolutions=there.resolutions,
            progress=there.progress,
            cancel=there.cancel,
        )
        title = _OURS(title=info.title, engine=there.title).render(language)
        return info.model_copy(update={"title": title, "cost": info.cost and there.cost})

    async def learn(self) -> None:
        """Find out whether that gateway is one of ours, and what its engine can do."""
        self._is_ours.pop(self._base(), None)
        self._there = await self._engine_there() if await self._ours() else None

    def plan(
        self, prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage] = ()
    ) -> Plan:
        """Pass everything on. Older gateways ignore all but the prompt and one image."""
        _check_fits(self._there, requested, images)
        parameters = {**self.instance.parameters, **requested}
        parameters.pop("seed", None)
        named = ", ".join(sorted({*parameters, *requested} & set(_PASSED_ON)))
        notes = (_MAY_IGNORE(names=named),) if named and self._there is None else ()
        return Plan(parameters, requested.get("seed"), notes)

    async def before(self, now: float) -> float | None:
        """Return the creation time of the newest task in its list, by its own clock."""
        return protocol.newest((await self._page()).tasks).timestamp()

    async def start(self, job: Job, key: str) -> str:
        """Upload the images, then create the task, with the key if supported."""
        await self._check(job)
        attachments = [await self._upload(image) for image in job.images]
        order = _order(job, attachments, self.instance.model)
        made = await self._ask(requests.generate(order, key))
        if made.status >= 300:
            raise _verdict(_error(made))
        try:
            created = protocol.read_created(made.json)
        except AnswerUnreadable as error:
            raise UpstreamUnsure(_UNSURE(why=error.text)) from None
        return _handle(TaskId(created.conversation_id, created.message_id))

    async def poll(self, handle: str) -> Upstream:
        """Poll the task."""
        task = await self._task(handle)
        if self._moving.stalled(task):
            if await self._fresh_links(task):
                return Upstream("succeeded")
            return Upstream("failed", error=_STALLED, error_code="upstream_stalled")
        where = _WHERE[task.status.value]
        return Upstream(
            where,
            progress=task.progress,
            position=task.queue_position,
            eta_s=task.eta_seconds,
            error=protocol.failure(task) if where == "failed" else None,
            error_code=(task.error_code or "upstream_failed") if where == "failed" else None,
            usage=task.usage,
            cost=task.cost,
            expires_at=task.expires_at.timestamp() if task.expires_at else None,
            poll_after_s=task.poll_after_ms / 1000 if task.poll_after_ms else None,
            facts={"upstream_engine": task.engine} if task.engine else {},
        )

    async def fetch(self, handle: str, path: Path) -> dict[str, Any]:
        """Download the video with a fresh link, since links are signed and expire."""
        task = await self._task(handle)
        links = task.video_urls[:1] or await self._fresh_links(task)
        if not links:
            raise UpstreamGone(_NO_LINK)
        try:
            return await self._download(links[0], path)
        except UpstreamGone:
            fresh = await self._fresh_links(task)
            if not fresh:
                raise
        return await self._download(fresh[0], path)

    async def cancel(self, handle: str) -> Stopped:
        """Cancel the task. Older gateways cannot; ours say why not, or what it cost anyway."""
        answer = await self._ask(requests.cancel(_task_id(handle)))
        if not answer.ok:
            ours = await self._ours()
            return Stopped(False, _error(answer).text if ours else _NO_CANCEL)
        try:
            return Stopped(True, charged=protocol.read_task(answer.json).cost is not None)
        except AnswerUnreadable:
            return Stopped(True)

    async def look_for(self, job: Job, since: float) -> list[Candidate]:
        """Return newer tasks in the list; without prompts (older gateways), they are uncertain."""
        tasks = protocol.newer((await self._page()).tasks, datetime.fromtimestamp(since, UTC))
        return [
            Candidate(_handle(task.id), task.prompt == job.prompt)
            for task in tasks
            if task.prompt in (None, job.prompt)
        ][:_CANDIDATES]

    async def _check(self, job: Job) -> None:
        """Refuse a request for which an older gateway would generate a different video."""
        several = len(job.images) > 1 or any(image.role != "first" for image in job.images)
        model = self.instance.model
        if not (several or model) or await self._ours():
            return
        text = _ONE_IMAGE if several else _NO_ENGINES(name=self.name, model=model)
        raise UpstreamRefused(text, code="bad_parameter")

    async def _ours(self) -> bool:
        """Return whether it is one of our gateways; ask once per address."""
        base = self._base()
        if base not in self._is_ours:
            answer = await self._ask(requests.health())
            if answer.status >= 500:
                raise _away(_error(answer))
            told = answer.json
            self._is_ours[base] = isinstance(told, dict) and told.get("service") == "videogen-nb"
        return self._is_ours[base]

    async def _engine_there(self) -> EngineInfo | None:
        answer = await self._ask(requests.engines())
        if not answer.ok:
            return None
        try:
            told = protocol.read_engines(answer.json)
        except AnswerUnreadable:
            return None
        wanted = (self.instance.model or told.default).partition(":")[0]
        return next((info for info in told.engines if info.name == wanted), None)

    async def _page(self) -> TaskPage:
        answer = await self._ask(requests.list_tasks(limit=_LISTED))
        if not answer.ok:
            raise _away(_error(answer))
        try:
            return protocol.read_page(answer.json)
        except AnswerUnreadable as error:
            raise UpstreamAway(error.text) from error

    async def _fresh_links(self, task: VideoTask) -> list[str]:
        """Return a fresh link from an older gateway, if it supports that."""
        if protocol.tells_all(task):
            return []
        known = task.video_urls[0] if task.video_urls else None
        answer = await self._ask(requests.fresh_links(task.id))
        links = protocol.read_links(answer.json, known) if answer.ok else []
        return links if len(links) == 1 else []

    async def _download(self, link: str, path: Path) -> dict[str, Any]:
        link = self._base() + link if link.startswith("/") and not link.startswith("//") else link
        return await self.calls.fetch_link(link, path)

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
    """Return the body; older gateways read one image from a separate field."""
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
        hops=job.hops + 1,
        **{name: value for name, value in parameters.items() if name in _PASSED_ON},
    )


def _verdict(error: GatewayError, *, acts: bool = True) -> UpstreamError:
    """Classify an error: older gateways refuse with 500 and known text; the rest is unclear."""
    if acts and protocol.may_have_acted(error):
        return UpstreamUnsure(_UNSURE(why=error.text))
    if isinstance(error, RateLimited):
        return UpstreamBusy(error.text, retry_after_s=error.retry_after_s)
    if isinstance(error, NotAllowed):
        return UpstreamRefused(error.text, code="key_refused")
    if isinstance(error, RequestRefused):
        return UpstreamRefused(error.text, code=error.code)
    if error.status is not None and 300 <= error.status < 400:
        return UpstreamRefused(error.text, code="upstream_moved")
    worded = isinstance(error, GatewayFault) and error.status == 500 and error.detail is not None
    return UpstreamRefused(error.text) if worded else _away(error)


def _away(error: GatewayError) -> UpstreamAway:
    return UpstreamAway(error.text, retry_after_s=error.retry_after_s)


def _error(answer: Answer) -> GatewayError:
    return protocol.read_error(answer.status, answer.headers, answer.body, answer.url)


def _handle(task: TaskId) -> str:
    return json.dumps({"task": str(task)})


def _task_id(handle: str) -> TaskId:
    try:
        return TaskId.parse(json.loads(handle)["task"])
    except (ValueError, KeyError, TypeError):  # it names nothing that could be asked for
        raise UpstreamGone(_NO_TASK(name=handle[:100])) from None


def _check_fits(
    there: EngineInfo | None, requested: Mapping[str, Any], images: Sequence[InputImage]
) -> None:
    """Raise BadParameter for what that gateway's engine is known not to support."""
    if there is None:
        return
    if there.modes and "image" not in there.modes and images:
        raise BadParameter(_NO_IMAGES(engine=there.title), code="image_not_supported")
    duration = requested.get("duration")
    if there.durations and isinstance(duration, (int, float)):
        shortest, longest = there.durations
        if not shortest <= duration <= longest:
            text = _DURATION(engine=there.title, shortest=shortest, longest=longest)
            raise BadParameter(text, code="duration_range")


_PASSED_ON: Final = ("engine", *PLANNED)
_LISTED: Final = 500  # as many as a gateway of ours gives at once; older ones give all
_OURS = Text("{title} (videogen-nb, {engine})", "{title}（videogen-nb，{engine}）")
_NO_IMAGES = Text(
    "{engine} on the other gateway does not support images.", "对方网关上的{engine}不支持图片。"
)
_DURATION = Text(
    "{engine} on the other gateway supports videos of {shortest:g} to {longest:g} s.",
    "对方网关上的{engine}支持 {shortest:g} 到 {longest:g} 秒的视频。",
)
_MAY_IGNORE = Text(
    "Passed on to the other gateway, which may ignore them if it is an older one: {names}.",
    "已转交给对方网关；若为旧版网关，可能会忽略：{names}。",
)
_ONE_IMAGE = Text(
    "The other gateway is older and accepts only one image, as the first frame. Pass only "
    "the first frame. Nothing was sent.",
    "对方网关是旧版网关，只支持一张图片作为首帧。未发送任何请求。",
)
_NO_ENGINES = Text(
    "The other gateway is older and has no engines to choose from: remove model = "
    "{model!r} from [{name}] in engines.toml. Nothing was sent.",
    "对方网关是旧版网关，不能选择引擎：请在 engines.toml 的 [{name}] 中去掉 model = {model!r}。"
    "未发送任何请求。",
)
_UNSURE = Text(
    "{why} The video may or may not have been created and billed there. The request was "
    "not sent again. Check there before you retry.",
    "{why}视频可能已在对方网关生成并计费，也可能没有。未自动重发，请先到对方网关查询，再决定是否重"
    "试。",
)
_NO_TASK = Text(
    "The other gateway returned a task id that cannot be queried: {name}.",
    "对方网关返回的任务 ID 无法查询：{name}。",
)
_STALLED = Text(
    "The task stopped changing: the other gateway has probably restarted and lost it.",
    "任务在对方网关上已不再变化：对方网关可能已重启并丢失了任务。",
)
_NO_LINK = Text(
    "The other gateway reports that the video is done but provided no link to it.",
    "对方网关提示视频已完成，但未提供链接。",
)
_NO_CANCEL = Text(
    "The other gateway cannot cancel tasks; the video will still be generated.",
    "对方网关无法取消任务，视频仍会生成。",
)

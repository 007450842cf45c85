"""The ``rest`` engine: any provider described by a table."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ...errors import BadInput, UpstreamAway, UpstreamGone, UpstreamRefused
from ...i18n import Text
from ...protocol.models import EngineInfo
from ..base import InputImage, Job, Plan
from ..error_codes import ErrorCodes, Told, retry_after
from ..http_client import Answer, Transport
from ..instances import Instance
from ..remote import Candidate, RemoteEngine, Stopped, Upstream
from . import request, responses
from .table import Ask
from .table_files import Preset

_SLACK_S: Final = 60.0  # their clock and ours
_NOT_THERE: Final = frozenset({404, 410})


class RestEngine(RemoteEngine):
    """One provider, described by a table; paid."""

    def __init__(
        self,
        preset: Preset,
        instance: Instance | None = None,
        *,
        transport: Transport | None = None,
    ) -> None:
        table = self.table = preset.table
        self.kind = preset.name
        self.heading = Text(table.title, table.title_zh or table.title)
        self.default_url = table.base
        # A table of somebody else must not have a key sent that was meant for another provider.
        self.default_variable = table.key.variable if preset.shipped else None
        self.scheme = table.key.scheme
        self.codes = table.errors.codes
        self.lifetime_s = table.tasks_s
        self.first_look_s = table.poll_s
        super().__init__(instance, transport=transport)
        self.errors = ErrorCodes(self.name, self.codes, lambda a: responses.read_error(table, a))

    def info(self, language: str) -> EngineInfo:
        """Return what it can do; the provider refuses what its model cannot."""
        table = self.table
        takes_images = any(create.images for create in table.create)
        span = (float(min(table.seconds)), float(max(table.seconds))) if table.seconds else None
        cancel = "never" if table.cancel is None else "always"
        if table.cancel is not None and "running" not in table.cancel.during:
            cancel = "queued"
        return self.described(
            language,
            modes=["text", "image"] if takes_images else ["text"],
            durations=span,
            ratios=list(table.ratios),
            resolutions=list(table.resolutions),
            progress=table.poll.progress is not None,
            cancel=cancel,
        )

    def missing(self) -> Text | None:
        """Return what it still needs, including where to get a key."""
        missing = super().missing()
        if missing is None or self._key_state() != "missing":
            return missing
        return _GET(missing=missing, place=self.table.key.get)

    def plan(
        self, prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage] = ()
    ) -> Plan:
        """See :func:`.request.plan`."""
        settings, model = self.instance.parameters, self.instance.model
        return request.plan(self.table, requested, images, settings, model)

    async def start(self, job: Job, key: str) -> str:
        """Send the create request, once."""
        try:
            sent = await asyncio.to_thread(
                request.write, self.table, job.prompt, job.plan.parameters, job.images, key
            )
        except BadInput as error:  # an image that turns out too large
            raise UpstreamRefused(error.text, code=error.code) from error
        answer = await self.calls.ask(
            "POST", sent.path, acts=True, json=sent.body, headers=sent.headers
        )
        refused = answer.ok and responses.is_refused(self.table, answer.json)
        handle = responses.read_handle(self.table, answer.json, sent.path)
        if not answer.ok or refused or handle is None:
            raise self.errors.of_create(answer, refused=refused)
        return handle

    async def poll(self, handle: str) -> Upstream:
        """Poll the task and, when it is done, its result."""
        answer = await self._ask(self.table.poll, responses.names_of(handle))
        if answer.status in _NOT_THERE:
            raise UpstreamGone
        told = self._readable(answer)
        where = responses.read_state(self.table.poll, told)
        if where == "gone":
            raise UpstreamGone
        if where == "failed":
            return self._failed(told)
        if where == "succeeded":
            return await self._done(handle, told)
        return Upstream(
            "cancelled" if where == "cancelled" else "queued" if where == "queued" else "running",
            progress=responses.read_progress(self.table.poll, told),
            poll_after_s=retry_after(answer),
        )

    async def fetch(self, handle: str, path: Path) -> dict[str, Any]:
        """Download the video with a fresh link, since links expire."""
        values = responses.names_of(handle)
        told = self._readable(await self._ask(self.table.poll, values))
        result, link = await self._result(values, told)
        if link is None:
            code, text = self._why(result.status, result.json)
            raise UpstreamRefused(text, code=code)
        return await self.calls.fetch_link(link, path)

    def handle_of(self, name: str) -> str | None:
        """Return the handle for a task id; None if it needs several values."""
        return responses.handle_of(self.table, name)

    async def cancel(self, handle: str) -> Stopped:
        """Cancel the task, if the table says how and when."""
        how = self.table.cancel
        if how is None:
            return Stopped(False, _NO_CANCEL)
        where = (await self.poll(handle)).where
        if where not in how.during:  # some delete by this what is done
            return Stopped(False, _NO_CANCEL if where in ("queued", "running") else None)
        values = responses.names_of(handle)
        answer = await self._ask(how, values, method=how.method)
        told = answer.json
        refused = not answer.ok or responses.is_refused(self.table, told)
        if refused or (how.done is not None and not how.done.read(told)):
            return Stopped(False, _NO_CANCEL)
        charged = where in how.charged
        return Stopped(True, _CHARGED if charged else None, charged=charged)

    async def look_for(self, job: Job, since: float) -> list[Candidate]:
        """Return newer tasks in the list; the same prompt makes one certain."""
        how = self.table.list
        if how is None:
            return []
        told = self._readable(await self._ask(how, {}))
        found, listed = [], how.items.read(told)
        for item in listed if isinstance(listed, list) else ():
            handle = responses.read_handle(self.table, item, "", how.handle)
            made = responses.read_moment(how.created.read(item))
            prompt = how.prompt.read(item) if how.prompt else None
            if handle and made and made >= since - _SLACK_S and prompt in (None, job.prompt):
                found.append(Candidate(handle, prompt == job.prompt))
        return found

    async def _ask(self, what: Ask, values: Mapping[str, Any], *, method: str = "GET") -> Answer:
        try:
            path = what.url.render(values)
            params = {name: template.fill(values) for name, template in what.params.items()}
        except KeyError:
            raise UpstreamGone(_NO_NAME) from None
        return await self.calls.ask(
            method, path, headers=dict(self.table.headers), params=params or None
        )

    def _readable(self, answer: Answer) -> Any:
        """Return the JSON of a response to a poll.

        Raises:
            UpstreamAway, UpstreamGone: it is an error.
        """
        told = answer.json
        if not answer.ok or told is None or responses.is_refused(self.table, told):
            raise self.errors.of_question(answer)
        return told

    async def _done(self, handle: str, told: Any) -> Upstream:
        """Return a finished task if it has a video: some are refused only now."""
        result, link = await self._result(responses.names_of(handle), told)
        if link is None:
            return self._failed(result.json, result.status)
        poll, life = self.table.poll, self.table.links_s
        return Upstream(
            "succeeded",
            usage=responses.read_object(poll.usage, told),
            cost=responses.read_object(poll.cost, told),
            expires_at=None if life is None else time.time() + life,
            facts=responses.read_object(poll.facts, told) or {},
        )

    async def _result(self, values: Mapping[str, str], told: Any) -> tuple[Answer, str | None]:
        """Return the last response and its link, if any."""
        poll, how = self.table.poll, self.table.result
        if how is None:
            assert poll.link is not None  # the table was checked
            body = json.dumps(told).encode()
            return Answer(200, {}, body, ""), responses.read_link(poll.link, told)
        carried = responses.read_carried(poll, told)
        if carried is None:
            raise UpstreamAway(_NO_VALUE)
        answer = await self._ask(how, {**values, **carried})
        if answer.status in how.failed_by:
            return answer, None
        return answer, responses.read_link(how.link, self._readable(answer))

    def _failed(self, told: Any, status: int | None = None) -> Upstream:
        code, error = self._why(status, told)
        poll = self.table.poll
        return Upstream(
            "failed",
            error=error,
            error_code=code,
            usage=responses.read_object(poll.usage, told),
            cost=responses.read_object(poll.cost, told),
        )

    def _why(self, status: int | None, told: Any) -> tuple[str, Text]:
        reason = responses.read_error(self.table, told) or Told("", "")
        if not reason.words:
            return "upstream_failed", _NO_VIDEO
        return self.errors.explain(status if status != 200 else None, reason)


_GET = Text("{missing}. Get one at {place}", "{missing}。获取密钥：{place}")
_NO_VIDEO = Text(
    "The provider ended the task without a video and without giving a reason.",
    "服务商结束了任务，但未提供视频，也未说明原因。",
)
_NO_CANCEL = Text(
    "The provider can no longer cancel the task. The video will still be generated and billed.",
    "服务商已无法取消该任务，视频仍会生成并计费。",
)
_CHARGED = Text(
    "The task was cancelled while it was rendering, so the provider still charges for it.",
    "任务在生成途中取消，服务商仍会计费。",
)
_NO_VALUE = Text(
    "The provider's response does not say where the result is.",
    "服务商的响应未说明结果在何处。",
)
_NO_NAME = Text(
    "The provider's response contains no task id to poll.",
    "服务商的响应中没有可供查询的任务 ID。",
)

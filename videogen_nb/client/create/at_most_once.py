"""Creating a task at most once, even if the response is lost.

A create request is sent again only if none of it was sent, or if the gateway supports its
idempotency key (for creates, not for retries). If the response is lost, the task is looked for in
the list; if it is not found there, the outcome is reported as unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from ...errors import (
    AnswerUnreadable,
    GatewayError,
    GatewayFault,
    OutcomeUnknown,
    RateLimited,
    RequestRefused,
)
from ...i18n import Text
from ...protocol import (
    Request,
    may_have_acted,
    models,
    newer,
    newest,
    read_created,
    read_page,
    tells_all,
)
from ...protocol import requests as wire
from ...protocol.filters import Filters
from ...protocol.models import TaskId, TaskStatus
from ...protocol.polling import retry_delay
from ..capabilities import fit_older
from ..transport import LASTING, Exchange, place

if TYPE_CHECKING:
    from ...protocol.models import CreateAnswer, GenerateRequest, TaskPage, VideoTask

_LOOKS = 4  # the lost create may still be under way, so the list is asked a few times
_LISTED = 500  # as many as a gateway of ours gives at once; older ones give all
_SLACK = timedelta(seconds=2)  # between the clock of a gateway of ours and this one
_ZONE_STEP_S = 15 * 60  # zones are whole quarters of an hour apart

_UNKNOWN = Text(
    "The request was sent but the response was lost, so the task may or may not exist. It was "
    "not sent again. {looked} Check the list before you retry. Reason: {reason}",
    "请求已发送，但响应丢失，任务可能已创建，也可能没有。未自动重发。{looked}"
    "再次尝试前请先查看任务列表。原因：{reason}",
)
_NOT_LISTED = Text("The task is not in the gateway's list.", "网关的任务列表中没有该任务。")
_NO_LIST = Text("The gateway's list could not be read.", "无法读取网关的任务列表。")
_NO_LIST_BEFORE = Text(
    "The gateway's list could not be read beforehand, so new tasks cannot be recognized.",
    "此前无法读取网关的任务列表，因此无法判断其中哪些是新任务。",
)
_MAYBE = Text(
    "These tasks have appeared since; one of them may be yours: {ids}.",
    "在此期间列表中出现了以下任务，其中之一可能就是它：{ids}。",
)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What identifies the task of a lost create request in the list."""

    conversation_id: str | None
    prompt: str | None = None
    parent: str | None = None

    @property
    def in_list(self) -> Filters:
        """Return the filters to list possible tasks with."""
        return Filters(conversation_id=self.conversation_id)

    def may_be(self, task: VideoTask) -> bool:
        if self.parent is not None:
            return task.parent == self.parent
        return task.prompt in (None, self.prompt)

    def surely_is(self, task: VideoTask) -> bool:
        """Return whether a task is certainly ours: same prompt or parent, or our conversation."""
        known = task.parent == self.parent if self.parent else task.prompt == self.prompt
        return known or self.conversation_id is not None


@dataclass(frozen=True, slots=True)
class _Made:
    """What we know, and an older gateway does not report, about a task we created."""

    prompt: str | None
    notes: tuple[Text, ...]
    asked_at: datetime


class Creator:
    """Sends create requests to one gateway and remembers what it learns about it."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._knows_keys: bool | None = None
        self._created: dict[TaskId, _Made] = {}
        self._zone: timezone | None = None  # an older gateway's, once it has shown

    async def knows_keys(self) -> bool:
        """Return whether this is one of our gateways, which support idempotency keys; ask once."""
        if self._knows_keys is None:
            try:
                self._knows_keys = await self._exchange.ask(wire.health(), _is_ours)
            except (RequestRefused, AnswerUnreadable):
                self._knows_keys = False
        return self._knows_keys

    async def create(self, request: GenerateRequest, key: str) -> CreateAnswer:
        """Create a task.

        Raises:
            OutcomeUnknown: it was sent, the response was lost, and the task was not found.
            BadParameter: an older gateway would generate a different video.
            GatewayError: it was not sent, or was refused.
        """
        notes: tuple[Text, ...] = ()
        ours = await self.knows_keys()
        if not ours:
            request, notes = fit_older(request, place(self._exchange.url))
        wanted = _Wanted(prompt=request.prompt, conversation_id=request.conversation_id)
        since = self._exchange.times.now() - _SLACK if ours else await self._newest(wanted)
        made = _Made(request.prompt, notes, self._exchange.times.now())
        answer = await self._at_most_once(wire.generate(request, key), wanted, since, keyed=True)
        self._created[TaskId(answer.conversation_id, answer.message_id)] = made
        return answer

    async def retry(self, task: TaskId) -> CreateAnswer:
        """Retry a task that ended without a video, as a new task. Raises like :meth:`create`."""
        wanted = _Wanted(parent=str(task), conversation_id=task.conversation_id)
        since = await self._newest(wanted)
        return await self._at_most_once(wire.retry(task), wanted, since, keyed=False)

    def completed(self, task: VideoTask) -> VideoTask:
        """Add to a task what we know about it but an older gateway does not report.

        This is the prompt, what it may ignore of the request, and the time zone.
        """
        if tells_all(task):
            return task
        known: dict[str, Any] = {}
        if made := self._created.get(task.id):
            self._learn_zone(task, made)
            known = {"notes": [*map(str, made.notes)]}
            known |= {"prompt": made.prompt} if task.prompt is None else {}
        return task.model_copy(update={**known, **self._zoned(task)})

    def all_completed(self, page: TaskPage) -> TaskPage:
        """Like :meth:`completed`, for a page of tasks."""
        return page.model_copy(update={"tasks": [self.completed(task) for task in page.tasks]})

    def _learn_zone(self, task: VideoTask, made: _Made) -> None:
        """Derive the offset of the gateway's clock from a task that was just created."""
        if (
            self._zone is None
            and task.created_at is not None
            and not models.zone_known(task.created_at)
        ):
            there = task.created_at.replace(tzinfo=made.asked_at.tzinfo)
            steps = round((there - made.asked_at).total_seconds() / _ZONE_STEP_S)
            offset = timedelta(seconds=steps * _ZONE_STEP_S)
            if abs(offset) < timedelta(days=1):
                self._zone = timezone(offset)

    def _zoned(self, task: VideoTask) -> dict[str, datetime]:
        moments = {"created_at": task.created_at, "updated_at": task.updated_at}
        return {
            name: moment.replace(tzinfo=self._zone)
            for name, moment in moments.items()
            if self._zone is not None and moment is not None and not models.zone_known(moment)
        }

    async def _newest(self, wanted: _Wanted) -> datetime | None:
        """Return when the newest task before a create request was created; None = unknown."""
        asked = wire.list_tasks(wanted.in_list, limit=_LISTED)
        try:
            return newest((await self._exchange.ask_once(asked, read_page)).tasks)
        except GatewayError:
            return None

    async def _at_most_once(
        self, request: Request, wanted: _Wanted, since: datetime | None, *, keyed: bool
    ) -> CreateAnswer:
        try:
            return await self._send(request, keyed=keyed)
        except GatewayError as error:
            if not may_have_acted(error):
                raise
            return await self._look_for(wanted, since, error)

    async def _send(self, request: Request, *, keyed: bool) -> CreateAnswer:
        """Send the request, again if that is safe; the error of a lost response passes through."""
        failures = 0
        while True:
            try:
                answer = await self._exchange.ask_once(request, read_created)
            except GatewayError as error:
                failures += 1
                delay = await self._delay_after(error, failures, keyed=keyed)
                if delay is None:
                    raise
            else:
                if answer.task is not None and tells_all(answer.task):
                    self._knows_keys = True
                return answer
            await self._exchange.times.sleep(delay)

    async def _delay_after(
        self, error: GatewayError, failures: int, *, keyed: bool
    ) -> float | None:
        times, policy = self._exchange.times, self._exchange.retry
        if error.code in LASTING:
            return None
        if not error.sent:
            return retry_delay(policy, failures, spread=times.spread)
        if not (keyed and _passing(error) and await self._keys_for_sure()):
            return None
        return retry_delay(policy, failures, error.retry_after_s, spread=times.spread)

    async def _keys_for_sure(self) -> bool:
        """Assume that a gateway which cannot be identified does not support keys."""
        try:
            return await self.knows_keys()
        except GatewayError:
            return False

    async def _look_for(
        self, wanted: _Wanted, since: datetime | None, lost: GatewayError
    ) -> CreateAnswer:
        looked = _NOT_LISTED if since is not None else _NO_LIST_BEFORE
        candidates: list[VideoTask] = []
        for look in range(_LOOKS if since is not None else 0):
            await self._exchange.times.sleep(_pause(self._exchange, look))
            try:
                asked = wire.list_tasks(wanted.in_list, limit=_LISTED)
                page = await self._exchange.ask(asked, read_page)
            except GatewayError:
                looked = _NO_LIST
                break
            assert since is not None
            new = [t for t in newer(page.tasks, since) if t.id not in self._created]
            candidates = [t for t in new if wanted.may_be(t)]
            found = [t for t in candidates if wanted.surely_is(t)]
            if len(found) == 1:
                return _as_answer(found[0])
        if candidates:
            looked = _MAYBE(ids=", ".join(str(t.id) for t in candidates[:5]))
        error = OutcomeUnknown(
            _UNKNOWN(reason=lost.text, looked=looked), url=lost.url, status=lost.status
        )
        error.candidates = tuple(candidates)
        raise error from lost


def as_task(answer: CreateAnswer, prompt: str | None) -> VideoTask:
    """Build the task from the response, without asking again: a failure must not lose its id."""
    if answer.task is not None:
        return answer.task
    known = {
        "conversation_id": answer.conversation_id,
        "message_id": answer.message_id,
        "section_id": answer.section_id,
        "status": answer.task_status or TaskStatus.PENDING,
        "prompt": prompt,
    }
    return models.VideoTask.model_validate(known)


def _is_ours(health: Any) -> bool:
    return isinstance(health, dict) and health.get("service") == "videogen-nb"


def _pause(exchange: Exchange, look: int) -> float:
    if look == 0:
        return 0.0
    policy, spread = exchange.retry, exchange.times.spread
    return retry_delay(policy, min(look, policy.attempts - 1), spread=spread) or policy.first_s


def _passing(error: GatewayError) -> bool:
    """Return whether sending the same key again can help: response lost, fault, busy, in flight."""
    in_flight = error.status == 409 and error.code == "in_flight"
    return in_flight or may_have_acted(error) or isinstance(error, GatewayFault | RateLimited)


def _as_answer(task: VideoTask) -> CreateAnswer:
    known: dict[str, Any] = {
        "conversation_id": task.conversation_id,
        "message_id": task.message_id,
        "section_id": task.section_id,
        "task_status": task.status,
        "task": task,
    }
    return models.CreateAnswer(**known)

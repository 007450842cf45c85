"""The waiting loop. Everything that waits for a task uses :func:`watch`."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING

from ..durations import span
from ..errors import (
    AnswerUnreadable,
    GatewayError,
    GatewayFault,
    GatewayTimeout,
    GatewayUnreachable,
    RateLimited,
    TaskCancelled,
    TaskFailed,
    TaskStalled,
    WaitTimeout,
)
from ..i18n import Text
from ..protocol import failure, tells_all
from ..protocol.models import TaskId, TaskStatus
from ..protocol.polling import PollingPolicy, next_delay, unmoved_for
from .transport import Times

if TYPE_CHECKING:
    from ..protocol.models import VideoTask

_TIMEOUT = Text(
    "Stopped waiting after {waited}; the task continues. To keep waiting, run videogen-nb wait "
    '{id} in a terminal, or await videos.wait("{id}") in Python.',
    "已停止等待（已等 {waited}），任务仍在进行。继续等待：在终端运行 videogen-nb wait {id}，"
    '或在 Python 中运行 await videos.wait("{id}")',
)
_STALLED = Text(
    "Task {id} is {status} but has not changed for {unmoved}: its gateway has probably "
    "restarted and lost it. Check again later, or create it again.",
    "任务 {id} 状态为 {status}，但已有 {unmoved}没有变化：网关可能已重启并丢失了该任务。"
    "可稍后再查看，或重新创建。",
)

_AWAY = Text(
    "{reason} The task may still be running. To keep waiting once the gateway is back: "
    "videogen-nb wait {id}",
    "{reason} 任务可能仍在进行；网关恢复后可继续等待：videogen-nb wait {id}",
)

_LAST_LOOK_S = 2.0  # a look at the deadline gets so long to be answered
_PASSING = (GatewayUnreachable, GatewayTimeout, GatewayFault, RateLimited, AnswerUnreadable)


class _Sight:
    """What one wait has seen so far."""

    def __init__(
        self, known: VideoTask | None, policy: PollingPolicy, times: Times, crowd: Callable[[], int]
    ) -> None:
        self.policy = policy
        self.crowd = crowd
        self.times = times
        self.began = self.changed = times.clock()
        self.away_since: float | None = None
        self.known = known  # the task as last seen, or as it was given
        self.seen = False
        self.looks = 0  # since the last change
        self.hold_s = 0.0  # how long the gateway asked to be left alone

    def take(self, task: VideoTask) -> bool:
        """Record an update; return whether there is something new to show."""
        self.away_since, self.hold_s = None, 0.0
        new = not (self.seen and self.known is not None and _same(self.known, task))
        self.known, self.seen = task, True
        if new:
            self.changed, self.looks = self.times.clock(), 0
        else:
            self.looks += 1
        return new

    def bear(self, error: GatewayError) -> bool:
        """Return whether to keep waiting although the gateway could not be reached."""
        clock = self.times.clock()
        self.hold_s = error.retry_after_s or self.policy.first_s
        if isinstance(error, RateLimited):
            self.away_since = None  # it is there, only busy
        elif self.away_since is None:
            self.away_since = clock
        away_s = 0.0 if self.away_since is None else clock - self.away_since
        return self.known is not None and away_s <= self.policy.outage_s

    def delay(self) -> float:
        """Return the seconds until the next poll."""
        if self.known is None or not self.seen:
            return self.hold_s
        told = next_delay(
            self.policy,
            looks=self.looks,
            poll_after_ms=self.known.poll_after_ms,
            older=not tells_all(self.known),
            age_s=_age_s(self.known, self.times.now(), self.waited_s()),
            crowd=self.crowd(),
            spread=self.times.spread,
        )
        return max(told, self.hold_s)

    def waited_s(self) -> float:
        return self.times.clock() - self.began

    def unmoved_s(self) -> float:
        """Return for how long an older gateway's task has not changed."""
        if self.known is None or not self.seen or tells_all(self.known):
            return 0.0
        observed = self.times.clock() - self.changed
        return unmoved_for(observed, self.known.updated_at, self.times.now())


async def _nowhere(task: VideoTask) -> None:
    """Find nothing: the only way to a video is the task's status."""


async def watch(
    look: Callable[[TaskId], Awaitable[VideoTask]],
    task: VideoTask | TaskId,
    *,
    policy: PollingPolicy,
    times: Times,
    max_wait_s: float | None = None,
    crowd: Callable[[], int] = lambda: 1,
    find: Callable[[VideoTask], Awaitable[VideoTask | None]] = _nowhere,
) -> AsyncGenerator[VideoTask, None]:
    """Yield the task immediately, at every change, and when it has finished.

    Args:
        look: asks the gateway for the task.
        max_wait_s: seconds to wait; None = the policy's value.
        crowd: the number of current waits on the same client.
        find: looks for the video of a task that the gateway has lost.

    Raises:
        WaitTimeout: the deadline passed; the error contains the task, which continues.
        TaskStalled: an older gateway's task no longer changes.
        GatewayError: the gateway was unreachable for longer than ``policy.outage_s``, or refused.
    """
    task_id = task if isinstance(task, TaskId) else task.id
    limit_s = policy.max_wait_s if max_wait_s is None else max_wait_s
    sight = _Sight(None if isinstance(task, TaskId) else task, policy, times, crowd)
    while True:
        seen = await _look(look, task_id, sight, limit_s)
        if seen is not None and sight.take(seen):
            yield seen
        if seen is not None and seen.status.finished:
            return
        try:
            _check_end(sight, task_id, limit_s)
        except TaskStalled as stalled:
            if (found := await find(stalled.task)) is None:
                raise
            yield found
            return
        await times.sleep(min(sight.delay(), max(0.0, limit_s - sight.waited_s())))


def completed(task: VideoTask) -> VideoTask:
    """Return a finished task if it has a video.

    Raises:
        TaskFailed, TaskCancelled: it ended without one; the message says why.
    """
    if task.status is TaskStatus.FAILED:
        raise TaskFailed(task, failure(task))
    if task.status is TaskStatus.CANCELLED:
        raise TaskCancelled(task)
    return task


async def _look(
    look: Callable[[TaskId], Awaitable[VideoTask]], task_id: TaskId, sight: _Sight, limit_s: float
) -> VideoTask | None:
    """Poll once; return None while the gateway is unreachable, up to the allowed outage."""
    left_s = max(_LAST_LOOK_S, limit_s - sight.waited_s())
    try:
        async with asyncio.timeout(None if math.isinf(left_s) else left_s):
            return await look(task_id)
    except TimeoutError:
        raise _out_of_time(sight, task_id) from None
    except _PASSING as error:
        if not sight.bear(error):
            raise _still_there(error, task_id) from error
        return None


def _check_end(sight: _Sight, task_id: TaskId, limit_s: float) -> None:
    unmoved_s = sight.unmoved_s()
    if sight.known is not None and unmoved_s > sight.policy.stalled_s:
        text = _STALLED(id=task_id, status=sight.known.status, unmoved=span(unmoved_s))
        raise TaskStalled(sight.known, text)
    if sight.waited_s() >= limit_s:
        raise _out_of_time(sight, task_id)


def _out_of_time(sight: _Sight, task_id: TaskId) -> WaitTimeout | GatewayTimeout:
    text = _TIMEOUT(waited=span(sight.waited_s()), id=task_id)
    return GatewayTimeout(text) if sight.known is None else WaitTimeout(sight.known, text)


def _still_there(error: GatewayError, task_id: TaskId) -> GatewayError:
    """Return the same error with advice on how to resume."""
    return type(error)(
        _AWAY(reason=error.text, id=task_id),
        code=error.code,
        url=error.url,
        status=error.status,
        detail=error.detail,
        retry_after_s=error.retry_after_s,
        sent=error.sent,
        ours=error.ours,
    )


def _age_s(task: VideoTask, now: datetime, observed_s: float) -> float:
    if task.status is not TaskStatus.PENDING:
        return float("inf")
    return max(observed_s, task.age_s(now) or 0.0)


def _same(one: VideoTask, other: VideoTask) -> bool:
    """Compare two states, ignoring ``poll_after_ms``, which differs at every poll."""
    return one.model_copy(update={"poll_after_ms": None}) == other.model_copy(
        update={"poll_after_ms": None}
    )

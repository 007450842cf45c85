"""``check_poller``: check the homework "write your own poller".

Nothing is sent, and no time passes: the poller gets an ``ask`` with scripted responses and a
``sleep`` that advances a simulated clock.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..i18n import Text
from .check import Feedback

Ask = Callable[[], Awaitable[dict[str, Any]]]
Sleep = Callable[[float], Awaitable[None]]
Poller = Callable[[Ask, Sleep], Awaitable[Any]]

NAME: Final = "poller"
URL: Final = "https://example.com/video.mp4"
_REASON: Final = "the prompt was rejected"
_MOST_ASKS: Final = 10_000  # more is a loop without an end
_REAL_S: Final = 5.0  # a poller that really sleeps, or blocks the loop in slices, is not waited for

_PENDING: Final[dict[str, Any]] = {"status": "pending", "video_urls": [], "error": None}
_PROCESSING: Final[dict[str, Any]] = {"status": "processing", "video_urls": [], "error": None}
_COMPLETED: Final[dict[str, Any]] = {"status": "completed", "video_urls": [URL], "error": None}
_FAILED: Final[dict[str, Any]] = {"status": "failed", "video_urls": [], "error": _REASON}
_CANCELLED: Final[dict[str, Any]] = {"status": "cancelled", "video_urls": [], "error": None}

_DOTS = Text(
    "Write the function first: async def poll(ask, sleep).",
    "请先写出函数：async def poll(ask, sleep)。",
)
_WANTED: Final = {
    "completed": Text("It returns the video's link.", "返回视频链接。"),
    "patient": Text(
        "It keeps polling while the task is pending or processing.",
        "任务处于 pending 或 processing 时，会继续查询。",
    ),
    "paced": Text(
        "It waits at least half a second and at most 30 s between requests.",
        "两次查询之间至少等待半秒，最长不超过 30 秒。",
    ),
    "ends": Text("It stops polling once the task has ended.", "得知任务结束后，不再查询。"),
    "failed": Text(
        "If the task has failed, it raises an exception that contains the reason.",
        "任务失败时，抛出包含原因的异常。",
    ),
    "cancelled": Text(
        "If the task was cancelled, it raises an exception instead of waiting forever.",
        "任务被取消时，抛出异常，而不是一直等待。",
    ),
    "lost": Text(
        "A lost response (ConnectionError) does not stop it: it polls again.",
        "丢失一次响应（ConnectionError）时，不会停下，而是再次查询。",
    ),
    "gives_up": Text(
        "If responses stop arriving, it raises an exception within an hour.",
        "如果一直没有响应，它会在一小时内放弃并抛出异常。",
    ),
}


class _TooOften(BaseException):
    """Stops a poller that would poll forever; not an Exception, which it might catch."""


@dataclass
class _Trial:
    """One simulated task: each request gets the next response of ``script``, then the last one."""

    script: Sequence[dict[str, Any] | Exception]
    now_s: float = 0.0
    asked_s: list[float] = field(default_factory=list)
    result: Any = None
    error: BaseException | None = None

    async def ask(self) -> dict[str, Any]:
        """Return the next response."""
        self.asked_s.append(self.now_s)
        if len(self.asked_s) > _MOST_ASKS:
            raise _TooOften
        told = self.script[min(len(self.asked_s), len(self.script)) - 1]
        if isinstance(told, Exception):
            raise told
        return {**told}

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now_s += max(0.0, float(seconds))
        if self.now_s > 24 * 3600:
            raise _TooOften
        await asyncio.sleep(0)

    async def run(self, poll: Poller) -> _Trial:
        """Run the poller until it ends or is stopped."""
        try:
            async with asyncio.timeout(_REAL_S):
                self.result = await poll(self.ask, self.sleep)
        except (Exception, _TooOften) as error:  # noqa: BLE001 — whatever is raised is judged
            self.error = error
        return self

    @property
    def raised(self) -> bool:
        """Whether the poller raised an exception."""
        return self.error is not None and not isinstance(self.error, (_TooOften, TypeError))

    @property
    def pauses_s(self) -> list[float]:
        """The times between requests."""
        return [b - a for a, b in zip(self.asked_s, self.asked_s[1:], strict=False)]


async def check_poller(poll: Poller) -> Feedback:
    """Return what a poller does correctly and what is missing; ``score`` gives partial credit.

    Args:
        poll: ``async def poll(ask, sleep)``. ``await ask()`` returns the task as a dictionary with
            ``status``, ``video_urls`` and ``error``, or raises
            ``ConnectionError`` if the response was lost. ``await sleep(seconds)`` waits. The poller
            returns the link to the finished video.
    """
    if not inspect.iscoroutinefunction(poll):
        return Feedback(NAME, tuple((False, wanted) for wanted in _WANTED.values()), _DOTS)
    lost = ConnectionError("the answer was lost")

    async def tried(*script: dict[str, Any] | Exception) -> _Trial:
        return await _Trial(script).run(poll)

    at_once = await tried(_COMPLETED)
    slow = await tried(_PENDING, *[_PROCESSING] * 20, _COMPLETED)
    failed = await tried(_PENDING, _FAILED)
    cancelled = await tried(_PENDING, _CANCELLED)
    shaky = await tried(_PENDING, lost, _PROCESSING, lost, lost, _COMPLETED)
    silent = await tried(_PENDING, lost)
    met = {
        "completed": at_once.result == URL,
        "patient": slow.result == URL and len(slow.asked_s) == len(slow.script),
        "paced": len(slow.pauses_s) > 1 and all(0.5 <= s <= 30 for s in slow.pauses_s),
        "ends": at_once.result == URL and len(at_once.asked_s) == 1,
        "failed": failed.raised and _REASON in str(failed.error),
        "cancelled": cancelled.raised and len(cancelled.asked_s) == len(cancelled.script),
        "lost": shaky.result == URL,
        "gives_up": silent.raised and len(silent.asked_s) > 2 and silent.now_s <= 3600,
    }
    return Feedback(NAME, tuple((met[name], wanted) for name, wanted in _WANTED.items()))

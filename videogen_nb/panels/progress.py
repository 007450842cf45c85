"""A task on its way: its stage, a bar, queue and work time apart, and a way to stop it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from html import escape
from typing import Any

from traitlets import Float, Instance, observe

from ..blocking import Connection
from ..blocking.loop import Call
from ..errors import TaskCancelled, TaskFailed, TaskStalled, WaitTimeout
from ..i18n import Text
from ..protocol import failure
from ..protocol.models import TaskId, TaskStatus, VideoTask
from .base import Panel, button, line, row, stack, visible
from .clock import elapsed_s, span, utcnow, waited_s, worked_s
from .link import Link

_TICK_S = 0.5  # the clock on screen; how often the gateway is asked is the client's affair

STATES = {
    TaskStatus.PENDING: Text("Waiting", "等待中"),
    TaskStatus.PROCESSING: Text("Being made", "生成中"),
    TaskStatus.COMPLETED: Text("Finished", "已完成"),
    TaskStatus.FAILED: Text("Failed", "失败"),
    TaskStatus.CANCELLED: Text("Cancelled", "已取消"),
}
_LOOKING = Text("Asking the gateway …", "正在查询网关……")
_PENDING_AT = Text("Waiting: {n} before it", "排队中：前面还有 {n} 个")
_NEXT = Text("Waiting: it is next", "排队中：下一个就是它")
_QUEUE = Text("queue {span}", "排队 {span}")
_WORK = Text("work {span}", "生成 {span}")
_ELAPSED = Text("{span} since it was started", "已用时 {span}")
_LEFT = Text("about {span} left (an estimate)", "预计还需约 {span}")
_BAR = Text("Progress of the video", "视频生成进度")
_CANCEL = Text("Cancel", "取消任务")
_CANCELLING = Text("Cancelling …", "正在取消……")
_WAIT_ON = Text("Wait on", "继续等待")
_TASK = Text("Task {id}", "任务 {id}")
_ATTEMPT = Text("attempt {n} of {m}", "第 {n}/{m} 次尝试")


class ProgressPanel(Panel):
    """Watches one task. ``task`` is how it was last seen, ``value`` its progress (0-1 or None).

    ``resumed`` is called when it goes on after its waiting had ended.
    ``busy`` is true until the task has ended. ``wait()`` blocks until then; ``await panel.ended``
    does so without blocking. ``cancel()`` and ``retry()`` are the buttons.
    """

    task = Instance(VideoTask, allow_none=True)
    value = Float(None, allow_none=True)
    title = Text("Progress", "进度")

    def __init__(
        self, task: VideoTask | TaskId | str, connection: Connection | Link | None = None
    ) -> None:
        super().__init__(connection)
        self._asked = task
        self.resumed: Callable[[], object] | None = None
        self._cancelling: Call[VideoTask] | None = None
        self._drawn = ""
        self._build()
        if isinstance(task, VideoTask):
            self.task = task
        self.ended: Call[VideoTask] = self._watch()

    def wait(self, timeout_s: float | None = None) -> VideoTask:
        """Block until the task has ended, and give it as it is then (failed ones, too).

        Raises:
            WaitTimeout, TaskStalled, GatewayError: the waiting ended; the task goes on.
        """
        return self.ended.result(timeout_s)

    def cancel(self) -> Call[VideoTask]:
        """Ask the gateway to stop the task; asked twice, it is asked once."""
        if self._cancelling is None or (self._cancelling.done() and not self._over):
            self.say(self._cancel, "description", _CANCELLING)
            self._cancel.disabled = True
            self._cancelling = self.run(self._do_cancel())
        return self._cancelling

    def watch_again(self) -> Call[VideoTask]:
        """Go on watching after the waiting had ended (a deadline, a gateway that was away)."""
        if self.ended.done() and not self._over:
            self.ended = self._watch()
            if self.resumed is not None:
                self.resumed()
        return self.ended

    @property
    def _over(self) -> bool:
        return self.task is not None and self.task.status.finished

    def _build(self) -> None:
        self._prompt = line("vnb-title")
        self._status = line("vnb-status")
        self._bar = line()
        self._numbers = line("vnb-number")
        self._id = line("vnb-id")
        self._cancel = button("vnb-cancel")
        self._wait_on = button()
        self.say(self._status, "value", _LOOKING)
        self.say(self._cancel, "description", _CANCEL)
        self.say(self._wait_on, "description", _WAIT_ON)
        self._cancel.on_click(lambda _: self.cancel())
        self._wait_on.on_click(lambda _: self.watch_again())
        visible(self._wait_on, False)
        visible(self._cancel, False)
        self.actions = row(self._cancel, self._wait_on)
        sheet = ("vnb-stack", "vnb-sheet")
        self.fill(
            stack(
                self._prompt,
                self._status,
                self._bar,
                self._numbers,
                self.alert,
                self.actions,
                self._id,
                classes=sheet,
            )
        )

    def _watch(self) -> Call[VideoTask]:
        self.clear_error()
        visible(self._wait_on, False)
        self.busy = True
        return self.follow(self._until_ended())

    async def _until_ended(self) -> VideoTask:
        ticking = asyncio.create_task(self._tick())
        try:
            client = await self.link.client()
            async for task in client.watch(self.task or self._asked):
                self.task = task
            assert self.task is not None  # watch() yields at least once or raises
            return self.task
        except (TaskFailed, TaskCancelled) as ended:
            self.task = ended.task
            return ended.task
        except (WaitTimeout, TaskStalled) as stopped:
            self.task = stopped.task
            raise
        finally:
            ticking.cancel()
            self.busy = False
            self._draw()

    async def _tick(self) -> None:
        """Keeps the clock on screen going; its messages also keep a Binder session alive."""
        while True:
            await asyncio.sleep(_TICK_S)
            self._draw()

    async def _do_cancel(self) -> VideoTask:
        assert self.task is not None or self._asked
        try:
            client = await self.link.client()
            self.task = await client.cancel(self.task or self._asked)
            return self.task
        finally:
            self._cancel.disabled = False
            self.say(self._cancel, "description", _CANCEL)

    def fail(self, problem: Exception) -> None:
        super().fail(problem)
        visible(self._wait_on, not self._over)

    @observe("task")
    def _changed(self, change: Any) -> None:
        if change["new"] is not None:
            self.value = change["new"].progress
            self._draw()

    def _draw(self) -> None:
        task = self.task
        if task is None:
            return
        self._prompt.value = escape(_short(task.prompt or ""))
        self.say(self._status, "value", stage_of(task))
        self.say(self._id, "value", _TASK(id=task.id))
        self._draw_bar(task)
        self._draw_numbers(task)
        visible(self._cancel, self._can_cancel(task))
        if task.status is TaskStatus.FAILED and not self.error:
            self.fail(TaskFailed(task, failure(task)))

    def _draw_bar(self, task: VideoTask) -> None:
        visible(self._bar, not task.status.finished)
        share = "" if task.progress is None else f' value="{task.progress:.3f}"'
        bar = (
            f'<progress max="1"{share} aria-label="{escape(self.wording.render(_BAR))}"></progress>'
        )
        if bar != self._drawn:
            self._bar.value = self._drawn = bar

    def _draw_numbers(self, task: VideoTask) -> None:
        text = self.wording.render
        words = " · ".join(text(part) for part in numbers_of(task))
        if words != self._numbers.value:
            self._numbers.value = escape(words)

    def _can_cancel(self, task: VideoTask) -> bool:
        engine = self.link.engine(task.engine)
        if task.status.finished or engine is None:
            return False
        return engine.cancel == "always" or (
            engine.cancel == "queued" and task.status is TaskStatus.PENDING
        )

    def respeak(self) -> None:
        self._draw()


def stage_of(task: VideoTask) -> Text:
    """In one sentence where a task stands."""
    if task.status is TaskStatus.PENDING and task.queue_position is not None:
        return _NEXT if task.queue_position == 0 else _PENDING_AT(n=task.queue_position)
    if task.status is TaskStatus.PROCESSING and task.stage:
        return Text.same(task.stage[0].upper() + task.stage[1:])
    return STATES[task.status]


def numbers_of(task: VideoTask) -> list[Text]:
    """What can honestly be told of time: parts the gateway does not tell are left out."""
    now = utcnow()
    parts: list[Text] = []
    if task.progress is not None and task.status is TaskStatus.PROCESSING:
        parts.append(Text.same(f"{task.progress:.0%}"))
    queue, work = waited_s(task, now), worked_s(task, now)
    if queue is not None:
        parts.append(_QUEUE(span=span(queue)))
    if work is not None:
        parts.append(_WORK(span=span(work)))
    if not parts and (elapsed := elapsed_s(task, now)) is not None:
        parts.append(_ELAPSED(span=span(elapsed)))
    if task.retry_count and not task.status.finished and task.max_retries:
        parts.append(_ATTEMPT(n=task.retry_count, m=task.max_retries))
    if task.eta_seconds and task.eta_seconds >= 1 and not task.status.finished:
        parts.append(_LEFT(span=span(task.eta_seconds)))
    return parts


def _short(prompt: str) -> str:
    return prompt if len(prompt) <= 160 else prompt[:159] + "…"

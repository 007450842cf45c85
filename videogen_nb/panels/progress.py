"""``ProgressPanel``: a task's progress, with a Cancel button."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar, Final

from traitlets import Float, Instance, observe

from ..blocking import Connection
from ..blocking.call import Call
from ..errors import TaskCancelled, TaskFailed, TaskStalled, WaitTimeout
from ..i18n import Text
from ..protocol import failure
from ..protocol.models import TaskId, TaskStatus, VideoTask
from ..protocol.status_texts import numbers_of, stage_of
from .browser.transfer import Message
from .gateway_link import Link
from .results.drawn_parts import drawn_of
from .waiting import Waiting
from .widget import Panel

_TICK_S = 0.5  # the clock on screen; how often the gateway is asked is the client's affair
_PROMPT_LENGTH = 160


class ProgressPanel(Panel):
    """Follows one task. ``task`` is its latest state, ``value`` its progress (0-1 or None).

    ``resumed`` is called when waiting continues after it had ended.
    ``busy`` is true until the task has ended. ``wait()`` blocks until then; ``await panel.ended``
    does so without blocking. ``cancel()`` and ``watch_again()`` are the buttons.
    """

    task = Instance(VideoTask, allow_none=True)
    value = Float(None, allow_none=True)
    title = Text("Progress", "进度")
    part = "progress"
    texts: ClassVar = {
        "bar": Text("Video generation progress", "视频生成进度"),
        "cancel": Text("Cancel", "取消任务"),
        "cancelling": Text("Cancelling…", "正在取消……"),
        "wait": Text("Keep waiting", "继续等待"),
    }

    def __init__(
        self, task: VideoTask | TaskId | str, connection: Connection | Link | None = None
    ) -> None:
        self._asked = task
        self.resumed: Callable[[], object] | None = None
        self._cancelling: Call[VideoTask] | None = None
        self._stopped = False
        super().__init__(connection)
        if isinstance(task, VideoTask):
            self.task = task
        self.ended: Call[VideoTask] = self._watch()

    def wait(self, timeout_s: float | None = None) -> VideoTask:
        """Block until the task has ended, and return it (failed ones, too).

        Raises:
            WaitTimeout, TaskStalled, GatewayError: the waiting ended; the task continues.
        """
        return self.ended.shielded(Waiting(self.link, self._asked_id)).result(timeout_s)

    def cancel(self) -> Call[VideoTask]:
        """Ask the gateway to cancel the task; repeated calls have no effect."""
        if self._cancelling is None or (self._cancelling.done() and not self._over):
            self._cancelling = self.run(self._do_cancel)
            self.touch()
        return self._cancelling

    def watch_again(self) -> Call[VideoTask]:
        """Continue waiting after it has ended (a deadline, an unreachable gateway)."""
        if self.ended.done() and not self._over:
            self.ended = self._watch()
            if self.resumed is not None:
                self.resumed()
        return self.ended

    def view(self) -> dict[str, Any]:
        task = self.task
        if task is None:
            shown: dict[str, Any] = {"prompt": "", "status": self.text(_ASKING), "progress": None}
            shown |= {"numbers": "", "id": "", "ended": False, "drawn": drawn_of(None, self.text)}
        else:
            shown = {
                "prompt": _short(task.prompt or ""),
                "status": self.text(stage_of(task)),
                "progress": task.progress,
                "numbers": " · ".join(self.text(part) for part in numbers_of(task)),
                "id": self.text(_TASK(id=task.id)),
                "ended": task.status.finished,
                "drawn": drawn_of(task, self.text),
            }
        cancelling = self._cancelling is not None and not self._cancelling.done()
        buttons = {"can_cancel": self.can_cancel, "cancelling": cancelling}
        return shown | buttons | {"can_wait": self._stopped and not self._over}

    @property
    def can_cancel(self) -> bool:
        """Return whether the task can be cancelled now."""
        task = self.task
        engine = self.link.engine(task.engine) if task is not None else None
        if task is None or task.status.finished or engine is None:
            return False
        return engine.cancel == "always" or (
            engine.cancel == "queued" and task.status is TaskStatus.PENDING
        )

    def _asked_id(self) -> str:
        return str(self._asked.id if isinstance(self._asked, VideoTask) else self._asked)

    @property
    def _over(self) -> bool:
        return self.task is not None and self.task.status.finished

    def _watch(self) -> Call[VideoTask]:
        self.clear_error()
        self._stopped = False
        self.busy = True
        return self.follow(self._until_ended)

    async def _until_ended(self) -> VideoTask:
        ticking = asyncio.create_task(self._tick())
        try:
            client = await self.link.client()
            if not self._over:
                self.link.load_engines()  # whether it can be cancelled: told on the next tick
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

    async def _tick(self) -> None:
        """Update the clock on screen; its messages also keep a Binder session alive."""
        while True:
            await asyncio.sleep(_TICK_S)
            self.touch()

    async def _do_cancel(self) -> VideoTask:
        assert self.task is not None or self._asked
        try:
            client = await self.link.client()
            self.task = await client.cancel(self.task or self._asked)
            return self.task
        finally:
            self.touch()

    def fail(self, problem: Exception) -> None:
        super().fail(problem)
        self._stopped = True
        self.touch()

    @observe("task")
    def _changed(self, change: Any) -> None:
        task = change["new"]
        if task is None:
            return
        self.value = task.progress
        if task.status is TaskStatus.FAILED and not self.error:
            self.fail(TaskFailed(task, failure(task)))

    def _on_cancel(self, _message: Message) -> None:
        self.cancel()

    def _on_wait(self, _message: Message) -> None:
        self.watch_again()


def _short(prompt: str) -> str:
    return prompt if len(prompt) <= _PROMPT_LENGTH else prompt[: _PROMPT_LENGTH - 1] + "…"


_ASKING: Final = Text("Contacting the gateway…", "正在查询网关……")
_TASK: Final = Text("Task {id}", "任务 {id}")

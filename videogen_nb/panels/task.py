"""``TaskPanel``: one task from progress to video; ``TaskList``: the tasks on the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from traitlets import Instance, List

from ..blocking import Connection
from ..blocking.call import Call
from ..errors import TaskCancelled, TaskFailed, VideogenError
from ..i18n import Text
from ..media.video import Video
from ..protocol import failure
from ..protocol.models import TaskId, TaskStatus, VideoTask
from .browser.transfer import Message
from .gateway_link import Link
from .progress import ProgressPanel
from .video import CarryOn, Remake, Use, VideoPanel
from .waiting import Waiting
from .widget import Panel


class TaskPanel(Panel):
    """A panel with a task's progress, then its video.

    ``task`` is its latest state, ``value`` its :class:`~videogen_nb.Video` (None before). ``ready``
    is a call whose result is the video: ``panel.wait()`` blocks for it, ``await panel.ready`` does
    not. ``progress`` and ``video`` are the panels for both stages.
    """

    task = Instance(VideoTask, allow_none=True)
    value = Instance(Video, allow_none=True)
    title = Text("Task", "任务")
    part = "task"
    texts: ClassVar = {"retry": Text("Retry", "重试")}

    def __init__(
        self,
        task: VideoTask | TaskId | str,
        connection: Connection | Link | None = None,
        *,
        remake: Remake | None = None,
        use: Use | None = None,
        carry_on: CarryOn | None = None,
        deleted: Callable[[VideoTask], None] | None = None,
        retried: Callable[[VideoTask], object] | None = None,
    ) -> None:
        self._remake, self._use, self._deleted, self._retried = remake, use, deleted, retried
        self._carry_on = carry_on
        self.asked = _name(task)
        self._retrying: Call[VideoTask] | None = None
        self._was_retried = False
        self.video: VideoPanel | None = None
        super().__init__(connection)
        self.progress = ProgressPanel(task, self.link)
        self.adopt("progress", self.progress)
        self.progress.observe(self._seen, "task")
        self.progress.resumed = self._follow_on
        self.task = self.progress.task
        self._follow_on()

    def wait(self, timeout_s: float | None = None) -> Video:
        """Block until the video is ready, and return it.

        Raises:
            TaskFailed, TaskCancelled: there is no video. WaitTimeout, GatewayError: not ready yet.
        """
        return self.ready.shielded(Waiting(self.link, lambda: self.asked)).result(timeout_s)

    def cancel(self) -> Call[VideoTask]:
        """Ask the gateway to cancel the task."""
        return self.progress.cancel()

    def retry(self) -> Call[VideoTask]:
        """Retry a failed task; return the new task."""
        if self._retrying is None or self._retrying.done():
            self._retrying = self.run(self._do_retry)
        return self._retrying

    def view(self) -> dict[str, Any]:
        return {
            "showing": "progress" if self.video is None else "video",
            "can_retry": self.can_retry,
        }

    @property
    def can_retry(self) -> bool:
        """Return whether to show the Retry button: after a failure or cancellation."""
        ended = (TaskStatus.FAILED, TaskStatus.CANCELLED)
        came_to_nothing = self.task is not None and self.task.status in ended
        possible = self._retried is not None and self.link.capabilities.retry
        return came_to_nothing and possible and not self._was_retried

    def poster(self) -> bytes | None:
        return self.video.poster() if self.video is not None else None

    def _follow_on(self) -> None:
        self.clear_error()
        self.busy = True
        self.ready: Call[Video] = self.follow(self._until_video)

    async def _until_video(self) -> Video:
        try:
            task = await self.progress.ended
            if task.status is TaskStatus.FAILED:
                raise TaskFailed(task, failure(task))
            if task.status is TaskStatus.CANCELLED:
                raise TaskCancelled(task)
            self.video = VideoPanel(
                task,
                self.link,
                remake=self._remake,
                use=self._use,
                carry_on=self._carry_on,
                deleted=self._deleted,
            )
            self.adopt("video", self.video)
            self.value = await self.video.ready
            return self.value
        finally:
            self.busy = False

    async def _do_retry(self) -> VideoTask:
        assert self.task is not None
        try:
            task = await (await self.link.client()).retry(self.task)
        except VideogenError as problem:
            self.progress.fail(problem)  # shown where the task's own error is
            raise
        self._was_retried = True
        self.touch()
        if self._retried is not None:
            self._retried(task)
        return task

    def _seen(self, change: Any) -> None:
        self.task = change["new"]

    def _on_retry(self, _message: Message) -> None:
        self.retry()


class TaskList(Panel):
    """The tasks of a panel, newest first; ``value`` is the most recently finished video.

    The newest one and running ones are shown in full, the others as thumbnails; ``selected`` is the
    one opened instead of the newest (None = the newest). ``folded`` are earlier tasks and those of
    other notebooks, shown as one line until ``unfold()``.
    """

    panels = List(Instance(TaskPanel))
    folded = List(Instance(VideoTask))
    selected = Instance(TaskPanel, allow_none=True)
    value = Instance(Video, allow_none=True)
    title = Text("Videos", "视频")
    part = "tasks"
    texts: ClassVar = {
        "earlier": Text("Earlier videos", "之前的视频"),
        "open": Text("Show: {title}", "显示：{title}"),
        "unfold": Text("Show", "显示"),
    }

    def __init__(
        self,
        connection: Connection | Link | None = None,
        *,
        remake: Remake | None = None,
        use: Use | None = None,
    ) -> None:
        self.remake, self.use = remake, use
        self.carry_on: CarryOn | None = None
        self._count = 0
        super().__init__(connection)

    def add(self, task: VideoTask | TaskId | str, *, last: bool = False) -> TaskPanel:
        """Show a task, unless it is already shown."""
        if (shown := self.find(task)) is not None:
            return shown
        panel = TaskPanel(
            task,
            self.link,
            remake=self.again,
            use=self.use,
            carry_on=self.carry_on,
            deleted=self.remove,
            retried=self.add,
        )
        panel.observe(lambda change: self.set_trait("value", change["new"]), "value")
        panel.observe(lambda _: self.touch(), "busy")
        self._count += 1
        self.folded = [known for known in self.folded if _name(known) != panel.asked]
        if not last:
            self.selected = None
        self.adopt(f"task-{self._count}", panel)
        self.panels = [*self.panels, panel] if last else [panel, *self.panels]
        return panel

    def find(self, task: VideoTask | TaskId | str) -> TaskPanel | None:
        """Return the panel of a task that is shown here."""
        wanted = _name(task)
        return next((p for p in self.panels if wanted in (p.asked, _name(p.task))), None)

    def unfold(self) -> None:
        """Show the collapsed tasks, after the others."""
        for task in self.folded:
            self.add(task, last=True)

    def remove(self, task: VideoTask) -> None:
        """Remove a task from the screen; it stays on the gateway."""
        self.folded = [known for known in self.folded if known.id != task.id]
        gone = self.find(task)
        if gone is not None:
            self.panels = [p for p in self.panels if p is not gone]
            self.selected = None if self.selected is gone else self.selected
            self.release(gone.name)

    async def again(self, task: VideoTask, from_image: bool) -> VideoTask:
        """Generate the same video with another seed and show it (on the private loop)."""
        assert self.remake is not None
        new = await self.remake(task, from_image)
        self.add(new)
        return new

    def view(self) -> dict[str, Any]:
        front = self.selected or next(iter(self.panels), None)
        return {
            "shown": [panel.name for panel in self.panels],
            "whole": [panel.name for panel in self.panels if panel is front or panel.busy],
            "folded": self.text(_FOLDED(n=len(self.folded))) if self.folded else "",
        }

    def put(self, name: str, value: Any) -> None:
        if name == "selected":
            panel = self.parts.get(str(value))
            self.selected = panel if isinstance(panel, TaskPanel) else None
        else:
            super().put(name, value)

    def _on_unfold(self, _message: Message) -> None:
        self.unfold()

    def poster(self) -> bytes | None:
        return next(filter(None, (panel.poster() for panel in self.panels)), None)


_FOLDED: Final = Text(
    "{n} earlier {n:video|videos}; the gallery has them all.",
    "之前的视频：{n} 个；全部在作品库中。",
)


def _name(task: VideoTask | TaskId | str | None) -> str:
    return str(task.id if isinstance(task, VideoTask) else task)


def attach(
    task: VideoTask | TaskId | str, connection: Connection | Link | None = None
) -> TaskPanel:
    """Return a panel for a task, from any kernel: its progress, then its video.

    Args:
        task: the task, its id, or the id as text.
        connection: the connection to the task's gateway; None = ``connect()``.
    """
    return TaskPanel(task, connection)

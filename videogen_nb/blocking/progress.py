"""Progress of a call while someone waits for it.

Progress is recorded on the private loop and drawn by the waiting thread, in its own cell, between
slices of waiting. A call that nobody waits for draws nothing.
"""

from __future__ import annotations

import concurrent.futures
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from ..client.tasks import OnChange
from ..client.transport import OnProgress
from ..durations import span
from ..i18n import Text
from ..protocol import models
from ..protocol.status_texts import STATES, stage_of, time_left
from ..settings import Settings
from ..text.ipython import shell
from .interrupts import stopped_waiting
from .progress_screens import Progress, Screen, screen

if TYPE_CHECKING:
    from ..protocol.models import VideoTask


class WhileWaiting:
    """What is shown during one wait.

    Args:
        code: returns the line of Python that gets a task's video, given its id.
        on: whether to draw; None = the setting ``VIDEOGEN_PROGRESS``.
        lines: whether to print lines on stderr outside notebooks.
        stage: shown until the first update.
    """

    def __init__(
        self,
        code: Callable[[str], str],
        on: bool | None = None,
        *,
        lines: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._code = code
        self._on = Settings.from_environment().progress if on is None else on
        self._tells = self._on
        self._lines, self._clock = lines, clock
        self._task: VideoTask | None = None
        self._moving: tuple[Text, float | None] | None = None
        self._screen: Screen | None = None
        self._opened = self._began = self._drawn = clock()
        self._over = False

    # On the private loop

    def on_change(self, then: OnChange | None = None) -> OnChange:
        """Return a callback for task updates that also calls ``then``."""

        def changed(task: VideoTask) -> None:
            if self._task is None and (age_s := task.age_s(datetime.now(UTC))) is not None:
                self._began = min(self._began, self._clock() - age_s)  # it is an older one
            self._task, self._moving = task, None
            if then is not None:
                then(task)

        return changed

    def on_progress(self, then: OnProgress | None = None) -> OnProgress:
        """Return a callback for the bytes of the video received so far."""

        def received(done: int, total: int | None) -> None:
            self._moving = (_DOWNLOADING, done / total if total else None)
            if then is not None:
                then(done, total)

        return received

    # Where somebody waits

    def tick(self) -> None:
        """Draw, if it is time."""
        if not self._on or self._over:
            return
        if self._screen is None:
            self._screen = screen(lines=self._lines)
            self._on = self._screen is not None
        now = self._clock()
        waited_s = now - self._opened
        if self._screen is not None and now - self._drawn >= self._screen.pause_s(waited_s):
            self._drawn = now
            self._screen.draw(self._known())

    def end(self, future: concurrent.futures.Future[Any]) -> None:
        """Draw the outcome, once."""
        if self._over or not future.done():
            return
        failed = future.cancelled() or future.exception() is not None
        self._finish(_STOPPED if failed else None, None if failed else future.result())

    def stopped(self, error: BaseException) -> None:
        """Explain that the waiting was interrupted, and how to resume."""
        if self._tells or shell() is not None:  # there a traceback would be the alternative
            stopped_waiting(error, self._code(str(self._task.id)) if self._task else None)
        self._finish(_STOPPED, None)

    def between(self) -> Between:
        """Return a context manager that draws progress between the items of an iterator."""
        return Between(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self._finish(_STOPPED if error is not None else None, None)

    def _finish(self, stage: Text | None, result: object) -> None:
        self._over = True
        if isinstance(result, models.VideoTask):
            self._task = result
        ended = self._task is not None and self._task.status.finished
        if stage is not None and ended and self._task is not None:
            stage = STATES[self._task.status]
        if self._screen is not None:
            known = self._known(over=True)
            told = known if stage is None else Progress(str(stage), None, known.facts, over=True)
            self._screen.finish(told, result)

    def _known(self, *, over: bool = False) -> Progress:
        task = self._task
        stage, share = (_STARTING, None) if task is None else (stage_of(task), task.progress)
        if self._moving is not None:
            stage, share = self._moving
        waited = span(self._clock() - self._began)
        facts = [waited if over else _SO_FAR(span=waited)]
        if task is not None and (left := time_left(task)) is not None and not over:
            facts.append(left)
        if task is not None:
            facts.append(_TASK(id=task.id))
        return Progress(str(stage), share, tuple(str(fact) for fact in facts), over)


class Between:
    """Draws the progress of a wait that consists of several calls."""

    def __init__(self, whole: WhileWaiting) -> None:
        self._whole = whole

    def tick(self) -> None:
        """Draw, if it is time."""
        self._whole.tick()

    def end(self, future: concurrent.futures.Future[Any]) -> None:
        """Do nothing: the wait as a whole continues."""

    def stopped(self, error: BaseException) -> None:
        """Do nothing: the wait as a whole explains it."""


_STARTING = Text("Creating the task", "正在创建任务")
_DOWNLOADING = Text("Downloading the video", "正在下载视频")
_SO_FAR = Text("{span} so far", "已等待 {span}")
_STOPPED = Text("Stopped waiting", "已停止等待")
_TASK = Text("task {id}", "任务 {id}")

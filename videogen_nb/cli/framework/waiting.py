"""Progress: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import click
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ...i18n import Text
from ...protocol.models import TaskId, VideoTask
from ...protocol.status_texts import stage_of, time_left
from ...text.console import Forgiving
from .commands import option
from .exit_codes import Interrupted
from .session import Session

_COME_BACK = Text(
    "Stopped waiting; the task continues. Resume with:\n  videogen-nb wait {id}",
    "已停止等待，任务仍在进行。稍后继续：\n  videogen-nb wait {id}",
)


class Watching:
    """Shows the progress of one operation. Methods can be called from any thread."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._bar: Progress | None = None
        if session.err.is_terminal and not session.as_json:
            self._bar = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=None),
                TextColumn("{task.fields[share]}", markup=False),
                TimeElapsedColumn(),
                console=session.err,
                transient=True,
                expand=True,
            )
            self._row = self._bar.add_task("", total=None, share="")
        self._said = ""

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def task(self, task: VideoTask) -> None:
        """Show the current state of the task; for ``on_change``."""
        left = time_left(task) if task.progress is None else None
        self._show(" · ".join(str(part) for part in (stage_of(task), left) if part), task.progress)

    def received(self, done: int, total: int | None) -> None:
        """Show how many bytes of the video were received; for ``on_progress``."""
        self._show(
            str(Text("downloading the video", "正在下载视频")), done / total if total else None
        )

    def sent(self, done: int, total: int | None) -> None:
        """Show how many bytes of the image were sent; for ``on_progress``."""
        self._show(
            str(Text("uploading the image", "正在上传图片")), done / total if total else None
        )

    def written(self, done: int, total: int) -> None:
        """Show how many frames an edit has written; for ``on_progress``."""
        self._show(str(Text("writing the video", "正在写入视频")), done / total)

    def _show(self, stage: str, share: float | None) -> None:
        if self._bar:
            total = None if share is None else 1.0
            percent = "" if share is None else f"{share:4.0%}"
            self._bar.update(
                self._row, description=stage, total=total, completed=share or 0.0, share=percent
            )
        elif stage != self._said:  # a log needs the stages, not every percent
            self._said = stage
            self._session.note(f"· {stage}")


@contextlib.contextmanager
def comes_back(task: TaskId) -> Iterator[None]:
    """On Ctrl-C inside the block, stop waiting and say how to resume."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(_COME_BACK(id=task), task) from None


def _ring_later(context: click.Context, _option: click.Parameter, on: bool) -> None:
    if on:
        context.call_on_close(ring)


def ring() -> None:
    """Ring the bell of an interactive terminal."""
    terminal = Forgiving(sys.stderr)
    if terminal.isatty():
        terminal.write("\a")
        terminal.flush()


#: For commands that wait: whatever they end with, the person hears it.
bell = option(
    "--bell",
    is_flag=True,
    expose_value=False,
    callback=_ring_later,
    text=Text("ring the terminal bell when done", "结束时响铃提示"),
)

"""``show``: a video in the cell's ordinary output, where it stays when the kernel is gone."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ..media.video import Video
from ..protocol.models import TaskId, VideoTask
from . import Connection, connect


@runtime_checkable
class Shown(Protocol):
    """What shows a video, or a task: a panel."""

    @property
    def value(self) -> Video | VideoTask | TaskId | str: ...


def show(
    thing: Video | VideoTask | TaskId | str | Shown,
    connection: Connection | None = None,
    *,
    max_wait_s: float | None = None,
    progress: bool | None = None,
) -> Video:
    """Return the video of a task, ready to be a cell's last line.

    Args:
        thing: a video (or a panel whose ``value`` is one), a task, or a task's id. A running task
            is waited for; a finished one that is not yet on disk is downloaded.
        connection: whose task it is; None = ``connect()``.
        max_wait_s: how long to wait for a running task; None = the setting.
        progress: whether its progress is shown meanwhile; None = ``VIDEOGEN_PROGRESS``.

    Raises:
        TaskFailed, TaskCancelled: there is no video, and why. WaitTimeout: it is not yet there.
    """
    if isinstance(thing, Shown):
        thing = thing.value
    if isinstance(thing, Video):
        return thing
    videos = connection or connect()
    watched = videos.watched(progress)

    async def fetch() -> Video:
        noted = watched.on_change()
        task = await videos.client.wait(thing, max_wait_s=max_wait_s, on_change=noted)
        return await videos.client.download(task, on_progress=watched.on_progress())

    return videos.submit(fetch(), watched).result()

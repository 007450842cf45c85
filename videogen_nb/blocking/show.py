"""``show``: a video in the cell's ordinary output, which stays when the kernel is gone."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ..media.video import Video
from ..protocol.models import TaskId, VideoTask
from . import Connection, connect


@runtime_checkable
class Shown(Protocol):
    """Something that shows a video or a task: a panel."""

    @property
    def value(self) -> Video | VideoTask | TaskId | str: ...


def show(
    thing: Video | VideoTask | TaskId | str | Shown,
    connection: Connection | None = None,
    *,
    max_wait_s: float | None = None,
    progress: bool | None = None,
) -> Video:
    """Return the video of a task, for display as a cell's last line.

    Args:
        thing: a video (or a panel whose ``value`` is one), a task, or a task's id. Waits for a
            running task; downloads the video of a finished one if necessary.
        connection: the connection to the task's gateway; None = ``connect()``.
        max_wait_s: seconds to wait for a running task; None = the setting.
        progress: whether to show progress meanwhile; None = ``VIDEOGEN_PROGRESS``.

    Raises:
        TaskFailed, TaskCancelled: there is no video. WaitTimeout: it is not ready yet.
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

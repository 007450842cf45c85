"""``show``: a film in the cell's ordinary output, where it stays when the kernel is gone."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ..media.video import Film
from ..protocol.models import TaskId, VideoTask
from . import Connection, connect


@runtime_checkable
class Shown(Protocol):
    """What shows a film, or a task: a panel."""

    @property
    def value(self) -> Film | VideoTask | TaskId | str: ...


def show(
    thing: Film | VideoTask | TaskId | str | Shown,
    connection: Connection | None = None,
    *,
    max_wait_s: float | None = None,
) -> Film:
    """The film of a task, ready to be a cell's last line.

    Args:
        thing: a film (or a panel whose ``value`` is one), a task, or a task's id. A running task
            is waited for; a finished one that is not yet on disk is downloaded.
        connection: whose task it is; None = ``connect()``.
        max_wait_s: how long to wait for a running task; None = the setting.

    Raises:
        TaskFailed, TaskCancelled: there is no film, and why. WaitTimeout: it is not yet there.
    """
    if isinstance(thing, Shown):
        thing = thing.value
    if isinstance(thing, Film):
        return thing
    videos = connection or connect()

    async def fetch() -> Film:
        task = await videos.client.wait(thing, max_wait_s=max_wait_s)
        return await videos.client.download(task)

    return videos.submit(fetch()).result()

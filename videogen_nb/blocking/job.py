"""``Job``: a video being generated, from request to file, usable from anywhere."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..client import VideoClient
from ..client.tasks import OnChange
from ..client.transport import OnProgress
from ..media.video import Video
from ..protocol.models import TaskId
from ..protocol.values import as_limit
from .call import Call, iterate
from .callbacks import Inbox
from .progress import WhileWaiting

if TYPE_CHECKING:
    from ..protocol.models import VideoTask


class Job(Call[Video]):
    """Returned by ``generate``: a future whose result is the :class:`Video`.

    ``await job``, ``job.result(timeout=60)``, ``concurrent.futures.wait([job])`` and
    ``group.create_task(job)`` wait for it; ``for task in job.watch()`` follows it.
    """

    def __init__(
        self,
        client: VideoClient,
        prompt: str,
        image: Any,
        *,
        path: Any,
        max_wait_s: float | None,
        on_change: OnChange | None,
        on_progress: OnProgress | None,
        arguments: Mapping[str, Any],
        watched: WhileWaiting,
    ) -> None:
        inbox = Inbox()
        self._client = client
        self._latest: VideoTask | None = None
        self._created: concurrent.futures.Future[None] = concurrent.futures.Future()
        change = None if on_change is None else inbox.taking(on_change)
        progress = None if on_progress is None else inbox.taking(on_progress)

        def seen(task: VideoTask) -> None:
            self._latest = task
            if change is not None:
                change(task)

        async def run() -> Video:
            limit_s = as_limit("max_wait_s", max_wait_s)
            made = await client.begin(prompt, image, path=path, **arguments)
            noted(made)
            self._created.set_result(None)
            done = await client.wait(made, max_wait_s=limit_s, on_change=noted)
            return await client.download(done, path, on_progress=watched.on_progress(progress))

        noted = watched.on_change(seen)
        super().__init__(run(), watched, inbox if change or progress else None)
        self.add_done_callback(self._never_created)

    @property
    def task(self) -> VideoTask:
        """The latest known state of the task; blocks until the task has been created.

        Raises:
            The errors of ``create_task``, if it could not be created.
        """
        while self._latest is None:
            if self.done():
                self.result()  # raises
            self._wait(None, self._created)
        return self._latest

    @property
    def id(self) -> TaskId:
        """The task's id; see :attr:`task`."""
        return self.task.id

    def watch(self) -> Iterator[VideoTask]:
        """Yield the task immediately, at every change, and when it has finished, in this thread."""
        return iterate(self._client.watch(self.task))

    def _never_created(self, _job: Any) -> None:
        if not self._created.done():
            self._created.set_result(None)

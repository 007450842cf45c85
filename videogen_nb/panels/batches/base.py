"""``RunsPanel``: what panels of batches share: following, retrying and cancelling rows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar, Final, NamedTuple, cast

from traitlets import Instance, List

from ...blocking import Connection
from ...blocking.batch import BatchRun
from ...blocking.call import Call
from ...client.batch import Batch
from ...client.batch.rows import Row
from ...errors import VideogenError
from ...i18n import Text
from ...media.video import Video
from ...protocol import failure
from ...protocol.models import TaskStatus, VideoTask
from ..browser.transfer import Message
from ..gateway_link import Link
from ..video import VideoPanel
from ..widget import Panel

LOOK_S: Final = 0.25  # between looks at batches that are already here: no request is made


class Place(NamedTuple):
    """One row of one of the panel's batches."""

    batch: Batch
    row: Row

    @property
    def key(self) -> str:
        """The key used by the page; it stays the same when the row gets a new task."""
        return f"{self.row.number}:{self.batch.name}"

    @property
    def task(self) -> VideoTask | None:
        """The row's task; None if it was deleted."""
        return self.batch.tasks.get(self.row.number)

    @property
    def video(self) -> Video | None:
        """The row's video, once saved."""
        return self.batch.videos.get(self.row.number)

    @property
    def state(self) -> tuple[object, ...]:
        """A value that changes when there is something new to show."""
        return self.task, self.video, self.batch.errors.get(self.row.number)

    @property
    def why(self) -> Text | None:
        """Why there is no video, if that is certain."""
        error = self.batch.errors.get(self.row.number)
        if error is not None:
            return error.text
        task = self.task
        return failure(task) if task is not None and task.status is TaskStatus.FAILED else None


class RunsPanel(Panel):
    """A panel that shows batches.

    ``tasks`` are those of all rows, in order; ``again()`` and ``cancel()`` are the buttons.

    Args:
        run: the result of ``videos.batch``, ``variations`` or ``like``. If nobody awaits a plain
            ``Batch``, the panel does, and saves its videos.
    """

    tasks = List(Instance(VideoTask))
    texts: ClassVar = {
        "cancel": Text("Cancel the rest", "取消其余任务"),
        "again": Text("Retry failed ({n})", "重试失败项（{n}）"),
        "close": Text("Close", "关闭"),
    }

    def __init__(self, run: BatchRun | Batch, connection: Connection | Link | None = None) -> None:
        self._run = run
        self._batches: dict[str, Batch] = {}  # by name
        self._seen: dict[str, tuple[object, ...]] = {}
        self._finishing: dict[str, Call[None]] = {}  # by name, for batches that the panel waits for
        self._detail: VideoPanel | None = None
        self._opened = 0
        if connection is None and isinstance(run, BatchRun):
            connection = cast(Connection, run.connection)  # whose tasks they are
        super().__init__(connection)
        self.ready: Call[Batch] = self.follow(self._begin)

    def places(self) -> Iterator[Place]:
        """Return all rows, in the order of the batches and their tables."""
        for batch in self._batches.values():
            for row in batch.rows:
                yield Place(batch, row)

    def again(self) -> Call[int]:
        """Retry the failed rows; return how many."""
        return self.run(self._again)

    def cancel(self) -> Call[int]:
        """Cancel all unfinished rows; return how many."""
        return self.run(self._cancel)

    def add(self, batch: Batch) -> None:
        """Show a batch and follow it; it replaces one with the same name."""
        self._batches = {**self._batches, batch.name: batch}
        self._wait_for(batch)

    def open_video(self, key: str) -> VideoPanel | None:
        """Show a row's video above the others; return None if it has none yet."""
        self.close_detail()
        video = self._place({"id": key}).video
        if video is None:
            return None
        self._opened += 1
        self._detail = VideoPanel(video, self.link)
        self.adopt(f"detail-{self._opened}", self._detail)
        return self._detail

    def close_detail(self) -> None:
        """Close the video above the others."""
        if self._detail is not None:
            self.release(self._detail.name)
            self._detail.close()
        self._detail = None
        self.touch()

    def counts(self) -> Counter[str]:
        """Return the number of rows with each status."""
        return Counter(place.task.status.value for place in self.places() if place.task)

    def _count_text(self, counts: Counter[str]) -> str:
        """Return the progress on one line."""
        total = sum(len(batch) for batch in self._batches.values())
        unfinished = counts["pending"] + counts["processing"]
        parts = [_DONE(done=counts["completed"], total=total)]
        parts += [_RUNNING(n=unfinished)] * bool(unfinished)
        parts += [_FAILED(n=counts["failed"])] * bool(counts["failed"])
        parts += [_CANCELLED(n=counts["cancelled"])] * bool(counts["cancelled"])
        return " · ".join(self.text(part) for part in parts)

    def view(self) -> dict[str, Any]:
        counts = self.counts()
        failed, detail = counts["failed"], self._detail
        return {
            "count": self._count_text(counts) if self._batches else self.text(_ADMITTING),
            "can_cancel": bool(counts["pending"] + counts["processing"]),
            "again": self.text(self.texts["again"](n=failed)) if failed else "",
            "detail": detail.name if detail is not None else "",
            "detail_part": detail.part if detail is not None else "",
        }

    async def _begin(self) -> Batch:
        run = self._run
        batch = await run.admitted() if isinstance(run, BatchRun) else run
        if isinstance(run, BatchRun):
            self._batches = {batch.name: batch}
        else:
            self.add(batch)
        self.follow(self._look)
        return batch

    def _wait_for(self, batch: Batch) -> None:
        before = self._finishing.get(batch.name)
        self._finishing[batch.name] = self.follow(self._finish, batch, before)

    async def _finish(self, batch: Batch, before: Call[None] | None) -> None:
        """Save a batch's videos, waiting for one batch after another: none is downloaded twice."""
        if before is not None:
            await asyncio.wait([asyncio.wrap_future(before)])
        await batch

    async def _look(self) -> None:
        """Show changes as long as the panel is open."""
        while True:
            now = {place.key: place.state for place in self.places()}
            moved = [key for key, state in now.items() if not _same(self._seen.get(key), state)]
            if moved or len(now) != len(self._seen):
                self._seen = now
                await self.moved(set(moved))
                self.tasks = [place.task for place in self.places() if place.task is not None]
                self.touch()
            await asyncio.sleep(LOOK_S)

    async def moved(self, keys: set[str]) -> None:
        """Prepare to show rows that have changed."""

    async def _again(self) -> int:
        count = 0
        self.clear_error()
        for batch in self._batches.values():
            if isinstance(self._run, BatchRun) and batch is self._run.batch:
                count += await self._run.again("failed")  # which waits for them itself
            else:
                count += await batch.again("failed")
                self._wait_for(batch)
        return count

    async def _cancel(self) -> int:
        return sum([await batch.cancel() for batch in self._batches.values()])

    def _on_again(self, _message: Message) -> None:
        self.again()

    def _on_cancel(self, _message: Message) -> None:
        self.cancel()

    def _on_open(self, message: Message) -> None:
        self.open_video(str(message.get("id")))

    def _on_close(self, _message: Message) -> None:
        self.close_detail()

    def _place(self, message: Message) -> Place:
        wanted = str(message.get("id", ""))
        for place in self.places():
            if place.key == wanted:
                return place
        raise VideogenError(_GONE)


def _same(before: tuple[object, ...] | None, now: tuple[object, ...]) -> bool:
    return before is not None and all(a is b for a, b in zip(before, now, strict=True))


_ADMITTING: Final = Text("Submitting…", "正在提交……")
_DONE: Final = Text("{done} of {total} completed", "已完成 {done}/{total}")
_RUNNING: Final = Text("{n} in progress", "进行中 {n}")
_FAILED: Final = Text("{n} failed", "失败 {n}")
_CANCELLED: Final = Text("{n} cancelled", "已取消 {n}")
_GONE: Final = Text("This row is no longer part of the batch.", "该行已不在此批次中。")

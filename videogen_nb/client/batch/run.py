"""``Batch``: a table of tasks on a gateway, followed until its videos are saved."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from ...errors import (
    GatewayFault,
    GatewayTimeout,
    GatewayUnreachable,
    RateLimited,
    RequestRefused,
    RowProblem,
    VideogenError,
    WaitTimeout,
)
from ...i18n import Text
from ...media.video import Video
from ...protocol import failure, read_batch, read_batch_state
from ...protocol import requests as wire
from ...protocol.batches import Which
from ...protocol.models import TaskStatus
from ...protocol.polling import PollingPolicy
from ..callbacks import safely
from ..download import Downloader
from ..transport import LASTING, Exchange
from .data_frame import as_frame
from .estimate import Estimate
from .file_names import FileNames
from .rows import Problems, Row

if TYPE_CHECKING:
    from ...protocol.models import BatchAnswer, BatchState, VideoTask

_LONGEST_S: Final = 3.0  # between two looks, while nothing changes
_SAVING: Final = 4  # videos that are fetched at the same time
_PASSING: Final = (GatewayUnreachable, GatewayTimeout, GatewayFault, RateLimited)


class Batch:
    """A batch of tasks on a gateway. Belongs to the event loop of its client.

    ``await batch`` waits until every row has ended, saves the videos, and returns the batch.
    """

    def __init__(
        self,
        exchange: Exchange,
        downloader: Downloader,
        policy: PollingPolicy,
        name: str,
        rows: Sequence[Row],
        names: FileNames,
        *,
        frame_kind: str | None = None,
        notify: Any = None,
    ) -> None:
        self.name = name
        self.rows = list(rows)
        self._by_number = {row.number: row for row in self.rows}
        self.tasks: dict[int, VideoTask] = {}  # by row
        self.videos: dict[int, Video] = {}
        self.errors: dict[int, VideogenError] = {}  # of videos that could not be saved
        self._exchange = exchange
        self._downloader = downloader
        self._policy = policy
        self._names = names
        self._frame_kind = frame_kind
        self._notify = notify
        self._keys: dict[str, int] = {}
        self._cursor: str | None = None
        self._estimate: Estimate | None = None

    def __await__(self) -> Any:
        return self.wait().__await__()

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        told = ", ".join(f"{count} {status}" for status, count in sorted(self.counts.items()))
        return f"<Batch {self.name!r}: {len(self)} rows ({told}), {len(self.videos)} saved>"

    @property
    def counts(self) -> dict[str, int]:
        """The number of rows with each status."""
        return dict(Counter(task.status.value for task in self.tasks.values()))

    @property
    def unfinished(self) -> list[VideoTask]:
        """The tasks that have not ended, in the table's order."""
        return [task for _, task in sorted(self.tasks.items()) if not task.status.finished]

    def estimate(self) -> Estimate:
        """The estimate made when the table was accepted: number, time and cost of its new rows."""
        assert self._estimate is not None  # since it was admitted
        return self._estimate

    async def weigh(self) -> Estimate:
        """Return an estimate; nothing is created.

        Raises:
            BadRows: some rows are invalid.
        """
        answer = await self._send(dry_run=True)
        _check_refused(answer)
        return Estimate.of(answer)

    async def admit(self) -> None:
        """Create a task for every row, or for none; rows that have a task keep it.

        Raises:
            BadRows: some rows are invalid; nothing was created.
        """
        try:
            answer = await self._send(dry_run=False)
        except RequestRefused as refused:
            if refused.code != "rows_refused":
                raise
            _check_refused(await self._send(dry_run=True))
            raise
        self._estimate = Estimate.of(answer)
        for row in answer.rows:
            self._keys[row.key or ""] = row.row
            if row.task is not None:
                self.tasks[row.row] = row.task

    async def refresh(self) -> None:
        """Ask the gateway what has changed."""
        state = await self._state(self._cursor)
        self._take(state)
        if self._behind(state):
            self._take_all(await self._state(None))
        self._cursor = state.cursor

    async def watch(self, *, max_wait_s: float | None = None) -> AsyncGenerator[VideoTask, None]:
        """Yield each row's task immediately and at every change, until all have ended.

        Args:
            max_wait_s: seconds to wait; None = until 20 minutes after the last change.

        Raises:
            WaitTimeout: some did not finish in time; they continue.
        """
        async with aclosing(self._moves(max_wait_s)) as moves:
            async for _, task in moves:
                yield task

    async def _moves(self, max_wait_s: float | None) -> AsyncGenerator[tuple[int, VideoTask], None]:
        """Like :meth:`watch`, with the number of each row."""
        seen: dict[int, VideoTask] = {}
        for move in self._news(seen):
            yield move
        clock, sleep, policy = self._exchange.times.clock, self._exchange.times.sleep, self._policy
        began = moved = clock()
        away: float | None = None
        pause = policy.first_s
        while self.unfinished:
            await sleep(pause)
            try:
                await self.refresh()
            except _PASSING as error:
                away = clock() if away is None else away
                if clock() - away > policy.outage_s or error.code in LASTING:
                    raise
                continue
            away, changed = None, self._news(seen)
            pause = policy.first_s if changed else min(_LONGEST_S, pause * policy.growth)
            moved = clock() if changed else moved
            for move in changed:
                yield move
            limit, since = (policy.max_wait_s, moved) if max_wait_s is None else (max_wait_s, began)
            if self.unfinished and clock() - since >= limit:
                left = self.unfinished
                raise WaitTimeout(left[0], _LATE(name=self.name, count=len(left)))

    async def wait(
        self,
        *,
        max_wait_s: float | None = None,
        on_change: Callable[[VideoTask], object] | None = None,
    ) -> Batch:
        """Wait until every row has ended and save each video as soon as it is ready.

        Failed rows do not raise: :meth:`frame` lists them, and ``again("failed")`` retries them.

        Args:
            max_wait_s: see :meth:`watch`.
            on_change: called with each task at every change.

        Raises:
            WaitTimeout: some did not finish in time; they continue, and finished videos are saved.
        """
        turns = asyncio.Semaphore(_SAVING)
        saving: dict[int, asyncio.Task[None]] = {}
        try:
            async with aclosing(self._moves(max_wait_s)) as moves:
                async for number, task in moves:
                    safely(on_change)(task)
                    if self._to_save(number, task, saving):
                        row = self._by_number[number]
                        saving[number] = asyncio.create_task(self._save(row, task, turns))
        finally:
            await asyncio.gather(*saving.values(), return_exceptions=True)
        return self

    async def again(self, which: Which = "failed") -> int:
        """Retry the rows that ended without a video; return how many.

        Args:
            which: ``"failed"``, ``"cancelled"``, or ``"unknown"`` (those that a provider may have
                generated and charged for).
        """
        asked = wire.batch_again(self.name, which, list(self._keys))
        state = await self._exchange.ask_once(asked, read_batch_state)
        for number in self._numbers(state):
            self.videos.pop(number, None)
        self._take(state)
        return len(state.rows)

    async def cancel(self) -> int:
        """Cancel all rows that have not ended; return how many were cancelled."""
        asked = wire.batch_cancel(self.name, list(self._keys))
        state = await self._exchange.ask(asked, read_batch_state)
        self._take(state)
        return len(state.rows)

    def records(self) -> list[dict[str, Any]]:
        """Return a dictionary per row, in the table's order.

        It contains the row's cells, then ``task`` (id), ``status``, ``path``, ``cost``,
        ``currency``, ``error``.
        """
        return [{**row.cells, **self._outcome(row)} for row in self.rows]

    def frame(self) -> Any:
        """Return the records as a data frame of the table's library, else pandas or polars.

        Raises:
            BadParameter: neither is installed.
        """
        own = [self._frame_kind] if self._frame_kind is not None else []
        return as_frame(self.records(), [*own, "pandas", "polars"])

    def _outcome(self, row: Row) -> dict[str, Any]:
        task, video = self.tasks.get(row.number), self.videos.get(row.number)
        cost = (task.cost if task else None) or {}
        error = self.errors.get(row.number)
        why = str(error) if error else None
        if task is not None and task.status is TaskStatus.FAILED:
            why = str(failure(task))
        return {
            "task": str(task.id) if task else None,
            "status": task.status.value if task else None,
            "path": str(video.path) if video else None,
            "cost": cost.get("amount"),
            "currency": cost.get("currency"),
            "error": why,
        }

    def _to_save(self, number: int, task: VideoTask, saving: Mapping[int, object]) -> bool:
        """Return whether a row's video is ready but not yet saved."""
        done = task.status is TaskStatus.COMPLETED
        return done and number not in saving and number not in self.videos

    async def _save(self, row: Row, task: VideoTask, turns: asyncio.Semaphore) -> None:
        async with turns:
            try:
                path = self._names.of(row, task)
                video = await self._downloader.video(task, path, replace=False)
            except VideogenError as error:
                self.errors[row.number] = error
            else:
                self.videos[row.number] = video
                self.errors.pop(row.number, None)

    async def _send(self, *, dry_run: bool) -> BatchAnswer:
        sent = [row for row in self.rows if row.request is not None]
        rows = [_to_wire(row) for row in sent]
        asked = wire.batch(self.name, rows, dry_run=dry_run, notify=self._notify)
        answer = await self._exchange.ask(asked, read_batch)
        numbered = [row.model_copy(update={"row": sent[row.row - 1].number}) for row in answer.rows]
        return answer.model_copy(update={"rows": numbered})

    async def _state(self, changed_since: str | None) -> BatchState:
        return await self._exchange.ask(
            wire.batch_state(self.name, changed_since), read_batch_state
        )

    def _take(self, state: BatchState) -> None:
        for row in state.rows:
            number = self._keys.get(row.key or "")  # None: of another version of this table
            if number is not None and row.task is not None:
                self.tasks[number] = row.task

    def _take_all(self, state: BatchState) -> None:
        """Store a complete state: if a row is missing from it, its task was deleted."""
        self._take(state)
        there = {row.key for row in state.rows}
        for key, number in self._keys.items():
            if key not in there:
                self.tasks.pop(number, None)

    def _news(self, seen: dict[int, VideoTask]) -> list[tuple[int, VideoTask]]:
        """Return the rows whose task has changed since ``seen``, and update ``seen``."""
        moved = [(n, t) for n, t in sorted(self.tasks.items()) if _moved(seen.get(n), t)]
        seen.update(moved)
        return moved

    def _behind(self, state: BatchState) -> bool:
        """Return whether the known state is incomplete: a clock went back, or rows are unknown."""
        ended = sum(n for status, n in state.counts.items() if TaskStatus(status).finished)
        return not (state.total - ended) and bool(self.unfinished)

    def _numbers(self, state: BatchState) -> list[int]:
        return [self._keys[row.key] for row in state.rows if row.key in self._keys]


def _to_wire(row: Row) -> dict[str, Any]:
    assert row.request is not None  # those without one are not sent
    return {**row.request.to_wire(), **({} if row.key is None else {"key": row.key})}


def _moved(before: VideoTask | None, after: VideoTask) -> bool:
    if before is None or before is after:
        return before is None
    silent = {"poll_after_ms": None, "queue_position": None, "eta_seconds": None}
    return before.model_copy(update=silent) != after.model_copy(update=silent)


def _check_refused(answer: BatchAnswer) -> None:
    """Raise BadRows if the gateway refuses rows."""
    problems = Problems()
    for row in answer.rows:
        if row.state == "refused":
            words = Text.same(row.detail or "")
            problems.found[row.row] = RowProblem(row.row, row.code or "refused", words)
    problems.check(len(answer.rows))


_LATE = Text(
    "Stopped waiting for {name}: {count} {count:video is|videos are} not finished. "
    "Generation continues; run the batch again to keep waiting.",
    "已停止等待 {name}：还有 {count} 个视频未完成。任务仍在进行，再次运行即可继续等待。",
)

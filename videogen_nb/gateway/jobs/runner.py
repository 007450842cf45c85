"""The runner: tasks wait in line and are made in worker processes, a process a slot.

A GPU is a place with one slot of its own, so that what is loaded there stays. Tasks that are made
elsewhere go past all of it (see :mod:`.remotes`).
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...engines import ComputeEngine, Engine, InputImage, Job, Plan
from ...i18n import Text
from ...protocol.models import FINISHED, TaskStatus
from ..files.ingest import Ingest
from ..files.uploads import Uploads
from ..files.videos import Draft, VideoFiles
from ..refusal import SENTENCES, Refusal
from ..storage.database import disk_is_full
from ..storage.records import MAX_RETRIES, TaskRecord
from ..storage.store import Store
from ..storage.task_writer import Sleep
from ..workers.messages import RenderRequest
from ..workers.process import STOP_S, WorkerDied, WorkerProcess, WorkerStopped, WorkFailed
from .estimates import Estimates
from .queue import Line
from .remote.job import Means
from .remote.runner import Remotes

PAUSE_S: Final = 5.0  # before a task is taken up again whose row could not be written
MAX_ATTEMPTS: Final = 6  # a render that takes the gateway down with it is not begun for ever
HISTORY: Final = 200

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Live:
    """What is known of a task under way and not worth keeping: it goes with the process."""

    place: str
    worker: WorkerProcess
    over: asyncio.Event
    progress: float | None = None
    stage: Text | None = None
    cancelled: bool = False


class Runner:
    """Takes tasks in the order they came, ``slots`` at a time, and one on each GPU."""

    def __init__(
        self,
        store: Store,
        video_files: VideoFiles,
        uploads: Uploads,
        engines: Mapping[str, Engine],
        *,
        slots: int,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
        on_finished: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._video_files = video_files
        self._uploads = uploads
        self._engines = engines
        self._clock = clock
        self._on_finished = on_finished
        self.estimates = Estimates()
        means = Means(store, uploads, Ingest(video_files), clock, sleep, self._heard)
        self._remotes = Remotes(means, engines)
        self._line = Line()
        self._news = asyncio.Condition()
        self._live: dict[str, Live] = {}
        gpus = {engine.place for engine in engines.values() if isinstance(engine, ComputeEngine)}
        places = [""] * max(1, slots) + sorted(gpus - {""})
        self._workers = [(place, WorkerProcess()) for place in places]
        self._slots: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Take up what a former gateway left unfinished, and begin."""
        self.estimates.learn(reversed(await self._store.latest_completed(HISTORY)))
        for record in await self._store.load():
            if self._remotes.takes(record):
                self._remotes.take_up(record)
            else:
                self._line.put(record.message_id, self._place(record))
        self._remotes.move_on()
        self._slots = [asyncio.create_task(self._work(*slot)) for slot in self._workers]

    async def close(self) -> None:
        """Stop at once; tasks under way are begun again by the next gateway."""
        await self._remotes.close()
        interrupted = list(self._live)
        for slot in self._slots:
            slot.cancel()
        await asyncio.gather(*self._slots, return_exceptions=True)
        for _, worker in self._workers:
            await worker.kill()
        for message_id in interrupted:
            await self._put_back(message_id)

    async def submit(self, record: TaskRecord) -> None:
        """Put a stored task at the end of its line."""
        if self._remotes.takes(record):
            self._remotes.submit(record)
            return
        self._line.put(record.message_id, self._place(record))
        async with self._news:
            self._news.notify_all()

    def waiting(self) -> int:
        """How many tasks stand in lines."""
        return len(self._line) + self._remotes.waiting()

    def progress(self, record: TaskRecord) -> float | None:
        """0 to 1 of a task under way; None where it is not told."""
        live = self._live.get(record.message_id)
        return live.progress if live else self._remotes.progress(record)

    def stage(self, record: TaskRecord) -> Text | None:
        """What is going on with a task, beyond its status."""
        live = self._live.get(record.message_id)
        return live.stage if live else self._remotes.stage(record)

    def position(self, record: TaskRecord) -> int | None:
        """The place in its line, 0 = next; None for a task that does not wait."""
        if self._remotes.takes(record):
            return self._remotes.position(record)
        return self._line.position(record.message_id)

    def eta_s(self, record: TaskRecord) -> float | None:
        """Seconds until a task is done; None where nothing honest can be said."""
        if self._remotes.takes(record):
            return self._elsewhere_s(record)
        live = self._live.get(record.message_id)
        if live is not None:
            return self.estimates.remaining_s(record, live.progress, self._clock())
        position = self.position(record)
        if position is None or position > _AHEAD:
            return None
        place = self._place(record)
        beside = [other for other, live in self._live.items() if live.place == place]
        ahead = [*beside, *self._line.up_to(record.message_id)]
        shares = [self._remaining(message_id) for message_id in ahead]
        if any(share is None for share in shares):
            return None
        own = shares[-1] or 0.0
        slots = sum(place == there for there, _ in self._workers)
        return sum(share or 0.0 for share in shares[:-1]) / max(1, slots) + own

    async def cancel(self, record: TaskRecord) -> TaskRecord:
        """Stop a task, waiting or under way.

        Raises:
            Refusal: 409 where it has ended otherwise.
        """
        if self._remotes.takes(record):
            await self._remotes.cancel(record)
        elif record.message_id in self._line:
            self._line.leave(record.message_id)
            return await self._end(record, TaskStatus.CANCELLED)
        live = self._live.get(record.message_id)
        if live is not None:
            live.cancelled = True
            engine = self._engines.get(record.engine)
            grace_s = engine.stop_s if isinstance(engine, ComputeEngine) else STOP_S
            live.worker.stop(grace_s)
            await live.over.wait()
        record = self._store.cached(record.message_id) or record
        if record.status is not TaskStatus.CANCELLED:
            raise Refusal(409, "task_finished", state=record.status)
        return record

    async def _work(self, place: str, worker: WorkerProcess) -> None:
        while True:
            message_id = await self._next(place, worker)
            record = self._store.cached(message_id)
            if record is None or record.status in FINISHED:
                continue
            self._live[message_id] = live = Live(place, worker, asyncio.Event())
            try:
                again = await self._make(record, live)
            except (sqlite3.Error, OSError):
                logger.exception(
                    "Task %s could not be written; it will be taken up again", record.id
                )
                await asyncio.sleep(PAUSE_S)
                again = True
            except Exception:  # the boundary: one task's fault must not end the slot
                logger.exception("Task %s met a fault of the gateway", record.id)
                await self._fail(record, "internal_error", SENTENCES["internal_error"])
                again = False
            finally:
                del self._live[message_id]
                live.over.set()
            if again:
                self._line.put_first(message_id, place)

    async def _next(self, place: str, worker: WorkerProcess) -> str:
        warm_s = self._warm_s(place)
        async with self._news:
            while (message_id := self._line.first(place)) is None:
                try:
                    # Not wait_for: before Python 3.12 it may swallow a cancellation.
                    async with asyncio.timeout(warm_s if worker.pid else None):
                        await self._news.wait()
                except TimeoutError:
                    await worker.kill()
            self._line.leave(message_id)
            return message_id

    def _place(self, record: TaskRecord) -> str:
        engine = self._engines.get(record.engine)
        return engine.place if isinstance(engine, ComputeEngine) else ""

    def _warm_s(self, place: str) -> float:
        engines = (e for e in self._engines.values() if isinstance(e, ComputeEngine))
        return max((e.warm_s for e in engines if e.place == place), default=0.0)

    async def _make(self, record: TaskRecord, live: Live) -> bool:
        """One attempt. True where the task is to be tried again at once."""
        record = await self._begin(record)
        draft = self._video_files.draft()
        try:
            engine, job = await self._job(record, draft)
            if live.cancelled:
                raise WorkerStopped
            done = await live.worker.ask(
                RenderRequest(engine.entry_point, job),
                silence_s=engine.silence_s,
                on_report=lambda progress, stage: _hear(live, progress, stage),
            )
            await self._complete(record, draft, done)
        except WorkerStopped:
            await self._end(record, TaskStatus.CANCELLED)
        except WorkFailed as failed:
            await self._fail(record, failed.code, failed.text)
        except WorkerDied as died:
            return await self._mourn(record, live, died)
        except Refusal as refusal:
            await self._fail(record, refusal.code, refusal.text)
        except OSError as error:
            if not disk_is_full(error):
                raise
            await self._fail(record, "disk_full", SENTENCES["disk_full"])
        finally:
            self._video_files.discard(draft)
        return False

    async def _begin(self, record: TaskRecord) -> TaskRecord:
        if record.status is TaskStatus.PROCESSING:
            return record
        return await self._store.change(
            record.message_id,
            status=TaskStatus.PROCESSING,
            started_at=self._clock(),
            attempts=record.attempts + 1,
        )

    async def _job(self, record: TaskRecord, draft: Draft) -> tuple[ComputeEngine, Job]:
        if record.attempts > MAX_ATTEMPTS:
            raise WorkFailed("interrupted", _INTERRUPTED(count=MAX_ATTEMPTS), bad_input=False)
        engine = self._engines.get(record.engine)
        if not isinstance(engine, ComputeEngine):
            raise WorkFailed("engine_gone", _ENGINE_GONE(name=record.engine), bad_input=False)
        images = await self._uploads.find(record.owner, record.images)
        return engine, _job(record, draft, images)

    async def _complete(self, record: TaskRecord, draft: Draft, done: dict[str, Any]) -> None:
        await asyncio.to_thread(self._video_files.publish, draft, record.video)
        completed = await self._store.change(
            record.message_id,
            status=TaskStatus.COMPLETED,
            finished_at=self._clock(),
            sha256=done["sha256"],
            video_s=done["video"]["duration_s"],
            facts={"video": done["video"], **done["facts"]},
            notes=(*record.notes, *(Text.from_json(note) for note in done["notes"])),
        )
        self._on_finished()
        self.estimates.learn([completed])

    async def _mourn(self, record: TaskRecord, live: Live, died: WorkerDied) -> bool:
        if live.cancelled:
            await self._end(record, TaskStatus.CANCELLED)
            return False
        if record.retry_count >= MAX_RETRIES:
            await self._fail(record, "worker_died", died.text)
            return False
        await self._store.change(
            record.message_id,
            status=TaskStatus.PENDING,
            retry_count=record.retry_count + 1,
            notes=(*record.notes, _AGAIN(why=died.text)),
        )
        return True

    async def _fail(self, record: TaskRecord, code: str, text: Text) -> None:
        await self._end(record, TaskStatus.FAILED, error=text, error_code=code)

    async def _end(self, record: TaskRecord, status: TaskStatus, **values: Any) -> TaskRecord:
        # Files first: were the row first, a crash in between would leave them lying.
        self._video_files.remove(record.video)
        ended = await self._store.change(
            record.message_id, status=status, finished_at=self._clock(), **values
        )
        self._on_finished()
        return ended

    async def _put_back(self, message_id: str) -> None:
        record = self._store.cached(message_id)
        if record is not None and record.status is TaskStatus.PROCESSING:
            # An orderly end is no attempt gone wrong.
            attempts = record.attempts - 1
            await self._store.change(message_id, status=TaskStatus.PENDING, attempts=attempts)

    def _elsewhere_s(self, record: TaskRecord) -> float | None:
        if record.status is TaskStatus.PENDING:
            return None  # whose tasks stand before it there is not known
        return self.estimates.remaining_s(record, self.progress(record), self._clock())

    def _heard(self, ended: TaskRecord) -> None:
        """A task that was made elsewhere has ended."""
        if ended.status is TaskStatus.COMPLETED:
            self.estimates.learn([ended])
        else:
            self._video_files.remove(ended.video)
        self._on_finished()

    def _remaining(self, message_id: str) -> float | None:
        record = self._store.cached(message_id)
        if record is None:
            return None
        live = self._live.get(message_id)
        if live is None:
            return self.estimates.whole_s(record)
        return self.estimates.remaining_s(record, live.progress, self._clock())


def _job(record: TaskRecord, draft: Draft, images: list[InputImage]) -> Job:
    plan = Plan(record.parameters, record.seed, record.notes, record.estimated_s)
    return Job(record.message_id, record.prompt, plan, draft.video, draft.poster, tuple(images))


def _hear(live: Live, progress: float | None, stage: Text | None) -> None:
    if progress is not None:
        live.progress = min(1.0, max(0.0, progress))
    live.stage = stage or live.stage


_AHEAD: Final = 100  # beyond so many others an estimate is a guess, and costs time at each answer
_AGAIN = Text("Tried again once: {why}", "已自动重试一次：{why}")
_INTERRUPTED = Text(
    "The gateway was interrupted {count} times while this video was being made. "
    "Try a lower resolution or a shorter video.",
    "生成该视频时网关已中断 {count} 次，请降低分辨率或缩短时长后重试。",
)
_ENGINE_GONE = Text(
    "The engine {name!r} is no longer installed here.", "本机已不再安装引擎 {name!r}。"
)

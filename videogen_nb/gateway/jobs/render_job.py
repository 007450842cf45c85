"""One task that a compute engine renders: an attempt, its end, and whether it is tried again.

The worker is a process on this machine or a slot of a cluster.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final, Protocol

from ...engines import ComputeEngine, Engine, InputImage, Job, Plan
from ...i18n import Text
from ...local.installation import is_gone
from ...protocol.models import TaskStatus
from ..files.videos import Draft
from ..refusals import SENTENCES, Refusal
from ..storage.database import disk_is_full
from ..storage.task_record import TaskRecord
from ..threads import in_thread
from ..workers.messages import RenderRequest
from ..workers.process import OnReport, WorkerDied, WorkerGone, WorkerStopped, WorkFailed
from .backend import JobContext
from .remaining_time import Begun

MAX_ATTEMPTS: Final = 6  # a render that takes the gateway down with it is not begun for ever
MAX_RETRIES: Final = 1  # of a task whose worker died, which is often the task's doing


class Worker(Protocol):
    """What makes the video: a worker process here, or a slot on another machine."""

    async def ask(
        self, request: RenderRequest, *, silence_s: float, on_report: OnReport | None = None
    ) -> dict[str, Any]:
        """See :meth:`.WorkerProcess.ask`."""

    def stop(self, grace_s: float) -> None:
        """See :meth:`.WorkerProcess.stop`."""


class RenderJob:
    """A task that is rendered, on this machine or by a slot on another one.

    ``progress``, ``begun`` (the first progress) and ``stage`` are not stored; ``over`` is set when
    the attempt has ended.
    """

    def __init__(
        self,
        context: JobContext,
        engines: Mapping[str, Engine],
        record: TaskRecord,
        worker: Worker,
        place: str,
        turn: int,
    ) -> None:
        self.record = record
        self.place = place
        self.turn = turn
        self.progress: float | None = None
        self.begun: Begun | None = None
        self.stage: Text | None = None
        self.over = asyncio.Event()
        self._context = context
        self._engines = engines
        self._worker = worker
        self._cancelled = False

    async def run(self) -> bool:
        """Make one attempt; return whether to retry immediately."""
        self.record = await self._begin()
        draft = self._context.video_files.draft()
        try:
            engine, job = await self._prepare(draft)
            if self._cancelled:
                raise WorkerStopped
            request = RenderRequest(engine.entry_point, job)
            done = await self._worker.ask(
                request, silence_s=engine.silence_s, on_report=self._report
            )
            await self._complete(draft, done)
        except WorkerStopped:
            await self._end(TaskStatus.CANCELLED)
        except WorkFailed as failed:
            await self.fail(failed.code, failed.text)
        except WorkerDied as died:
            return await self._try_again(died)
        except WorkerGone as gone:
            return await self._begin_again(gone)
        except Refusal as refusal:
            await self.fail(refusal.code, refusal.text)
        except OSError as error:
            if not disk_is_full(error):
                raise
            await self.fail("disk_full", SENTENCES["disk_full"])
        finally:
            self._context.video_files.discard(draft)
        return False

    async def cancel(self, grace_s: float) -> None:
        """Stop the attempt; its worker is killed after ``grace_s`` seconds."""
        self._cancelled = True
        self._worker.stop(grace_s)
        await self.over.wait()

    async def put_back(self) -> None:
        """Return the task to the queue: a regular shutdown does not count as a failed attempt."""
        record = self._context.store.cached(self.record.message_id)
        if record is not None and record.status is TaskStatus.PROCESSING:
            await self._context.store.change(
                record.message_id, status=TaskStatus.PENDING, attempts=record.attempts - 1
            )

    async def fail(self, code: str, text: Text) -> None:
        """End the task as failed."""
        await self._while_installed()
        await self._end(TaskStatus.FAILED, error=text, error_code=code)

    async def _end(self, status: TaskStatus, **values: Any) -> None:
        await self._context.end(self.record, status, **values)

    async def _while_installed(self) -> None:
        """If the gateway's code was deleted, wait for its shutdown instead of failing the task."""
        while is_gone():  # noqa: ASYNC110 — nobody is told when files come back
            await asyncio.sleep(1)

    async def _begin(self) -> TaskRecord:
        record = self.record
        if record.status is TaskStatus.PROCESSING:
            return record
        return await self._context.store.change(
            record.message_id,
            status=TaskStatus.PROCESSING,
            started_at=self._context.clock(),
            attempts=record.attempts + 1,
            turn=self.turn,
        )

    async def _prepare(self, draft: Draft) -> tuple[ComputeEngine, Job]:
        record = self.record
        if record.attempts > MAX_ATTEMPTS:
            raise WorkFailed("interrupted", _INTERRUPTED(count=MAX_ATTEMPTS), bad_input=False)
        engine = self._engines.get(record.engine)
        if not isinstance(engine, ComputeEngine):
            raise WorkFailed("engine_gone", _ENGINE_GONE(name=record.engine), bad_input=False)
        images = await self._context.uploads.find(record.owner, record.images)
        return engine, _job(record, draft, images)

    def _report(self, progress: float | None, stage: Text | None) -> None:
        if progress is not None:
            self.progress = min(1.0, max(0.0, progress))
            if self.progress > 0 and self.begun is None:
                self.begun = (self._context.clock(), self.progress)
        self.stage = stage or self.stage

    async def _complete(self, draft: Draft, done: dict[str, Any]) -> None:
        record = self.record
        await in_thread(self._context.video_files.publish, draft, record.video)
        completed = await self._context.store.change(
            record.message_id,
            status=TaskStatus.COMPLETED,
            finished_at=self._context.clock(),
            sha256=done["sha256"],
            video_s=done["video"]["duration_s"],
            facts={"video": done["video"], **done["facts"]},
            notes=(*record.notes, *(Text.from_json(note) for note in done["notes"])),
        )
        self._context.finished(completed)

    async def _try_again(self, died: WorkerDied) -> bool:
        """Retry once after a worker died, unless the task was cancelled."""
        record = self.record
        await self._while_installed()
        if self._cancelled:
            await self._end(TaskStatus.CANCELLED)
            return False
        if record.retry_count >= MAX_RETRIES:
            await self.fail("worker_died", died.text)
            return False
        await self._context.store.change(
            record.message_id,
            status=TaskStatus.PENDING,
            retry_count=record.retry_count + 1,
            notes=(*record.notes, _AGAIN(why=died.text)),
        )
        return True

    async def _begin_again(self, gone: WorkerGone) -> bool:
        """Requeue a task whose worker has left, unless it was cancelled in the meantime."""
        record = self.record
        if self._cancelled:
            await self._end(TaskStatus.CANCELLED)
            return False
        note = _ELSEWHERE(why=gone.text)
        await self._context.store.change(
            record.message_id,
            status=TaskStatus.PENDING,
            attempts=record.attempts - (not gone.counts),
            notes=record.notes if note in record.notes else (*record.notes, note),
        )
        return True


def _job(record: TaskRecord, draft: Draft, images: list[InputImage]) -> Job:
    plan = Plan(record.parameters, record.seed, record.notes, record.estimated_s)
    return Job(
        record.message_id,
        record.prompt,
        plan,
        draft.video,
        draft.poster,
        tuple(images),
        record.parent,
    )


_ELSEWHERE: Final = Text("Started again: {why}", "已重新开始：{why}")
_AGAIN: Final = Text("Retried once: {why}", "已自动重试一次：{why}")
_INTERRUPTED: Final = Text(
    "Generation of this video was interrupted {count} {count:time|times}. Try a lower resolution "
    "or a shorter video.",
    "生成该视频的过程已中断 {count} 次，请降低分辨率或缩短时长后重试。",
)
_ENGINE_GONE: Final = Text(
    "The engine {name!r} is no longer installed.", "本机已没有引擎 {name!r}。"
)

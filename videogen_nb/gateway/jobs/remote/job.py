"""One task at a provider: create at most once, poll, download, store.

The intent is stored before the create request is sent, and the handle right after it. In between,
it is unknown whether the task was created: it is looked for at the provider, and never sent again
automatically.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from ....engines.remote import RemoteEngine, Stopped, Upstream
from ....errors import EngineError, UpstreamAway, UpstreamError, UpstreamGone
from ....i18n import Text
from ....protocol.polling import PollingPolicy, next_delay
from ...refusals import SENTENCES, Refusal
from ..backend import JobContext
from . import texts
from .create import Create, NotStarted
from .fetch import Fetch
from .retries import AWAY_LONGEST_S, away_s, told_pause_s
from .task_state import Ended, TaskState

_STAGES: Final = {"queued": texts.QUEUED, "running": texts.RUNNING, "succeeded": texts.FETCHING}

logger = logging.getLogger(__name__)


class RemoteJob:
    """One task from its creation to its end."""

    def __init__(
        self, context: JobContext, engine: RemoteEngine, message_id: str, turn: int | None
    ) -> None:
        self._job = TaskState(context, engine, message_id, turn)
        self._context, self._engine, self._row = context, engine, self._job.row
        self._stop_wanted = asyncio.Event()
        self._stopped: Stopped | None = None
        self._where: str | None = None
        self.created = asyncio.Event()  # its handle is known, or it is over
        self.over = asyncio.Event()

    @property
    def progress(self) -> float | None:
        """The progress, 0 to 1, or None."""
        return self._job.progress

    @property
    def position(self) -> int | None:
        """Its place in the queue upstream, where that is told."""
        return self._job.position

    @property
    def eta_s(self) -> float | None:
        """Seconds until it is done upstream, where that is told."""
        return self._job.eta_s

    @property
    def stage(self) -> Text | None:
        """The current stage."""
        return self._job.stage

    async def run(self) -> NotStarted | None:
        """Run all steps; return :class:`NotStarted` if it must be started again."""
        try:
            while True:
                try:
                    handle = await Create(self._job).handle()
                    if isinstance(handle, NotStarted):
                        return handle
                    self.created.set()
                    await self._follow(handle)
                except (Ended, asyncio.CancelledError):
                    raise
                except Exception:  # the boundary: what is paid for is not lost to a fault of ours
                    logger.exception("Task %s met a fault of the gateway", self._row.record.id)
                    await self._after_fault()
        except Ended:
            return None
        finally:
            self.created.set()
            self.over.set()

    async def cancel(self) -> None:
        """Cancel the task at the provider; return when it has ended.

        Raises:
            Refusal: it can no longer be cancelled, or the provider cannot be reached.
        """
        await self.created.wait()
        if self.over.is_set():
            return
        handle = self._row.record.handle
        if handle is None:  # a fault of ours came before it was sent
            self._stop_wanted.set()
            await self.over.wait()
            return
        try:
            done = self._where == "succeeded"  # some upstreams delete what is done
            stopped = Stopped(False) if done else await self._engine.cancel(handle)
        except UpstreamGone as gone:
            stopped = Stopped(True, gone.text)
        except UpstreamError as error:
            raise Refusal(error.code, error.text) from error
        except Exception as error:  # a fault of ours is told like one that will pass
            logger.exception("The engine %r failed in stopping a task", self._engine.name)
            raise Refusal(UpstreamAway.code, SENTENCES["internal_error"]) from error
        if not stopped.done and not self.over.is_set():
            why = stopped.note or texts.CANNOT_STOP
            await self._row.note(why)
            raise Refusal("cancel_refused", why)
        self._stopped = stopped
        self._stop_wanted.set()
        await self.over.wait()

    async def _follow(self, handle: str) -> None:
        policy = PollingPolicy(first_s=self._engine.first_look_s, growth=1.3, longest_s=15.0)
        looks = away = 0
        asked_ms: int | None = None
        told_s: float | None = None
        while True:
            pause_s = next_delay(policy, looks=looks, poll_after_ms=asked_ms)
            await self._pause(away_s(away, told_s) if away else pause_s)
            if self._stopped is not None:
                await self._job.cancelled(self._stopped)
            try:
                told = await self._engine.poll(handle)
            except UpstreamGone as gone:
                cost = self._row.settled()
                why = texts.GONE(why=gone.text) if self._engine.paid else gone.text
                raise await self._job.failed(gone.code, why, cost=cost) from gone
            except EngineError as error:
                away += 1
                told_s = told_pause_s(error)
                await self._job.bear(error, self._job.lifetime_end())
                continue
            asked_ms = None if told.poll_after_s is None else int(told.poll_after_s * 1000)
            same = away == 0 and (told.where, told.progress) == (self._where, self.progress)
            looks, away = looks + 1 if same else 0, 0
            await self._hear(told)
            if told.where == "succeeded":
                await Fetch(self._job).fetch(handle, told)
            else:
                await self._job.end_of_life(texts.NEVER_ENDED)

    async def _hear(self, told: Upstream) -> None:
        if told.where == "failed":
            cost = self._job.actual(told) if told.usage or told.cost else None
            code = told.error_code or "upstream_failed"
            raise await self._job.failed(code, told.error or texts.FAILED, cost=cost, told=told)
        if told.where == "cancelled":
            await self._job.cancelled(self._stopped or Stopped(True, texts.STOPPED_THERE))
        if told.where == "running" and self._where == "queued":
            await self._row.change(started_at=self._context.clock())
        await self._job.hear_cost(told)
        self._where, self._job.progress = told.where, told.progress
        self._job.position, self._job.eta_s = told.position, told.eta_s
        self._job.stage = told.stage or _STAGES[told.where]

    async def _after_fault(self) -> None:
        """Wait, then continue from the current step: nothing is sent again."""
        await self._job.end_of_life(texts.FAULT)
        if self._row.record.intent is None:
            self.created.set()
        await self._pause(AWAY_LONGEST_S)
        if self._stop_wanted.is_set() and self._stopped is None:
            await self._job.cancelled(Stopped(True))

    async def _pause(self, seconds: float) -> None:
        """Sleep until stopped."""
        sleeping = asyncio.ensure_future(self._context.sleep(seconds))
        stopping = asyncio.ensure_future(self._stop_wanted.wait())
        try:
            await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            stopping.cancel()

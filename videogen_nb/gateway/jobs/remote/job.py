"""One task at a provider: create at most once, poll, download, store.

The intent is stored before the create request is sent, and the handle right after it. In between,
it is unknown whether the task was created: it is looked for at the provider, and never sent again
automatically.
"""

from __future__ import annotations

import asyncio
import logging

from ....engines.remote import RemoteEngine, Stopped
from ....errors import UpstreamAway, UpstreamError, UpstreamGone
from ....i18n import Text
from ...refusals import SENTENCES, Refusal
from ..backend import JobContext
from . import texts
from .create import Create, NotStarted
from .poll import Poll
from .retries import AWAY_LONGEST_S
from .task_state import Ended, TaskState

logger = logging.getLogger(__name__)


class RemoteJob:
    """One task from its creation to its end."""

    def __init__(
        self, context: JobContext, engine: RemoteEngine, message_id: str, turn: int | None
    ) -> None:
        self._job = TaskState(context, engine, message_id, turn)
        self._context, self._engine, self._row = context, engine, self._job.row
        self.created = asyncio.Event()  # its handle is known, or it is over
        self.over = asyncio.Event()

    @property
    def progress(self) -> float | None:
        """The progress, 0 to 1, or None."""
        return self._job.progress

    @property
    def position(self) -> int | None:
        """Its place in the provider's queue, if reported."""
        return self._job.position

    @property
    def eta_s(self) -> float | None:
        """Seconds until the provider is done, if reported."""
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
                    await Poll(self._job).follow(handle)
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
            self._job.stop_wanted.set()
            await self.over.wait()
            return
        try:
            done = self._job.where == "succeeded"  # some upstreams delete what is done
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
        self._job.stopped = stopped
        self._job.stop_wanted.set()
        await self.over.wait()

    async def _after_fault(self) -> None:
        """Wait, then continue from the current step: nothing is sent again."""
        await self._job.end_of_life(texts.FAULT)
        if self._row.record.intent is None:
            self.created.set()
        await self._job.pause(AWAY_LONGEST_S)
        if self._job.stop_wanted.is_set() and self._job.stopped is None:
            await self._job.cancelled(Stopped(True))

"""The state shared by the steps of one task: its row, engine, progress and end."""

from __future__ import annotations

import asyncio

from ....engines.remote import RemoteEngine, Stopped, Upstream
from ....errors import EngineError
from ....i18n import Text
from ....protocol.models import TaskStatus
from ...files.ingest import CheckFailed
from ...storage.ledger import Cost
from ..backend import JobContext
from . import final_cost


class Ended(Exception):
    """Raised when the task has ended."""


class TaskState:
    """A running task. ``progress`` and ``stage`` are the latest known values and are not stored;
    nor are ``where``, ``position`` and ``eta_s``, as reported by the provider.

    ``turn`` is its turn when it was taken from the queue. ``stop_wanted`` is set once it is to be
    stopped; ``stopped`` is what the provider replied.
    """

    def __init__(
        self, context: JobContext, engine: RemoteEngine, message_id: str, turn: int | None
    ) -> None:
        self.context = context
        self.engine = engine
        self.turn = turn
        self.row = context.row(message_id)
        self.progress: float | None = None
        self.stage: Text | None = None
        self.position: int | None = None
        self.eta_s: float | None = None
        self.where: str | None = None
        self.stopped: Stopped | None = None
        self.stop_wanted = asyncio.Event()

    async def pause(self, seconds: float) -> None:
        """Sleep until the time is over or the task is to be stopped."""
        sleeping = asyncio.ensure_future(self.context.sleep(seconds))
        stopping = asyncio.ensure_future(self.stop_wanted.wait())
        try:
            await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            stopping.cancel()

    async def bear(self, error: EngineError | CheckFailed, deadline: float) -> None:
        """Retry a failed poll as long as the provider keeps the task."""
        self.stage = error.text
        if self.context.clock() > deadline:
            code = "video_unchecked" if isinstance(error, CheckFailed) else "upstream_gone"
            raise await self.failed(code, error.text, cost=final_cost.of_unknown(self.row))

    async def end_of_life(self, why: Text) -> None:
        """End a task past its lifetime, so that it does not occupy a slot forever."""
        if self.context.clock() > self.lifetime_end():
            raise await self.failed("upstream_gone", why, cost=final_cost.of_unknown(self.row))

    async def cancelled(self, stopped: Stopped) -> None:
        if stopped.note is not None:
            await self.row.note(stopped.note)
        cost = final_cost.of_cancelled(self.row, stopped)
        self.context.finished(await self.row.end(TaskStatus.CANCELLED, cost))
        raise Ended

    async def failed(
        self, code: str, text: Text, *, cost: Cost | None = None, told: Upstream | None = None
    ) -> Ended:
        facts = {"usage": told.usage} if told and told.usage else {}
        ended = await self.row.end(
            TaskStatus.FAILED, cost, error=text, error_code=code, facts=facts
        )
        self.context.finished(ended)
        return Ended()

    async def hear_cost(self, told: Upstream) -> None:
        """Store the cost that the provider expects, if no cost is known here."""
        cost = Cost.from_wire(told.cost)
        if cost is not None and self.row.expected is None:
            facts = {**(self.row.record.facts or {}), "cost": cost.to_wire()}
            await self.row.change(cost=cost, facts=facts)

    def lifetime_end(self) -> float:
        record = self.row.record
        return (record.intended_at or record.created_at) + self.engine.lifetime_s

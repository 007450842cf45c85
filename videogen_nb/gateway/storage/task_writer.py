"""The row of an unfinished task, whose changes are retried until they are written."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal

from ...i18n import Text
from ...protocol.models import TaskStatus
from ..limits.budgets import Budget
from .ledger import Cost
from .store import Store
from .task_record import TaskRecord
from .task_sql import UNCHANGED

PAUSE_S: Final = 5.0  # before what could not be written is written again

logger = logging.getLogger(__name__)
Sleep = Callable[[float], Awaitable[object]]


class TaskWriter:
    """Retries writing changes that must not be lost when the disk is temporarily full."""

    def __init__(
        self, store: Store, message_id: str, *, clock: Callable[[], float], sleep: Sleep
    ) -> None:
        self._store = store
        self._message_id = message_id
        self._clock = clock
        self._sleep = sleep
        self._writing = asyncio.Lock()

    @property
    def record(self) -> TaskRecord:
        """The current task."""
        record = self._store.cached(self._message_id)
        assert record is not None  # unfinished tasks are in memory
        return record

    @property
    def expected(self) -> Cost | None:
        """The expected cost when it was accepted."""
        return Cost.from_wire((self.record.facts or {}).get("cost"))

    async def change(
        self,
        *,
        cost: Cost | Literal["unchanged"] | None = UNCHANGED,
        paying: tuple[Cost, tuple[Budget, ...]] | None = None,
        **values: Any,
    ) -> TaskRecord:
        """Update fields; retry until they are written.

        Raises:
            Refusal: the amount about to be paid (``paying``) would exceed a budget.
        """
        async with self._writing:
            return await self._insist(cost, values, paying)

    async def note(self, text: Text) -> None:
        """Add a note, once."""
        async with self._writing:
            notes = self.record.notes
            if text not in notes:
                await self._insist(UNCHANGED, {"notes": (*notes, text)})

    async def end(self, status: TaskStatus, cost: Cost | None, **values: Any) -> TaskRecord:
        """End the task without a video; ``cost`` is what was spent anyway."""
        facts = {**(self.record.facts or {}), **values.pop("facts", {})}
        facts["cost"] = cost and cost.to_wire()
        return await self.change(
            cost=cost, status=status, finished_at=self._clock(), facts=facts, **values
        )

    async def _insist(
        self,
        cost: Cost | Literal["unchanged"] | None,
        values: dict[str, Any],
        paying: tuple[Cost, tuple[Budget, ...]] | None = None,
    ) -> TaskRecord:
        while True:
            try:
                return await self._store.change(
                    self._message_id, cost=cost, paying=paying, **values
                )
            except sqlite3.Error:
                logger.exception("Task %s could not be written; it is tried again", self.record.id)
                await self._sleep(PAUSE_S)

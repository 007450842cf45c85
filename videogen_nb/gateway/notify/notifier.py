"""Sends what has to be told, at least once: what is due stands in the database, not here."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from typing import Any, Final

from ...i18n import Text
from ..limits.semaphore import FairSemaphore
from ..storage.store import Store
from ..storage.task_record import TaskRecord
from .webhook import Outcome, Webhooks

#: Seconds until the next try, by how many there were: over about three days, then it is given up.
PAUSES_S: Final = (5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0)
AT_ONCE: Final = 8
AT_ONCE_EACH: Final = 2  # of one person: whose receivers are slow delays nobody else's
_LOOK_S: Final = 30.0  # between looks at what is due, while nothing ends

logger = logging.getLogger(__name__)


class Notifier:
    """Tells of each task that has ended and asked for it, until that arrived or is given up.

    Args:
        touch: called at every try: a gateway that has something to tell is in use.
    """

    def __init__(
        self,
        store: Store,
        webhooks: Webhooks,
        *,
        clock: Callable[[], float],
        touch: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._webhooks = webhooks
        self._clock = clock
        self._touch = touch
        self._news = asyncio.Event()
        self._turns = FairSemaphore(AT_ONCE, AT_ONCE_EACH)
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._looking: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin, with what a former gateway left untold."""
        self._looking = asyncio.create_task(self._look())

    def wake(self) -> None:
        """Look at once: a task has ended."""
        self._news.set()

    async def close(self) -> None:
        """Stop; what is not told yet is told by the next gateway."""
        tasks: list[asyncio.Task[Any]] = [*self._sending.values()]
        tasks += [self._looking] if self._looking is not None else []
        self._looking = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self) -> None:
        while True:
            self._news.clear()
            try:
                pause_s = await self._begin_all()
            except sqlite3.Error:
                logger.exception("What has to be told could not be read; it is tried again")
                pause_s = _LOOK_S
            try:
                async with asyncio.timeout(pause_s):
                    await self._news.wait()
            except TimeoutError:
                pass

    async def _begin_all(self) -> float:
        """Begin to tell what is due; the seconds until something else is."""
        now = self._clock()
        records = await self._store.to_be_told()
        waiting = []
        for record in records:
            if record.message_id in self._sending:
                continue
            if (record.notify_at or 0) > now:
                waiting.append((record.notify_at or 0) - now)
                continue
            task = asyncio.create_task(self._tell(record))
            self._sending[record.message_id] = task
        return min([_LOOK_S, *waiting])

    async def _tell(self, record: TaskRecord) -> None:
        try:
            async with self._turns.holding(record.owner):
                self._touch()
                outcome = await self._webhooks.send(record, self._clock())
            await self._note(record, outcome)
        except Exception:  # the boundary: one that cannot be told must not silence the others
            logger.exception("Task %s could not be told; it is tried again", record.id)
            await asyncio.sleep(PAUSES_S[0])
        finally:
            del self._sending[record.message_id]
            self._news.set()

    async def _note(self, record: TaskRecord, outcome: Outcome) -> None:
        tries = record.notify_tries + 1
        if outcome.arrived:
            await self._store.annotate(record, notify_at=None, notify_tries=tries)
            return
        logger.warning("Webhook of task %s, try %d: %s", record.id, tries, outcome.why)
        if outcome.final or tries > len(PAUSES_S):
            now = self._store.cached(record.message_id) or record
            notes = (*now.notes, _GIVEN_UP(tries=tries, why=outcome.why))
            await self._store.annotate(record, notify_at=None, notify_tries=tries, notes=notes)
            return
        at = self._clock() + PAUSES_S[tries - 1]
        await self._store.annotate(record, notify_at=at, notify_tries=tries)


_GIVEN_UP: Final = Text(
    "The webhook did not arrive after {tries} tries ({why}).",
    "Webhook 尝试 {tries} 次后仍未送达（{why}）。",
)

"""Sending webhooks at least once; pending ones are stored in the database."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from typing import Any, Final

from ...i18n import Text
from ..limits.fair_semaphore import FairSemaphore
from ..storage.database import Database
from ..storage.notifications import BatchEnd, Ended, due, note_batch
from ..storage.store import Store
from .webhook import Outcome, Webhooks, name_of

#: Seconds until the next try, by how many there were: over about three days, then it is given up.
PAUSES_S: Final = (5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0)
AT_ONCE: Final = 8
AT_ONCE_EACH: Final = 2  # of one person: whose receivers are slow delays nobody else's
_LOOK_S: Final = 30.0  # between looks at what is due, while nothing ends

logger = logging.getLogger(__name__)


class Notifier:
    """Sends the webhooks of ended tasks and batches until they are delivered or abandoned.

    Args:
        touch: called at every attempt: a gateway with pending webhooks is in use.
    """

    def __init__(
        self,
        database: Database,
        store: Store,
        webhooks: Webhooks,
        *,
        clock: Callable[[], float],
        touch: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._store = store
        self._webhooks = webhooks
        self._clock = clock
        self._touch = touch
        self._news = asyncio.Event()
        self._turns = FairSemaphore(AT_ONCE, AT_ONCE_EACH)
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._looking: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Start, including webhooks left by a previous gateway."""
        self._looking = asyncio.create_task(self._look())

    def wake(self) -> None:
        """Check immediately: a task has ended."""
        self._news.set()

    async def close(self) -> None:
        """Stop; the next gateway sends pending webhooks."""
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
        """Start sending due webhooks; return the seconds until the next one."""
        now = self._clock()
        records = await self._database.read(due)
        waiting = []
        for record in records:
            if name_of(record) in self._sending:
                continue
            if (record.notify_at or 0) > now:
                waiting.append((record.notify_at or 0) - now)
                continue
            task = asyncio.create_task(self._tell(record))
            self._sending[name_of(record)] = task
        return min([_LOOK_S, *waiting])

    async def _tell(self, record: Ended) -> None:
        try:
            async with self._turns.holding(record.owner):
                self._touch()
                outcome = await self._webhooks.send(record, self._clock())
            await self._note(record, outcome)
        except Exception:  # the boundary: one that cannot be told must not silence the others
            logger.exception("%s could not be told; it is tried again", name_of(record))
            await asyncio.sleep(PAUSES_S[0])
        finally:
            del self._sending[name_of(record)]
            self._news.set()

    async def _note(self, record: Ended, outcome: Outcome) -> None:
        """Store the outcome of an attempt, and the time of the next one."""
        tries = record.notify_tries + 1
        if outcome.arrived:
            await self._keep(record, None, tries)
            return
        logger.warning("Webhook %s, try %d: %s", name_of(record), tries, outcome.why)
        if outcome.final or tries > len(PAUSES_S):
            await self._keep(record, None, tries, _GIVEN_UP(tries=tries, why=outcome.why))
            return
        await self._keep(record, self._clock() + PAUSES_S[tries - 1], tries)

    async def _keep(
        self, record: Ended, at: float | None, tries: int, note: Text | None = None
    ) -> None:
        if isinstance(record, BatchEnd):
            await self._database.write(note_batch, record, at, tries)
            return
        now = self._store.cached(record.message_id) or record
        notes = {} if note is None else {"notes": (*now.notes, note)}
        await self._store.annotate(record, notify_at=at, notify_tries=tries, **notes)


_GIVEN_UP: Final = Text(
    "The webhook could not be delivered after {tries} attempts ({why}).",
    "Webhook 尝试 {tries} 次后仍未送达（{why}）。",
)

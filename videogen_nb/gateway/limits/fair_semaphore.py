"""A semaphore that is fair between people."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..refusals import Refusal

_Waiter = tuple[int, asyncio.Future[None]]


class FairSemaphore:
    """Limits a resource to ``total``, of which one person can hold at most ``each``.

    Waiting people take turns, however many requests each of them has. Nobody overtakes the person
    whose turn it is, so large requests do not starve.

    Args:
        total: the total amount.
        each: the maximum per person; others always have ``total - each``.
        most_waiting: the maximum number of one person's waiting requests; None = unlimited.
        wait_s: the maximum waiting time; None = unlimited.
    """

    def __init__(
        self,
        total: int,
        each: int,
        *,
        most_waiting: int | None = None,
        wait_s: float | None = None,
    ) -> None:
        self._total = total
        self._each = each
        self._most_waiting = most_waiting
        self._wait_s = wait_s
        self._held: Counter[str] = Counter()
        self._waiting: dict[str, deque[_Waiter]] = {}
        self._turns: dict[
            str, None
        ] = {}  # who holds or waits; whose last turn is longest ago first

    @property
    def held(self) -> int:
        """The amount currently held by everyone."""
        return self._held.total()

    def waiting(self, owner: str) -> int:
        """Return the number of a person's waiting requests."""
        return len(self._waiting.get(owner, ()))

    @asynccontextmanager
    async def holding(self, owner: str, amount: int = 1) -> AsyncIterator[None]:
        """Hold an amount for the duration of the block.

        Raises:
            Refusal: too many requests of this person are waiting, or this one waited too long.
        """
        await self.acquire(owner, amount)
        try:
            yield
        finally:
            self.release(owner, amount)

    async def acquire(self, owner: str, amount: int = 1) -> None:
        """Hold an amount until :meth:`release`. Raises like :meth:`holding`."""
        if amount > self._each:
            raise ValueError(f"{amount} is more than the {self._each} that one person may hold")
        if self._most_waiting is not None and self.waiting(owner) >= self._most_waiting:
            raise _too_much()
        waiter = (amount, asyncio.get_running_loop().create_future())
        self._waiting.setdefault(owner, deque()).append(waiter)
        self._turns.setdefault(owner)
        self._serve()
        try:
            async with asyncio.timeout(self._wait_s):
                await waiter[1]
        except BaseException as error:
            self._give_up(owner, waiter)
            if isinstance(error, TimeoutError):
                raise _too_much() from None
            raise

    def release(self, owner: str, amount: int = 1) -> None:
        """Release an amount."""
        self._held[owner] -= amount
        self._to_the_end(owner)
        self._forget(owner)
        self._serve()

    def _serve(self) -> None:
        while (owner := self._next()) is not None:
            amount, future = self._waiting[owner].popleft()
            self._held[owner] += amount
            self._to_the_end(owner)
            future.set_result(None)

    def _next(self) -> str | None:
        """Return the next person, if enough is left for them."""
        for owner in self._turns:
            line = self._waiting.get(owner)
            if line and self._held[owner] + line[0][0] <= self._each:
                return owner if self.held + line[0][0] <= self._total else None
        return None

    def _give_up(self, owner: str, waiter: _Waiter) -> None:
        amount, future = waiter
        if future.done() and not future.cancelled():
            self.release(owner, amount)  # it was served, and is gone
            return
        self._waiting[owner].remove(waiter)
        self._forget(owner)
        self._serve()

    def _to_the_end(self, owner: str) -> None:
        self._turns.pop(owner, None)
        self._turns[owner] = None  # it is the others' turn first

    def _forget(self, owner: str) -> None:
        if not self._waiting.get(owner) and not self._held[owner]:
            self._waiting.pop(owner, None)
            self._turns.pop(owner, None)
            del self._held[owner]


def _too_much() -> Refusal:
    return Refusal("too_much_at_once", retry_after_s=2)

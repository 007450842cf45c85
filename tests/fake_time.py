"""Time that passes only while everybody sleeps."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
_TURNS = 20  # so often the others get their turn before time moves on


class FakeTime:
    """A clock and the sleep that moves it. Several may sleep: the one due first wakes first."""

    def __init__(self) -> None:
        self.passed_s = 0.0
        self.slept: list[float] = []
        self._due: list[tuple[float, int]] = []
        self._order = itertools.count()

    def clock(self) -> float:
        """Monotonic."""
        return self.passed_s

    def wall(self) -> float:
        """Seconds since 1970."""
        return START.timestamp() + self.passed_s

    def now(self) -> datetime:
        """Aware."""
        return START + timedelta(seconds=self.passed_s)

    async def sleep(self, seconds: float) -> None:
        """Let others run; then it is later."""
        self.slept.append(seconds)
        mine = (self.passed_s + max(0.0, seconds), next(self._order))
        heapq.heappush(self._due, mine)
        try:
            while True:
                for _ in range(_TURNS):
                    await asyncio.sleep(0)
                if self._due[0] == mine:
                    break
        finally:
            self._due.remove(mine)
            heapq.heapify(self._due)
        self.passed_s = max(self.passed_s, mine[0])

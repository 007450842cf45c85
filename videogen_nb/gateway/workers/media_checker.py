"""Worker processes that check uploaded and downloaded media, fairly between people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from ..limits.fair_semaphore import FairSemaphore
from .messages import Request
from .process import WorkerDied, WorkerProcess, WorkerSilent, WorkFailed

IDLE_S: Final = 60.0  # the process ends after so long without work


class MediaChecker:
    """A pool of checking processes; each person uses one at a time.

    So someone whose files take long to check does not delay others, who get the next process or
    turn.
    """

    def __init__(self, processes: int) -> None:
        self._turns = FairSemaphore(processes, each=1)
        self._processes = [CheckingProcess() for _ in range(processes)]
        self._free = list(self._processes)

    @asynccontextmanager
    async def turn(self, owner: str) -> AsyncIterator[CheckingProcess]:
        """Yield a process when it is this person's turn.

        Prefer the one that they used before, since starting another takes time.
        """
        async with self._turns.holding(owner):
            process = min(self._free, key=lambda one: (one.owner != owner, one.owner is not None))
            self._free.remove(process)
            process.owner = owner
            try:
                yield process
            finally:
                self._free.append(process)

    async def close(self) -> None:
        """Stop the processes."""
        for process in self._processes:
            await process.close()


class CheckingProcess:
    """Starts its process on demand and stops it when idle.

    ``owner`` is its current or last user.
    """

    def __init__(self) -> None:
        self.owner: str | None = None
        self._process = WorkerProcess()
        self._turn = asyncio.Lock()
        self._rest: asyncio.TimerHandle | None = None
        self._resting: asyncio.Task[None] | None = None

    async def ask(self, request: Request, *, silence_s: float) -> dict[str, Any]:
        """Execute a request in turn; retry once if the process dies.

        Raises like :meth:`WorkerProcess.ask`.
        """
        async with self._turn:
            if self._rest is not None:
                self._rest.cancel()
            try:
                return await self._ask_twice(request, silence_s)
            finally:
                self._rest = asyncio.get_running_loop().call_later(IDLE_S, self._go_to_rest)

    async def _ask_twice(self, request: Request, silence_s: float) -> dict[str, Any]:
        try:
            return await self._process.ask(request, silence_s=silence_s)
        except WorkerSilent:
            raise
        except WorkerDied:
            pass  # of memory, most often: nothing is known against what it looked at
        except WorkFailed as failed:
            if failed.code != "out_of_memory":
                raise
            await self._process.kill()  # what it looked at before may have left too little
        return await self._process.ask(request, silence_s=silence_s)

    async def close(self) -> None:
        """End the process."""
        if self._rest is not None:
            self._rest.cancel()
        await self._process.kill()

    def _go_to_rest(self) -> None:
        self._resting = asyncio.create_task(self._end_if_idle())

    async def _end_if_idle(self) -> None:
        async with self._turn:
            await self._process.kill()

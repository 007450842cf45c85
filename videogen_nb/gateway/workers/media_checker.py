"""A worker process that looks at what came from elsewhere, one thing at a time, and rests."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from .messages import Request
from .process import WorkerProcess

IDLE_S: Final = 60.0  # the process ends after so long without work


class CheckingProcess:
    """Starts its process when it is needed and ends it when it is not."""

    def __init__(self) -> None:
        self._process = WorkerProcess()
        self._turn = asyncio.Lock()
        self._rest: asyncio.TimerHandle | None = None
        self._resting: asyncio.Task[None] | None = None

    async def ask(self, request: Request, *, silence_s: float) -> dict[str, Any]:
        """Have a request carried out when it is its turn. Raises as :meth:`WorkerProcess.ask`."""
        async with self._turn:
            if self._rest is not None:
                self._rest.cancel()
            try:
                return await self._process.ask(request, silence_s=silence_s)
            finally:
                self._rest = asyncio.get_running_loop().call_later(IDLE_S, self._go_to_rest)

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

"""``BatchRun``: a batch that runs on the private event loop and can be used from anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ..client.batch import Batch, Estimate
from ..i18n import Text
from ..protocol.batches import Which
from .call import Call, iterate
from .display import Displayed

if TYPE_CHECKING:
    from ..protocol.models import VideoTask

T = TypeVar("T")

_ADMITTING = Text("<Batch: being created>", "<Batch：正在提交>")


class _Connection(Protocol):
    def submit(self, coroutine: Coroutine[Any, Any, T], /) -> Call[T]: ...


class BatchRun(Displayed):
    """A running batch: its videos are generated and saved even while nobody waits.

    ``await run`` or ``run.result()`` waits until every row has ended and returns the run. Stopping
    the wait does not stop anything on the gateway; :meth:`cancel` does. As a cell's last line, it
    shows its :attr:`panel`.

    Args:
        panel: name of the panel that shows it.
    """

    def __init__(
        self,
        connection: _Connection,
        begin: Callable[[], Coroutine[Any, Any, Batch]],
        panel: str = "BatchPanel",
    ) -> None:
        self.connection = connection
        self._submit = connection.submit
        self.shown_by = panel
        self._admitted = self._submit(begin())
        self._done = self._submit(self._go())

    def __await__(self) -> Generator[Any, None, BatchRun]:
        yield from self._done.shielded().__await__()
        return self

    def __len__(self) -> int:
        return len(self.batch)

    def __repr__(self) -> str:
        ready = self._admitted.done() and self._admitted.exception() is None
        return repr(self.batch) if ready else str(_ADMITTING)

    @property
    def batch(self) -> Batch:
        """The batch itself, once the gateway has accepted it. It belongs to the private loop.

        Raises:
            BadRows, BadParameter, GatewayError: it was not accepted.
        """
        return self._admitted.result()

    async def admitted(self) -> Batch:
        """Return the batch once it is accepted, for code that runs on the private loop."""
        return await self._admitted

    def _make_panel(self, kind: Any) -> Any:
        return kind(self, self.connection)

    @property
    def name(self) -> str:
        """The batch's name."""
        return self.batch.name

    def result(self, timeout: float | None = None) -> BatchRun:
        """Block until every row has ended and its video is saved.

        Raises:
            TimeoutError: not finished within ``timeout`` seconds; the batch continues.
            BadRows, BadParameter, GatewayError: the batch was not accepted.
            WaitTimeout: nothing changed for 20 minutes; the tasks continue.
        """
        waiting = self._done.shielded()
        try:
            waiting.result(timeout)
        finally:
            waiting.cancel()  # where it was given up
        return self

    def done(self) -> bool:
        """Return whether every row, or the wait itself, has ended."""
        return self._done.done()

    def estimate(self) -> Estimate:
        """The estimate made when the table was accepted: number, time and cost of its new rows."""
        return self.batch.estimate()

    def watch(self) -> Iterator[VideoTask]:
        """Yield each row's task immediately and at every change, until all have ended."""
        return iterate(self.batch.watch())

    def records(self) -> list[dict[str, Any]]:
        """Return a dictionary per row, in the table's order, with its current state."""
        return self._submit(self._now()).result().records()

    def frame(self) -> Any:
        """Return the records as a data frame of the table's library, else pandas or polars.

        Columns: the table's own, then ``task``, ``status``, ``path``, ``cost``, ``currency``,
        ``error``.
        """
        return self._submit(self._now()).result().frame()

    def again(self, which: Which = "failed") -> Call[int]:
        """Retry the rows that ended without a video; return how many.

        Args:
            which: ``"failed"``, ``"cancelled"``, or ``"unknown"`` (those that a provider may have
                generated and charged for).
        """
        before = self._done
        call = self._submit(self._again(which))
        self._done = self._submit(self._after(before, call))
        return call

    def cancel(self) -> Call[int]:
        """Cancel all rows that have not ended; return how many were cancelled."""
        return self._submit(self._cancel())

    async def _go(self) -> None:
        await (await self._admitted)

    async def _now(self) -> Batch:
        batch = await self._admitted
        if batch.unfinished:
            await batch.refresh()
        return batch

    async def _again(self, which: Which) -> int:
        return await (await self._admitted).again(which)

    async def _cancel(self) -> int:
        return await (await self._admitted).cancel()

    async def _after(self, before: Call[None], call: Call[int]) -> None:
        """Wait for the retried rows as well, then save what has been completed."""
        await call
        await asyncio.gather(asyncio.wrap_future(before), return_exceptions=True)
        await self._go()

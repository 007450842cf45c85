"""``BatchRun``: a batch on the private loop, at work at once and usable from anywhere."""

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
    """A table under way: its videos are made and saved while nobody waits.

    ``await run`` or ``run.result()`` waits until every row has ended and gives the run. To end
    the waiting ends nothing on the gateway; :meth:`cancel` does. As a cell's last line it shows
    its :attr:`panel`.

    Args:
        panel: the name of the panel that shows it.
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
        """The batch itself, once it is admitted. It belongs to the private loop.

        Raises:
            BadRows, BadParameter, GatewayError: it was not.
        """
        return self._admitted.result()

    async def admitted(self) -> Batch:
        """The batch, as soon as it is admitted: for what runs on the private loop itself."""
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
            TimeoutError: not within ``timeout`` seconds; it goes on.
            BadRows, BadParameter, GatewayError: it was not admitted, and why.
            WaitTimeout: nothing has changed for 20 minutes; the tasks go on.
        """
        waiting = self._done.shielded()
        try:
            waiting.result(timeout)
        finally:
            waiting.cancel()  # where it was given up
        return self

    def done(self) -> bool:
        """Whether every row has ended, or the waiting has."""
        return self._done.done()

    def estimate(self) -> Estimate:
        """How many rows were new when the table was admitted, how long they take, their cost."""
        return self.batch.estimate()

    def watch(self) -> Iterator[VideoTask]:
        """Each row's task at once, and at every change, until all have ended: in this thread."""
        return iterate(self.batch.watch())

    def records(self) -> list[dict[str, Any]]:
        """A dictionary a row, in the table's order, as it stands now."""
        return self._submit(self._now()).result().records()

    def frame(self) -> Any:
        """The same as a frame of the table's own library, else of pandas or polars.

        Columns: the table's own, then ``task``, ``status``, ``path``, ``cost``, ``currency``,
        ``error``.
        """
        return self._submit(self._now()).result().frame()

    def again(self, which: Which = "failed") -> Call[int]:
        """Try the rows anew that ended without a video; how many these are.

        Args:
            which: ``"failed"``, ``"cancelled"``, or ``"unknown"``: those that an upstream may have
                made and charged for.
        """
        before = self._done
        call = self._submit(self._again(which))
        self._done = self._submit(self._after(before, call))
        return call

    def cancel(self) -> Call[int]:
        """Stop all rows that have not ended; how many were stopped."""
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
        """Go on until the rows that were tried anew have ended, too."""
        await call
        await asyncio.gather(asyncio.wrap_future(before), return_exceptions=True)
        await self._go()

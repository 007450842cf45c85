"""Places in the queue, held while tasks are stored: parallel requests cannot pass a limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .quotas import Quotas


class QueuePlaces:
    """Counts the tasks that are being stored as well as those already stored.

    Args:
        waiting: returns how many tasks wait, of everyone.
        unfinished: returns how many tasks of an owner, or of everyone (None), have not ended.
    """

    def __init__(
        self,
        quotas: Quotas,
        *,
        waiting: Callable[[], int],
        unfinished: Callable[[str | None], int],
    ) -> None:
        self._quotas = quotas
        self._waiting = waiting
        self._unfinished = unfinished
        self._held: Counter[str] = Counter()  # by owner

    async def check(self, owner: str, count: int = 1) -> None:
        """Check whether ``count`` more tasks fit, including on the disk. Raises Refusal."""
        self._check_queue(owner, count)
        await self._quotas.check_disk()

    @contextmanager
    def hold(self, owner: str, count: int = 1) -> Iterator[None]:
        """Hold places for tasks while they are stored. Raises Refusal if there are too few."""
        if count:
            self._check_queue(owner, count)
        self._held[owner] += count
        try:
            yield
        finally:
            self._held[owner] -= count
            self._held += Counter()  # forgets who has none

    def _check_queue(self, owner: str, count: int) -> None:
        held = self._held.total()
        self._quotas.check_tasks(
            owner,
            waiting=self._waiting() + held,
            unfinished=self._unfinished(owner) + self._held[owner],
            everybody=self._unfinished(None) + held,
            more=count,
        )

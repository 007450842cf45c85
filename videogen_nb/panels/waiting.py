"""Waiting in a cell for a panel's task: an interrupt stops only the waiting."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable
from typing import Any

from ..blocking.interrupts import stopped_waiting
from .gateway_link import Link


class Waiting:
    """Explains in one sentence, after an interrupt, that the task continues.

    Args:
        task_id: returns the task's id, or None if it is not known yet.
    """

    def __init__(self, link: Link, task_id: Callable[[], str | None]) -> None:
        self._link, self._task_id = link, task_id

    def tick(self) -> None:
        """Draw nothing: the panel shows the progress."""

    def end(self, _future: concurrent.futures.Future[Any]) -> None:
        """Draw nothing."""

    def stopped(self, error: BaseException) -> None:
        """Show the sentence instead of a traceback."""
        task_id = self._task_id()
        stopped_waiting(error, self._link.code_for(task_id) if task_id else None)

"""Waiting in a cell for what a panel watches: an interrupt ends the waiting and nothing else."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable
from typing import Any

from ..blocking.interrupts import stopped_waiting
from .gateway_link import Link


class Waiting:
    """Tells in one sentence, where it was interrupted, that the task continues.

    Args:
        task_id: gives the task's id; None = it is not known yet.
    """

    def __init__(self, link: Link, task_id: Callable[[], str | None]) -> None:
        self._link, self._task_id = link, task_id

    def tick(self) -> None:
        """Draw nothing: the panel shows how far the task is."""

    def end(self, _future: concurrent.futures.Future[Any]) -> None:
        """Draw nothing."""

    def stopped(self, error: BaseException) -> None:
        """Put the sentence in the traceback's place."""
        task_id = self._task_id()
        stopped_waiting(error, self._link.code_for(task_id) if task_id else None)

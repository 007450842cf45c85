"""Callbacks from the private loop, delivered to the loop or thread that registered them."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ..client.callbacks import safely


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop running in this thread, or None."""
    with suppress(RuntimeError):
        return asyncio.get_running_loop()
    return None


class Callback:
    """A function called once, on the loop that was running where it was registered."""

    def __init__(self, function: Callable[[Any], object]) -> None:
        self._function: Callable[[Any], object] | None = function
        self._loop = running_loop()

    def drop(self, function: Callable[[Any], object]) -> bool:
        """Unregister the function if it is this one."""
        mine = self._function == function
        if mine:
            self._function = None
        return mine

    def __call__(self, future: Any) -> None:
        if self._loop is None:
            self._call(future)
            return
        with suppress(RuntimeError):  # that loop has been closed: nobody is left to be told
            self._loop.call_soon_threadsafe(self._call, future)

    def _call(self, future: Any) -> None:
        if self._function is not None:
            self._function(future)


class Inbox:
    """Queued calls, such as ``on_change``, for the code that started the work.

    They are made by the loop running there, or else by the thread while it waits. Exceptions in
    callbacks are logged and do not stop the work.
    """

    def __init__(self) -> None:
        self._loop = running_loop()
        self._waiting: queue.SimpleQueue[tuple[Callable[..., object], tuple[Any, ...]]] = (
            queue.SimpleQueue()
        )
        self._delivering = threading.Lock()

    def taking(self, function: Callable[..., object]) -> Callable[..., None]:
        """Wrap a function so that its calls are made here, not where the work runs."""

        def put(*values: Any) -> None:
            if self._loop is None:
                self._waiting.put((function, values))
                return
            with suppress(RuntimeError):  # that loop has been closed: nobody is left to be told
                self._loop.call_soon_threadsafe(_called, function, values)

        return put

    def deliver(self) -> None:
        """Make the queued calls, in order, in this thread."""
        with self._delivering, suppress(queue.Empty):
            while True:
                _called(*self._waiting.get_nowait())


def _called(function: Callable[..., object], values: tuple[Any, ...]) -> None:
    safely(function)(*values)

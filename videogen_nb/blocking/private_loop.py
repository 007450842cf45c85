"""The process's own event loop: on a thread, or driven by whoever waits where no thread can start.

Python ends in steps. Once the main thread is done, thread pools take no more work, and Python 3.12
starts no more threads; other threads and ``atexit`` still run, and may ask for videos. In a forked
child the thread does not exist, and everything begins anew.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_END_S = 2.0
_GLANCE_S = 0.01

if sys.platform == "win32":
    _BaseLoop = asyncio.ProactorEventLoop
else:
    _BaseLoop = asyncio.SelectorEventLoop


class _Loop(_BaseLoop):
    """Does blocking work itself (file access, name resolution) where no thread takes it."""

    def run_in_executor(
        self, executor: concurrent.futures.Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """As asyncio does, until Python is ending; then here, before this returns."""
        try:
            return super().run_in_executor(executor, func, *args)
        except RuntimeError:
            if self.is_closed():
                raise
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - handed on, as a thread would
            done.set_exception(error)
        return done


class PrivateLoop:
    """The loop and its thread; one a process, started on first use.

    ``generation`` counts the loops of this process and of those it was forked from: what belongs
    to an earlier one is of no use any more.
    """

    def __init__(self) -> None:
        self.generation = 0
        self._inherited: list[object] = []
        self._begin()

    def _begin(self) -> None:
        self.thread: threading.Thread | None = None
        self._loop: _Loop | None = None
        self._starting = threading.Lock()
        self._driving = threading.Lock()

    def forget(self) -> None:
        """Start from nothing, in a forked child.

        The parent's loop is kept as it is: its coroutines, let go, would clean up after work that
        goes on in the parent.
        """
        self._inherited.append((self.thread, self._loop))
        self.generation += 1
        self._begin()

    def loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop, running or about to be driven."""
        with self._starting:
            if self._loop is None or self._loop.is_closed():
                self.generation += self._loop is not None
                self._loop = _Loop()
                self.thread = _start(self._loop)
            return self._loop

    @property
    def driven(self) -> bool:
        """Whether there is no thread, so that the loop runs only while somebody waits."""
        return self._loop is not None and self.thread is None

    def wait(self, future: concurrent.futures.Future[Any], timeout_s: float) -> bool:
        """Return whether the future is done, within ``timeout_s``."""
        if not self.driven:
            concurrent.futures.wait([future], timeout=timeout_s)
        elif self._driving.acquire(timeout=timeout_s):
            try:
                self.loop().run_until_complete(_done(future, timeout_s))
            finally:
                self._driving.release()
        return future.done()

    def stop(self) -> None:
        """Cancel what runs and end the thread, so that nothing is torn down half-way."""
        thread, loop = self.thread, self._loop
        if loop is None or loop.is_closed():
            return
        if thread is None:
            _finish(loop)
        elif thread.is_alive():
            loop.call_soon_threadsafe(loop.stop)
            thread.join(_END_S)
        self.generation += 1
        self._begin()


def _start(loop: _Loop) -> threading.Thread | None:
    thread = threading.Thread(target=_run, args=(loop,), name="videogen-nb loop", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # Python is ending
        return None
    return thread


def _run(loop: _Loop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        _finish(loop)


def _finish(loop: _Loop) -> None:
    loop.run_until_complete(_cancel_all())
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


async def _cancel_all() -> None:
    running = asyncio.all_tasks() - {asyncio.current_task()}
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _done(future: concurrent.futures.Future[Any], within_s: float) -> None:
    end = time.monotonic() + within_s
    while not future.done() and time.monotonic() < end:  # noqa: ASYNC110 - nobody else could tell
        await asyncio.sleep(_GLANCE_S)

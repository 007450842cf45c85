"""The process's private event loop: on its own thread or, if none can start, the waiting one.

Python shuts down in steps. Once the main thread is done, thread pools accept no more work, and
Python 3.12 starts no more threads; other threads and ``atexit`` handlers still run and may request
videos. In a forked child, the thread does not exist, and a new loop is created.
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
    """A loop that does blocking work (files, name resolution) itself if no thread accepts it."""

    def run_in_executor(
        self, executor: concurrent.futures.Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Like asyncio's, but runs the work here while Python is shutting down."""
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
    """The loop and its thread; one per process, started on first use.

    ``generation`` counts the loops of this process and of those it was forked from: objects of
    earlier loops can no longer be used.
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
        """Start over, in a forked child.

        The parent's loop is kept alive: otherwise its coroutines would clean up after work that
        continues in the parent.
        """
        self._inherited.append((self.thread, self._loop))
        self.generation += 1
        self._begin()

    def loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop, running or about to be run by a waiting thread."""
        with self._starting:
            if self._loop is None or self._loop.is_closed():
                self.generation += self._loop is not None
                self._loop = _Loop()
                self.thread = _start(self._loop)
            return self._loop

    @property
    def driven(self) -> bool:
        """Whether there is no thread, so that the loop runs only while someone waits."""
        return self._loop is not None and self.thread is None

    def wait(self, future: concurrent.futures.Future[Any], timeout_s: float) -> bool:
        """Wait for up to ``timeout_s`` and return whether the future is done."""
        if not self.driven:
            concurrent.futures.wait([future], timeout=timeout_s)
        elif self._driving.acquire(timeout=timeout_s):
            try:
                self.loop().run_until_complete(_done(future, timeout_s))
            finally:
                self._driving.release()
        return future.done()

    def stop(self) -> None:
        """Cancel running work and stop the thread, so that nothing is torn down halfway."""
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

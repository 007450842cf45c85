"""Handles for work on the process's private event loop.

The kernel's own loop is neither blocked nor patched: all waiting happens on the private loop.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import os
import sys
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator, Iterator
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from ..errors import VideogenError
from ..i18n import Text
from .callbacks import Callback, Inbox
from .private_loop import PrivateLoop

T = TypeVar("T")

_DELIVERY_S = 0.05  # between deliveries of callbacks to a thread that waits
_SLICE_S = 0.25  # an endless wait would not hear of Ctrl-C: on Windows, or in a loop that sleeps

_ON_THE_LOOP = Text(
    "Deadlock avoided: .result() was called on the event loop that has to do the work. Use "
    "await instead.",
    "已避免死锁：在负责执行该调用的事件循环中调用了 .result()。请改用 await。",
)
_ENDING = Text(
    "Python is shutting down and cannot start new threads, so this cannot be awaited. Call "
    "the blocking functions outside any event loop instead.",
    "Python 正在退出，无法再启动线程，因此不能 await。请在事件循环之外调用阻塞函数。",
)
_OF_THE_PARENT = Text(
    "This call was started before the process was forked and continues in the parent. "
    "Start a new one in this process.",
    "该调用在进程 fork 之前启动，由父进程继续执行。请在当前进程中重新发起。",
)
_UNDERWAY = Text(
    "<Call in progress: `await` it, or call `.result()` to block>",
    "<Call 进行中：用 `await` 等待，或用 `.result()` 阻塞等待>",
)
_ENDED = Text(
    "<Call finished: `await` it or call `.result()` to get the result>",
    "<Call 已结束：用 `await` 或 `.result()` 取得结果>",
)
_NOT_YET = Text(
    "A call has no attribute {name!r}, but its result may have: `await` it first, or call "
    "`.result()`.",
    "Call 没有属性 {name!r}，但它的结果可能有：请先 `await`，或用 `.result()` 取得结果。",
)
_FAILED = Text("<Call failed: {why}>", "<Call 失败：{why}>")


class Watched(Protocol):
    """Shows the progress of a call, on the thread that waits for it."""

    def tick(self) -> None:
        """Called between slices of waiting."""
        ...

    def end(self, future: concurrent.futures.Future[Any]) -> None:
        """Called when the waiting is over."""
        ...

    def stopped(self, error: BaseException) -> None:
        """Called when the waiting was interrupted, with the error."""
        ...


class Call(concurrent.futures.Future[T]):
    """Work in progress on the private loop: a future that is also awaitable from any loop.

    ``concurrent.futures`` and ``asyncio`` accept it: ``wait``, ``as_completed``, ``gather``,
    ``TaskGroup.create_task``, ``asyncio.run``. Stopping the wait with :meth:`cancel`, with Ctrl-C
    or by cancelling the awaiting task does not cancel anything on a gateway.
    """

    def __init__(
        self,
        coroutine: Coroutine[Any, Any, T],
        watched: Watched | None = None,
        inbox: Inbox | None = None,
    ) -> None:
        super().__init__()
        loop = _private.loop()
        self._generation = _private.generation
        self._callbacks: list[Callback] = []
        self._to_tell = threading.Lock()
        self._watched, self._inbox = watched, inbox
        self._inner = asyncio.run_coroutine_threadsafe(coroutine, loop)
        self._inner.add_done_callback(self._end)

    @property  # type: ignore[misc]  # what isinstance() asks
    def __class__(self) -> Any:
        """The class, or that of a coroutine when asyncio checks for one.

        ``create_task`` accepts only coroutines, ``asyncio.wait`` anything but coroutines, and both
        ask ``asyncio.iscoroutine``. So a call counts as a coroutine unless ``asyncio.wait`` asks.
        """
        kind = type(self)
        if kind is not _Taken and _asked_by_asyncio():
            object.__dict__["__class__"].__set__(self, _Taken)
            return _Taken
        return kind

    def __await__(self) -> Generator[Any, None, T]:
        return self._awaited().__await__()

    async def _awaited(self) -> T:
        """Await the future in slices: a kernel whose loop sleeps would not notice Ctrl-C."""
        self._check_process()
        if _private.driven:
            raise VideogenError(_ENDING, code="ending")
        future = asyncio.wrap_future(self)
        try:
            while not future.done():
                await asyncio.wait([future], timeout=_SLICE_S)
                self._tick()
            return future.result()
        except asyncio.CancelledError as error:
            self._stopped(error)
            raise
        finally:
            future.cancel()  # the waiting was ended from outside
            self._over()

    def result(self, timeout: float | None = None) -> T:
        """Block until the result is available, calling callbacks such as ``on_change`` meanwhile.

        Raises:
            TimeoutError: not finished within ``timeout`` seconds; the work continues.
            VideogenError: the call was started before this process was forked.
            KeyboardInterrupt: the wait was interrupted; the call is cancelled.
        """
        try:
            self._wait(timeout)
            return super().result(timeout=0)
        finally:
            self._over()

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Block until the end and return the exception, or None. Raises like :meth:`result`."""
        self._wait(timeout)
        return super().exception(timeout=0)

    def __repr__(self) -> str:
        """Say how to get the result, for people who forgot to wait."""
        if not self.done():
            return str(_UNDERWAY)
        if self.cancelled() or (error := self.exception()) is None:
            return str(_ENDED)
        return str(_FAILED(why=error))

    if TYPE_CHECKING:  # what asyncio finds when it asks for a coroutine: see _Taken

        def send(self, value: Any, /) -> Any: ...
        def throw(self, *error: Any) -> Any: ...
        def close(self) -> None: ...

    else:  # a type checker has to see that a call is not yet its result

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(str(_NOT_YET(name=name)), name=name, obj=self)

    def cancel(self) -> bool:
        """Stop waiting; work on a gateway continues. Return False if the call had already ended."""
        if not super().cancel():
            return False
        if self._to_tell.acquire(blocking=False):  # once, however often it is cancelled
            self.set_running_or_notify_cancel()
        self._inner.cancel()
        return True

    def shielded(self, watched: Watched | None = None) -> Call[T]:
        """Return a call that ends with this one; cancelling it does not cancel this one.

        Raises:
            VideogenError: this call was started before this process was forked.
        """
        self._check_process()
        return Call(_ended(self), watched)

    def add_done_callback(self, callback: Callable[[Any], object]) -> None:
        """Call ``callback(call)`` when this call has ended, on the loop running here, if any.

        Without a running loop, it is called on the private thread, or immediately if the call has
        ended.
        """
        entry = Callback(callback)
        self._callbacks.append(entry)
        super().add_done_callback(entry)

    def remove_done_callback(self, callback: Callable[[Any], object]) -> int:
        """Remove a callback; return how often it had been added."""
        taken = [entry for entry in self._callbacks if entry.drop(callback)]
        self._callbacks = [entry for entry in self._callbacks if entry not in taken]
        return len(taken)

    def _end(self, inner: concurrent.futures.Future[T]) -> None:
        """Take over the outcome, unless the call was already cancelled."""
        with suppress(concurrent.futures.InvalidStateError):
            if inner.cancelled():
                self.cancel()
            elif (error := inner.exception()) is not None:
                self.set_exception(error)
            else:
                self.set_result(inner.result())

    def _check_process(self) -> None:
        """Refuse to wait in a forked child for a call of the parent: it would never end."""
        if not self.done() and self._generation != _private.generation:
            raise VideogenError(_OF_THE_PARENT, code="forked")

    def _wait(
        self, timeout: float | None, until: concurrent.futures.Future[Any] | None = None
    ) -> None:
        """Wait until the call has ended (or ``future`` is done), or the time is up."""
        if self.done():
            return self._deliver()
        if threading.current_thread() is _private.thread:
            raise RuntimeError(str(_ON_THE_LOOP))
        self._check_process()
        try:
            left_s = float("inf") if timeout is None else timeout
            done = False
            while not done and left_s > 0:
                done = _private.wait(until or self, min(left_s, self._slice_s))
                left_s -= self._slice_s
                self._tick()
                self._deliver()
        except KeyboardInterrupt as error:
            self._stopped(error)
            self.cancel()
            raise

    def _tick(self) -> None:
        if self._watched is not None and not self.done():
            self._watched.tick()

    def _over(self) -> None:
        if self._watched is not None:
            self._watched.end(self._inner)

    def _stopped(self, error: BaseException) -> None:
        if self._watched is not None:
            self._watched.stopped(error)

    @property
    def _slice_s(self) -> float:
        return _SLICE_S if self._inbox is None else _DELIVERY_S

    def _deliver(self) -> None:
        if self._inbox is not None:
            self._inbox.deliver()


class _Taken(Call[T]):
    """A call that asyncio runs as the coroutine of a task."""

    def send(self, value: Any) -> Any:
        """Resume."""
        return self._steps.send(value)

    def throw(self, *error: Any) -> Any:
        """Resume with an error, such as a cancellation."""
        return self._steps.throw(*error)

    def close(self) -> None:
        """Close the coroutine."""
        self._steps.close()

    @cached_property
    def _steps(self) -> Coroutine[Any, Any, T]:
        return self._awaited()


async def _ended(call: Call[T]) -> T:
    future = asyncio.wrap_future(call)
    future.add_done_callback(_look)  # nobody else does, if the waiting was ended before
    return await asyncio.shield(future)


def _look(future: asyncio.Future[Any]) -> None:
    """Retrieve the exception, so that asyncio does not report it as never retrieved."""
    if not future.cancelled():
        future.exception()


def _asked_by_asyncio() -> bool:
    """Return whether ``asyncio.iscoroutine`` is asking, but not on behalf of ``asyncio.wait``."""
    frame = sys._getframe(2)  # of whoever asked for ``__class__``
    if frame.f_code is not asyncio.iscoroutine.__code__:
        return False
    for _ in range(2):  # it asks in a generator
        frame = frame.f_back  # type: ignore[assignment]  # the check below
        if frame is None or frame.f_code is asyncio.wait.__code__:
            return frame is None
    return True


_private = PrivateLoop()
atexit.register(_private.stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_private.forget)


def generation() -> int:
    """Return the number of the current private loop: clients of earlier loops must be recreated."""
    return _private.generation


def submit(coroutine: Coroutine[Any, Any, T], watched: Watched | None = None) -> Call[T]:
    """Start a coroutine on the private loop from any thread; return immediately.

    ``watched`` shows progress to whoever waits for it.
    """
    return Call(coroutine, watched)


class _Source(Generic[T]):
    """An async iterator on the private loop, consumed from elsewhere."""

    def __init__(self, items: AsyncIterator[T]) -> None:
        self._items = items
        self._generation = _private.generation
        self._turn = asyncio.Lock()
        self._step: asyncio.Task[Any] | None = None

    async def next(self) -> list[T]:
        """Return the next item in a list, or an empty list at the end."""
        async with self._turn:
            self._step = asyncio.current_task()
            try:
                return [await anext(self._items)]
            except StopAsyncIteration:
                return []
            finally:
                self._step = None

    async def close(self) -> None:
        """Cancel the pending step, let it clean up, then close the iterator."""
        if self._generation != _private.generation:
            return  # it is that of the parent, which goes on
        if self._step is not None and not self._step.cancelling():
            self._step.cancel()
        async with self._turn:
            if (close := getattr(self._items, "aclose", None)) is not None:
                await close()


def iterate(items: AsyncIterator[T], watched: Watched | None = None) -> Iterator[T]:
    """Iterate in this thread over an async iterator that runs on the private loop.

    ``watched`` shows progress while waiting for an item.
    """
    source = _Source(items)
    try:
        while found := submit(source.next(), watched).result():
            yield found[0]
    finally:
        submit(source.close()).result()


async def iterate_async(items: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    """Like :func:`iterate`, on the caller's own loop."""
    source = _Source(items)
    try:
        while found := await submit(source.next()):
            yield found[0]
    finally:
        await submit(source.close())

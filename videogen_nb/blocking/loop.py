"""Handles to what runs on the process's private event loop.

The kernel's own loop is neither blocked nor patched by us: what waits, waits on the private one.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import importlib
import importlib.metadata
import os
import threading
import warnings
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator, Iterator
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from ..errors import VideogenError
from ..i18n import Text
from .private_loop import PrivateLoop

T = TypeVar("T")

_SLICE_S = 0.25  # an endless wait would not hear of Ctrl-C: on Windows, or in a loop that sleeps

_ON_THE_LOOP = Text(
    "Deadlock avoided: .result() was called on the event loop that has to do the work. Use "
    "await instead.",
    "这会造成自我等待：在负责执行的事件循环上调用了 .result()。请改用 await。",
)
_ENDING = Text(
    "Python is ending and starts no more threads, so this cannot be awaited. Call the blocking "
    "functions instead, outside of any event loop.",
    "Python 正在退出，无法再启动线程，因此不能 await。请在事件循环之外调用阻塞函数。",
)
_OF_THE_PARENT = Text(
    "This call was started before the process was forked, and the parent goes on with it. "
    "Start one in this process.",
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
    "Call 没有 {name!r}；它的结果可能有：请先 `await`，或用 `.result()` 取得结果。",
)
_FAILED = Text("<Call failed: {why}>", "<Call 失败：{why}>")
_OLD_NEST = Text(
    "nest_asyncio {version} with ipykernel {kernel}: clicks and queued cells can be lost while a "
    "nested run blocks. Install its successor: pip install nest_asyncio2",
    "nest_asyncio {version} 与 ipykernel {kernel} 一起使用时，"
    "嵌套运行期间的点击和排队的单元格可能会丢失。请安装其后继者：pip install nest_asyncio2",
)
_NO_NEST = Text(
    "Neither nest_asyncio2 nor nest_asyncio is installed: pip install nest_asyncio2",
    "未安装 nest_asyncio2 或 nest_asyncio，请运行：pip install nest_asyncio2",
)
_NO_PATCH = Text(
    "This event loop cannot be patched ({reason}). Use await or .result(); they need no patch.",
    "无法为当前事件循环打补丁（{reason}）。请使用 await 或 .result()，两者都不需要补丁。",
)


class Watched(Protocol):
    """What shows how far a call is, on the thread of whoever waits for it."""

    def tick(self) -> None:
        """Called between slices of waiting."""
        ...

    def end(self, future: concurrent.futures.Future[Any]) -> None:
        """Called when the waiting is over."""
        ...

    def stopped(self, error: BaseException) -> None:
        """Called when it was interrupted, with the error that tells so."""
        ...


class Call(Generic[T]):
    """Something under way on the private loop. ``await`` it from any loop, or block for it.

    To end the waiting, by :meth:`cancel`, Ctrl-C or cancelling what awaits it, cancels nothing
    on a gateway.
    """

    def __init__(
        self, future: concurrent.futures.Future[T], watched: Watched | None = None
    ) -> None:
        self._future = future
        self._watched = watched
        self._generation = _private.generation

    def __await__(self) -> Generator[Any, None, T]:
        return self._awaited().__await__()

    async def _awaited(self) -> T:
        """As the future itself, in slices: a kernel whose loop sleeps would not see Ctrl-C."""
        self._check_process()
        if _private.driven:
            raise VideogenError(_ENDING, code="ending")
        future = asyncio.wrap_future(self._future)
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
            self._end()

    def result(self, timeout_s: float | None = None) -> T:
        """Block until it is there.

        Raises:
            TimeoutError: not within ``timeout_s``; it goes on.
            VideogenError: it was started by the process that this one was forked from.
            KeyboardInterrupt: the person interrupted; the call is cancelled.
        """
        if threading.current_thread() is _private.thread:
            raise RuntimeError(str(_ON_THE_LOOP))
        self._check_process()
        try:
            return self._wait(timeout_s)
        except KeyboardInterrupt as error:
            self._stopped(error)
            self.cancel()
            raise
        finally:
            self._end()

    def __repr__(self) -> str:
        """Most often seen where somebody forgot to wait: says how."""
        if not self.done():
            return str(_UNDERWAY)
        if self.cancelled() or (error := self.exception()) is None:
            return str(_ENDED)
        return str(_FAILED(why=error))

    if not TYPE_CHECKING:  # a type checker has to see that a call is not yet its result

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(str(_NOT_YET(name=name)), name=name, obj=self)

    def done(self) -> bool:
        """Return whether it has ended, in whatever way."""
        return self._future.done()

    def cancel(self) -> bool:
        """End it here; what a gateway was asked to do goes on. False where it had ended."""
        return self._future.cancel()

    def cancelled(self) -> bool:
        """Return whether it was ended by :meth:`cancel`."""
        return self._future.cancelled()

    def exception(self) -> BaseException | None:
        """Return what it ended with, None for a result. Only of a call that is done."""
        return self._future.exception(timeout=0)

    def add_done_callback(self, callback: Callable[[Call[T]], object]) -> None:
        """Call ``callback(call)`` when it has ended: on the private thread, or now if it has."""
        self._future.add_done_callback(lambda future: callback(self))

    def _check_process(self) -> None:
        """Nobody works on a call of the parent in a forked child: waiting would never end."""
        if not self._future.done() and self._generation != _private.generation:
            raise VideogenError(_OF_THE_PARENT, code="forked")

    def _tick(self) -> None:
        if self._watched is not None and not self.done():
            self._watched.tick()

    def _end(self) -> None:
        if self._watched is not None:
            self._watched.end(self._future)

    def _stopped(self, error: BaseException) -> None:
        if self._watched is not None:
            self._watched.stopped(error)

    def _wait(self, timeout_s: float | None) -> T:
        left_s = float("inf") if timeout_s is None else timeout_s
        while True:
            done = _private.wait(self._future, min(left_s, _SLICE_S))
            left_s -= _SLICE_S
            self._tick()
            if done or left_s <= 0:
                return self._future.result(timeout=0)


_private = PrivateLoop()
atexit.register(_private.stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_private.forget)


def generation() -> int:
    """Counts the private loops: a client of an earlier one has to be made anew."""
    return _private.generation


def submit(coroutine: Coroutine[Any, Any, T], watched: Watched | None = None) -> Call[T]:
    """Start a coroutine on the private loop; returns at once, from any thread.

    ``watched`` shows how far it is to whoever waits for it.
    """
    return Call(asyncio.run_coroutine_threadsafe(coroutine, _private.loop()), watched)


class _Source(Generic[T]):
    """An async iterator on the private loop, drawn from by somebody elsewhere."""

    def __init__(self, items: AsyncIterator[T]) -> None:
        self._items = items
        self._generation = _private.generation
        self._turn = asyncio.Lock()
        self._step: asyncio.Task[Any] | None = None

    async def next(self) -> list[T]:
        """Return the next item, alone in a list; nothing in it at the end."""
        async with self._turn:
            self._step = asyncio.current_task()
            try:
                return [await anext(self._items)]
            except StopAsyncIteration:
                return []
            finally:
                self._step = None

    async def close(self) -> None:
        """End a step that nobody waits for any more, let it clean up, then close the iterator."""
        if self._generation != _private.generation:
            return  # it is that of the parent, which goes on
        if self._step is not None and not self._step.cancelling():
            self._step.cancel()
        async with self._turn:
            if (close := getattr(self._items, "aclose", None)) is not None:
                await close()


def iterate(items: AsyncIterator[T], watched: Watched | None = None) -> Iterator[T]:
    """An async iterator as a blocking one: it runs on the private loop, its items come here.

    ``watched`` shows how far it is while one of them is waited for.
    """
    source = _Source(items)
    try:
        while found := submit(source.next(), watched).result():
            yield found[0]
    finally:
        submit(source.close()).result()


async def iterate_async(items: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    """Yield the same for the caller's own loop."""
    source = _Source(items)
    try:
        while found := await submit(source.next()):
            yield found[0]
    finally:
        await submit(source.close())


def enable_nested_asyncio() -> str:
    """Let code in a cell call ``asyncio.run`` although the kernel's loop is running.

    Nothing here needs it; it is for people whose own code does. Prefers ``nest_asyncio2``, the
    maintained successor of ``nest_asyncio``. Not together with a uvicorn server in the same
    process on Python 3.12 and later, whose own ``asyncio.run`` call it breaks.

    Returns:
        The name of the package that was used.

    Raises:
        VideogenError: none is installed, or this loop cannot be patched (uvloop's, for one).
    """
    for name in ("nest_asyncio2", "nest_asyncio"):
        try:
            nest = importlib.import_module(name)
        except ImportError:
            continue
        if name == "nest_asyncio":
            _warn_of_old_nest()
        try:
            nest.apply()
        except ValueError as error:
            raise VideogenError(_NO_PATCH(reason=str(error)), code="loop") from error
        return name
    raise VideogenError(_NO_NEST, code="loop")


def _warn_of_old_nest() -> None:
    try:
        kernel = importlib.metadata.version("ipykernel")
    except importlib.metadata.PackageNotFoundError:
        return
    if tuple(int(part) for part in kernel.split(".")[:2]) >= (7, 2):
        text = _OLD_NEST(version=importlib.metadata.version("nest_asyncio"), kernel=kernel)
        warnings.warn(str(text), RuntimeWarning, stacklevel=3)

"""Resolving host names of image URLs in separate threads, with a time limit and fairly.

The system's resolver cannot be interrupted and may take half a minute. So nobody waits longer than
``ANSWER_S``, and names that never resolve block only a few threads of the person who requested
them.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Final

from ..limits.fair_semaphore import FairSemaphore

THREADS: Final = 24
THREADS_EACH: Final = 6  # of one person
ANSWER_S: Final = 8.0  # the system asks a second time after 5

#: All addresses of a name, for a port. Blocks; raises OSError or UnicodeError for what is no name.
Lookup = Callable[[str, int], Sequence[str]]


def system_lookup(host: str, port: int) -> list[str]:
    """Return all addresses of a name from the operating system."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[4][0]) for address in found]


class Resolver:
    """Resolves names without delaying other people."""

    def __init__(self, lookup: Lookup = system_lookup, *, answer_s: float = ANSWER_S) -> None:
        self._lookup = lookup
        self._answer_s = answer_s
        self._threads = FairSemaphore(THREADS, THREADS_EACH)

    async def resolve(self, owner: str, host: str, port: int) -> Sequence[str]:
        """Return all addresses of a name.

        Raises:
            TimeoutError: there was no response in time. OSError, UnicodeError: the name does not
                exist.
        """
        async with asyncio.timeout(self._answer_s):
            await self._threads.acquire(owner)
            return await self._in_thread(owner, host, port)

    def _in_thread(self, owner: str, host: str, port: int) -> asyncio.Future[Sequence[str]]:
        """Start a look-up. Its thread counts towards the owner's limit until it ends."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Sequence[str]] = loop.create_future()

        def end(found: Sequence[str] | None, error: Exception | None) -> None:
            self._threads.release(owner)
            if answer.done():
                return  # nobody waits any more
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(found or ())

        def look_up() -> None:
            found, failed = None, None
            try:
                found = self._lookup(host, port)
            except Exception as error:  # noqa: BLE001 — it is raised where the answer is awaited
                failed = error
            with contextlib.suppress(RuntimeError):  # the gateway has ended meanwhile
                loop.call_soon_threadsafe(end, found, failed)

        # A daemon, unlike an executor's threads: a silent name server must not delay the end.
        thread = threading.Thread(target=look_up, name="videogen-resolver", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system gives no more threads
            self._threads.release(owner)
            raise OSError("no thread to look the name up on") from None
        return answer

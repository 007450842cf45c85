"""Closing idle connections, sooner if there are many."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, ClassVar, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from ..http.access.local_users import PEER, Peer

HEADERS_S: Final = 20.0  # a request's head has to arrive within this time
MAX_FILES: Final = 8192  # open files and connections that are asked of the system


class Connection(H11Protocol):
    """A uvicorn connection with a time limit for request headers; see :func:`bounded`."""

    most: ClassVar[int]
    waiting: ClassVar[dict[Connection, None]]  # those without a request, oldest first

    _overdue: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Accept a connection; if there are too many, close the longest idle one."""
        super().connection_made(transport)
        if self.client is not None and self.server is not None and self.server[1] is not None:
            peer = Peer(self.client, (self.server[0], self.server[1]))
            self.app_state = {**self.app_state, PEER: peer}  # of each request on this connection
        self._rest()
        self._expect_head()
        if len(self.connections) > self.most:
            next(iter(self.waiting)).transport.close()

    def data_received(self, data: bytes) -> None:
        """Receive data."""
        before = self.cycle
        if self._overdue is None and (before is None or before.response_complete):
            self._expect_head()
        super().data_received(data)
        if self.cycle is not before:  # a request begins
            self.waiting.pop(self, None)
            self._be_patient()

    def on_response_complete(self) -> None:
        """Mark the connection as idle."""
        super().on_response_complete()
        self._rest()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.waiting.pop(self, None)
        self._be_patient()
        super().connection_lost(exc)

    def _rest(self) -> None:
        self.waiting.pop(self, None)
        self.waiting[self] = None

    def _expect_head(self) -> None:
        self._overdue = self.loop.call_later(HEADERS_S, self.transport.close)

    def _be_patient(self) -> None:
        if self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None


def bounded(most: int) -> type[Connection]:
    """Return a protocol class with a maximum number of connections."""
    return type("BoundedConnection", (Connection,), {"most": most, "waiting": {}})


def most_connections() -> int:
    """Return how many connections leave enough file descriptors, raising the limit if possible."""
    if sys.platform == "win32":
        return MAX_FILES // 2
    import resource  # not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if hard == resource.RLIM_INFINITY else min(MAX_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted // 2

"""Bytes between kernel and browser in acknowledged pieces, as values: no widget, no socket.

A stock Jupyter server closes the connection on a message of more than 10 MiB, and says nothing.
Pieces of 1 MiB, each sent when the one before it was acknowledged, pass everywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PIECE = 2**20

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Received:
    """A file that arrived whole."""

    name: str
    data: bytes


@dataclass
class Inbox:
    """Takes one file at a time from the browser; a new one puts an unfinished one aside."""

    limit: int
    received: Callable[[Received], None]
    _ticket: str | None = None
    _name: str = ""
    _size: int = 0
    _data: bytearray = field(default_factory=bytearray)
    _end: Future[None] | None = None

    async def arrived(self, patience_s: float) -> bool:
        """Wait for a file that is on its way; False = nothing of it came for so many seconds."""
        while (end := self._end) is not None:
            before = len(self._data)
            await asyncio.wait([asyncio.wrap_future(end)], timeout=patience_s)
            if self._end is end and len(self._data) == before:
                return False
        return True

    def hear(self, message: Message, buffers: Sequence[Any] = ()) -> dict[str, Any] | None:
        """The reply to a message, or None where it wants none (or is not about uploads)."""
        op, ticket = message.get("op"), message.get("ticket")
        if op == "begin":
            return self._begin(message)
        if ticket is None or ticket != self._ticket:
            return None
        if op == "piece" and message.get("offset") == len(self._data) and buffers:
            self._data += memoryview(buffers[0]).cast("B")
            return self._next()
        if op == "stop":
            self._clear()
        return None

    def _begin(self, message: Message) -> dict[str, Any]:
        self._clear()
        self._ticket = str(message["ticket"])
        self._name, self._size = str(message["name"]), int(message["size"])
        if self._size > self.limit:  # the browser refuses it before; this holds for others
            self._ticket = None
            return {"op": "done", "ticket": message["ticket"]}
        self._end = Future()
        return self._next()

    def _next(self) -> dict[str, Any]:
        ticket = self._ticket
        if len(self._data) < self._size:
            return {"op": "more", "ticket": ticket, "offset": len(self._data)}
        try:
            self.received(Received(self._name, bytes(self._data)))
        finally:
            self._clear()
        return {"op": "done", "ticket": ticket}

    def _clear(self) -> None:
        end, self._ticket, self._data, self._end = self._end, None, bytearray(), None
        if end is not None:
            end.set_result(None)


@dataclass(frozen=True, slots=True)
class Content:
    """Something a browser may ask for: bytes in memory, or a file read piece by piece."""

    source: bytes | Path
    kind: str = "application/octet-stream"

    @property
    def size(self) -> int:
        """Bytes in all."""
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size

    def piece(self, offset: int) -> bytes:
        """At most ``PIECE`` bytes from ``offset``."""
        if isinstance(self.source, bytes):
            return self.source[offset : offset + PIECE]
        with self.source.open("rb") as file:
            file.seek(offset)
            return file.read(PIECE)


class Outbox:
    """What the browser may ask for, by key. Nothing else on the disk can be asked for."""

    def __init__(self) -> None:
        self._contents: dict[str, Content] = {}

    def put(self, key: str, content: Content) -> None:
        """Offer ``content`` under ``key``."""
        self._contents[key] = content

    def keep_only(self, keys: set[str]) -> None:
        """Offer nothing but these any more."""
        self._contents = {k: c for k, c in self._contents.items() if k in keys}

    def has(self, key: str) -> bool:
        """Whether something is offered under ``key``."""
        return key in self._contents

    def get(self, key: str) -> bytes | None:
        """Give bytes that are offered from memory; None for a file, or nothing."""
        content = self._contents.get(key)
        return content.source if content and isinstance(content.source, bytes) else None

    def hear(self, message: Message) -> dict[str, Any]:
        """Answer a ``pull``; the bytes, if there are any, stand under ``buffers``."""
        offset = int(message.get("offset", 0))
        about = {"ticket": message.get("ticket"), "offset": offset}
        content = self._contents.get(str(message.get("key")))
        try:
            if content is None:
                raise FileNotFoundError("it is no longer offered")
            piece = content.piece(offset)
            told = {"op": "piece", "size": content.size, "type": content.kind}
            return {**told, **about, "buffers": [piece]}
        except OSError as problem:
            return {"op": "nothing", "why": str(problem), **about}

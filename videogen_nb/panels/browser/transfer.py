"""Transferring bytes between kernel and browser in acknowledged pieces.

A standard Jupyter server silently closes the connection on messages over 10 MiB. Pieces of 1 MiB,
each sent after the previous one was acknowledged, work everywhere.
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
    """A completely received file."""

    name: str
    data: bytes


@dataclass
class Inbox:
    """Receives one file at a time from the browser; a new one replaces an unfinished one."""

    limit: int
    received: Callable[[Received], None]
    _ticket: str | None = None
    _name: str = ""
    _size: int = 0
    _data: bytearray = field(default_factory=bytearray)
    _end: Future[None] | None = None

    async def arrived(self, patience_s: float) -> bool:
        """Wait for the current file; return False if nothing arrives for this many seconds."""
        while (end := self._end) is not None:
            before = len(self._data)
            await asyncio.wait([asyncio.wrap_future(end)], timeout=patience_s)
            if self._end is end and len(self._data) == before:
                return False
        return True

    def hear(self, message: Message, buffers: Sequence[Any] = ()) -> dict[str, Any] | None:
        """Return the reply to a message, or None if it needs none or is not about uploads."""
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
    """Something a browser may request: bytes in memory, or a file read piece by piece."""

    source: bytes | Path
    kind: str = "application/octet-stream"

    @property
    def size(self) -> int:
        """Return the total number of bytes."""
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size

    def piece(self, offset: int) -> bytes:
        """Return at most ``PIECE`` bytes from ``offset``."""
        if isinstance(self.source, bytes):
            return self.source[offset : offset + PIECE]
        with self.source.open("rb") as file:
            file.seek(offset)
            return file.read(PIECE)


class Outbox:
    """What the browser may request, by key. No other file can be requested."""

    def __init__(self) -> None:
        self._contents: dict[str, Content] = {}

    def put(self, key: str, content: Content) -> None:
        """Offer ``content`` under ``key``."""
        self._contents[key] = content

    def keep_only(self, keys: set[str]) -> None:
        """Remove everything except these keys."""
        self._contents = {k: c for k, c in self._contents.items() if k in keys}

    def has(self, key: str) -> bool:
        """Return whether something is offered under ``key``."""
        return key in self._contents

    def get(self, key: str) -> bytes | None:
        """Return bytes offered from memory; None for a file or an unknown key."""
        content = self._contents.get(key)
        return content.source if content and isinstance(content.source, bytes) else None

    def hear(self, message: Message) -> dict[str, Any]:
        """Reply to a ``pull``, with any bytes under ``buffers``."""
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

"""The kernel's side of the connection between a panel and its page.

The kernel sends *sections*: what each part shows, as plain values under the part's path. Only
changed sections are sent, together, at most twenty times a second. A long list (``pieces``), such
as a gallery's cards, is split: ``/gallery#items`` has the ids, ``/gallery#items/ID`` one card, so a
changed card is sent alone. Pieces are followed by their section, which tells the script about them
(``messages.js`` reassembles the list). The page sends messages; each is acknowledged, so that it
notices a busy kernel.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from ...blocking.call import submit
from .transfer import Message

TICK_S = 0.05

_LOG = logging.getLogger(__name__)


class Part(Protocol):
    """A part of a page: a panel with the panels inside it."""

    @property
    def parts(self) -> Mapping[str, Part]:
        """Return the panels inside it, by name."""
        ...

    @property
    def pieces(self) -> tuple[str, ...]:
        """Return which values of its section are lists to send item by item."""
        ...

    def section(self) -> dict[str, Any]:
        """Return what it shows itself, as plain values."""
        ...

    def hear(self, message: Message, buffers: Sequence[Any]) -> Message | None:
        """Handle a message from the page; return the reply, with any bytes under ``buffers``."""
        ...


class Root(Part, Protocol):
    """A top-level panel."""

    comm: Any

    def all_texts(self) -> dict[str, dict[str, str]]:
        """Return the fixed texts of every kind of part, in the user's language."""
        ...

    def send(self, content: Message, buffers: Sequence[bytes] | None = None) -> None:
        """Send a message to the page."""
        ...

    def _send(self, msg: Message) -> None: ...


class Page:
    """Sends the changes in one panel to the page, and receives user actions."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._told: dict[str, Any] = {}
        self._moves = 0  # by which sections differ of which only pieces have changed
        self._due = False
        self._lock = threading.RLock()

    def state(self) -> dict[str, Any]:
        """Return everything that the page needs to draw the panel."""
        return {"texts": self._root.all_texts(), **dict(_sections(self._root, ""))}

    def opened(self, state: dict[str, Any]) -> None:
        """Record what the page received when it was opened."""
        with self._lock:
            self._told = state
        self.flush()  # something may have changed meanwhile

    def changed(self) -> None:
        """Send an update soon, together with other changes until then."""
        if not self._due:
            self._due = True
            submit(self._flush_soon())

    def flush(self) -> None:
        """Send the changes since the last update now."""
        with self._lock:
            if self._root.comm is None:
                return
            state = self.state()
            gone = dict.fromkeys(self._told.keys() - state.keys())
            changed = {k: v for k, v in state.items() if self._told.get(k) != v}
            self._told = state
            for owner in {key.partition("#")[0] for key in (*changed, *gone) if "#" in key}:
                if owner in state:
                    self._moves += 1
                    changed.pop(owner, None)  # so that it goes last
                    changed[owner] = {**state[owner], "moves": self._moves}
            if changed or gone:
                self._root._send(
                    {"method": "update", "state": {**gone, **changed}, "buffer_paths": []}
                )

    def hear(self, _widget: Any, message: Message, buffers: Sequence[Any]) -> None:
        """Pass a message to its part, then reply."""
        reply: Message | None = None
        if message.get("op") == "hello" and message.get("again"):
            self._forget()  # what was told so far may have been lost on the way, too
        try:
            part = _find(self._root, str(message.get("to", "/")))
            reply = part.hear(message, buffers) if part is not None else None
        finally:
            self.flush()  # before the answer: the page shows it by then
            answer = {"op": "ack", **(reply or {}), "ticket": message.get("ticket")}
            self._root.send(answer, answer.pop("buffers", None))

    def _forget(self) -> None:
        with self._lock:
            self._told = {}

    async def _flush_soon(self) -> None:
        await asyncio.sleep(TICK_S)
        self._due = False
        try:
            self.flush()
        except Exception:  # nobody waits for this; the log is the only place to say it
            _LOG.exception("a panel could not be drawn")
            raise


def _sections(part: Part, path: str) -> Iterator[tuple[str, Any]]:
    key, section = path or "/", part.section()
    for name in part.pieces:
        items = section[name]
        yield f"{key}#{name}", [item["id"] for item in items]
        for item in items:
            yield f"{key}#{name}/{item['id']}", item
    yield key, {**section, **dict.fromkeys(part.pieces)}
    for name, inner in list(part.parts.items()):
        yield from _sections(inner, f"{path}/{name}")


def _find(root: Part, path: str) -> Part | None:
    """Return the part at a path; None if it no longer exists."""
    part: Part | None = root
    for name in filter(None, path.split("/")):
        part = part.parts.get(name) if part is not None else None
    return part

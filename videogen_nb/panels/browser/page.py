"""A shown panel's side of the one connection to its page.

Down go *sections*: what each part shows, as plain values under the part's path. Only those that
have changed are sent, together, at most twenty times a second. A long list (``pieces``), such as a
gallery's cards, goes in pieces: ``/gallery#items`` holds the ids, ``/gallery#items/ID`` one card;
so a card that changes is sent alone. After pieces goes the section they are of, by which the
script hears of them (``wire.js`` puts the list together again). Up come messages; each is answered,
so that the page notices a kernel that is busy.
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
    """What a page shows: a panel, with the panels in it."""

    @property
    def parts(self) -> Mapping[str, Part]:
        """The panels in it, by name."""
        ...

    @property
    def pieces(self) -> tuple[str, ...]:
        """Which values of its section are lists whose items (with an ``id``) go one by one."""
        ...

    def section(self) -> dict[str, Any]:
        """What it shows itself, as plain values."""
        ...

    def hear(self, message: Message, buffers: Sequence[Any]) -> Message | None:
        """Do what the page asks; the answer, with its bytes (if any) under ``buffers``."""
        ...


class Root(Part, Protocol):
    """A panel that stands on a page by itself."""

    comm: Any

    def all_texts(self) -> dict[str, dict[str, str]]:
        """The fixed texts of every kind of part, in the person's language."""
        ...

    def send(self, content: Message, buffers: Sequence[bytes] | None = None) -> None:
        """Send a message to the page."""
        ...

    def _send(self, msg: Message) -> None: ...


class Page:
    """Tells the page what has changed in one panel, and hears what is done there."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._told: dict[str, Any] = {}
        self._moves = 0  # by which sections differ of which only pieces have changed
        self._due = False
        self._lock = threading.RLock()

    def state(self) -> dict[str, Any]:
        """All that the page needs to draw the panel."""
        return {"texts": self._root.all_texts(), **dict(_sections(self._root, ""))}

    def opened(self, state: dict[str, Any]) -> None:
        """Note what the page was given when it was opened."""
        with self._lock:
            self._told = state
        self.flush()  # something may have changed meanwhile

    def changed(self) -> None:
        """Tell the page soon; what changes until then goes along."""
        if not self._due:
            self._due = True
            submit(self._flush_soon())

    def flush(self) -> None:
        """Tell the page now what has changed since it was last told."""
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
        """Let the part that a message is for do what it says, then answer."""
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
    """The part at a path; None for one that has gone meanwhile."""
    part: Part | None = root
    for name in filter(None, path.split("/")):
        part = part.parts.get(name) if part is not None else None
    return part

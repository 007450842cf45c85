"""Pauses, and limits of running tasks, which keep waiting tasks from starting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from ...i18n import Text
from ...people.lookup import People

ALL: Final = ""  # among the pauses: every engine

PAUSED: Final = Text("Paused", "已暂停")
_OWN_LIMIT: Final = Text(
    "Waiting for your other videos (limit: {count} at a time)",
    "等待你的其他视频完成：最多同时生成 {count} 个",
)


class Gate:
    """Decides whether a task may start.

    ``paused`` has names of engines, or :data:`ALL`. ``on_change`` lists callbacks for when more
    tasks may start.
    """

    def __init__(self, people: People) -> None:
        self._people = people
        self._under_way: Counter[str] = Counter()
        self.paused: frozenset[str] = frozenset()
        self.on_change: list[Callable[[], None]] = []

    def admits(self, owner: str, engine: str, besides: int = 0) -> bool:
        """Return whether a person's task may start, with ``besides`` others about to start."""
        return self.reason(owner, engine, besides) is None

    def reason(self, owner: str, engine: str, besides: int = 0) -> Text | None:
        """Return why a person's tasks on an engine are held back, or None."""
        if self.paused & {ALL, engine}:
            return PAUSED
        limit = self._people.named(owner).limits.running
        if limit is not None and self._under_way[owner] + besides >= limit:
            return _OWN_LIMIT(count=limit)
        return None

    def under_way(self, owner: str) -> int:
        """Return the number of a person's running tasks."""
        return self._under_way[owner]

    @contextmanager
    def passing(self, owner: str) -> Iterator[None]:
        """Count a task as running for the duration of the block."""
        self._under_way[owner] += 1
        try:
            yield
        finally:
            self._under_way[owner] -= 1
            self.changed()

    def changed(self) -> None:
        """Notify the queues of a change."""
        self._under_way += Counter()  # forgets who has none
        for tell in self.on_change:
            tell()

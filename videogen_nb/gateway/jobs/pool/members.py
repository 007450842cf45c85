"""The current state of a pool's members: availability and load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ....engines import Engine
from ....engines.pool import PoolEngine
from ....i18n import Text
from ...limits.running_tasks import ALL, PAUSED, Gate
from ..backend import Load

_GONE: Final = Text("not set up", "未设置")


@dataclass(frozen=True, slots=True)
class Member:
    """A member. ``load`` counts all tasks, ``given`` the waiting ones from pools among them.

    ``why`` says why it gets no tasks now; None = it is available.
    """

    name: str
    load: Load
    given: int
    why: Text | None

    @property
    def has_room(self) -> bool:
        """Whether a task would start immediately."""
        return self.load.running + self.load.waiting < self.load.slots

    @property
    def busy(self) -> float:
        """Tasks per slot."""
        return (self.load.running + self.load.waiting) / max(1, self.load.slots)


class Members:
    """Determines the load of members from the backends.

    Args:
        load_of: returns the load of an engine's place.
        given: assigned tasks that have not started, by ``message_id``, with their members.
        giving: those that are not yet in the member's queue.
    """

    def __init__(
        self,
        engines: Mapping[str, Engine],
        gate: Gate,
        load_of: Callable[[str], Load],
        given: Mapping[str, str],
        giving: Collection[str],
    ) -> None:
        self._engines = engines
        self._gate = gate
        self._load_of = load_of
        self._given = given
        self._giving = giving

    def of(self, pool: PoolEngine) -> list[Member]:
        """Return all members, in the order of the settings."""
        there, given = pool.members(), Counter(self._given.values())
        giving = Counter(self._given[one] for one in self._giving if one in self._given)
        found = []
        for name in pool.instance.members:
            if name not in there:
                found.append(Member(name, Load(0, 0, 0), 0, _GONE))
                continue
            load = self._load_of(name)
            load = replace(load, waiting=load.waiting + giving[name])
            found.append(Member(name, load, given[name], self._why(there[name], load)))
        return found

    def choose(self, pool: PoolEngine, besides: Collection[str] = ()) -> str | None:
        """Return the member for the next task; None = wait.

        A member with a free slot gets the task. If all have waiting tasks of their own, it joins
        one of their queues, so that it gets its turn.

        Args:
            besides: members to skip.
        """
        open_ = [one for one in self.of(pool) if one.why is None and one.name not in besides]
        free = [one for one in open_ if one.has_room]
        if not free and all(one.load.waiting > one.given for one in open_):
            free = [one for one in open_ if one.given < one.load.slots]
        return _least_busy(free)

    def _why(self, engine: Engine, load: Load) -> Text | None:
        if self._gate.paused & {ALL, engine.name}:
            return PAUSED
        english = engine.info("en")
        if not english.ready:
            return Text(english.missing or "", engine.info("zh").missing or "")
        return load.held


def _least_busy(members: Sequence[Member]) -> str | None:
    return min(members, key=lambda one: one.busy).name if members else None

"""The fair queue of a place or engine: people take turns, each with their oldest task first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from itertools import chain, count
from typing import Final

from ..storage.task_record import TaskRecord

#: Whether a person's task of an engine may be started now.
Admits = Callable[[str, str], bool]
ALL: Final[Admits] = lambda owner, engine: True  # noqa: E731 — it has a type
_Rank = tuple[int, int, int]  # of a person, among those who have the same turn
_COUNTED: Final = 8  # positions that are counted one by one before the whole queue is sorted


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry. ``number`` counts arrivals; ``turn`` is set if the task had a turn before."""

    owner: str
    engine: str
    number: int
    turn: int | None = None


class FairQueue:
    """Waiting tasks by ``message_id``.

    Each person's tasks get consecutive turns, starting after the turn in which they were last
    served and never before the queue's current turn. Lower turns go first; within a turn, the
    person served longest ago. So people alternate, and nobody waits for two tasks of the same
    person. A task that had a turn and waits again goes first.

    Args:
        served: the last turn of each person and its time, from previous gateways.
    """

    def __init__(self, served: Mapping[str, tuple[int, float]] | None = None) -> None:
        served = served or {}
        self._now = max((turn for turn, _ in served.values()), default=0)  # the last one served
        self._next = {owner: turn + 1 for owner, (turn, _) in served.items()}
        # Who was served when: numbers that only grow.
        in_time = sorted(served, key=lambda owner: served[owner][1])
        self._last = {owner: n for n, owner in enumerate(in_time)}
        self._services = count(len(served))
        self._people: dict[str, dict[str, _Entry]] = {}
        self._again: dict[str, _Entry] = {}
        self._numbers = count()
        self._order: dict[str, int] | None = None
        self._counted = 0  # positions told since the order last changed

    def put(self, record: TaskRecord) -> None:
        """Queue a task behind its owner's others."""
        entry = _Entry(record.owner, record.engine, next(self._numbers), record.turn)
        if record.turn is not None:
            self._again[record.message_id] = entry
        else:
            self._people.setdefault(record.owner, {})[record.message_id] = entry
        self._change()

    def put_again(self, record: TaskRecord, turn: int) -> None:
        """Return a task, which was taken with this turn, to the front."""
        entry = _Entry(record.owner, record.engine, next(self._numbers), turn)
        self._again = {record.message_id: entry, **self._again}
        self._change()

    def first(self, admits: Admits = ALL) -> str | None:
        """Return the next task that may start, or None."""
        for message_id, entry in self._again.items():
            if admits(entry.owner, entry.engine):
                return message_id
        found = [one for owner in self._people if (one := self._first_of(owner, admits))]
        return min(found)[-1] if found else None

    def take(self, message_id: str) -> int:
        """Remove a task that starts; return its turn."""
        entry = self._again.get(message_id)
        if entry is None or entry.turn is None:
            owner = self._owner_of(message_id)
            turn = self._base(owner)
            self._now = turn
            self._next[owner] = turn + 1
            self._last[owner] = next(self._services)
        else:
            turn = entry.turn
        self.leave(message_id)
        return turn

    def leave(self, message_id: str) -> None:
        """Remove a task from any position."""
        if self._again.pop(message_id, None) is None:
            owner = self._owner_of(message_id)
            del self._people[owner][message_id]
            if not self._people[owner]:
                del self._people[owner]
        self._change()

    def position(self, message_id: str) -> int | None:
        """Return the number of tasks before it; None if it is not waiting."""
        if self._order is None and self._counted < _COUNTED:  # while many arrive, each asks once
            self._counted += 1
            return self._count(message_id)
        return self._in_order().get(message_id)

    def up_to(self, message_id: str) -> list[str]:
        """Return the tasks up to and including this one, in order."""
        found: list[str] = []
        for one in chain(
            self._again, (turn[-1] for turn in merge(*map(self._turns, self._people)))
        ):
            found.append(one)
            if one == message_id:
                break
        return found

    def __contains__(self, message_id: str) -> bool:
        return message_id in self._again or any(message_id in one for one in self._people.values())

    def __len__(self) -> int:
        return len(self._again) + sum(len(one) for one in self._people.values())

    def _base(self, owner: str) -> int:
        return max(self._now, self._next.get(owner, 0))

    def _first_of(self, owner: str, admits: Admits) -> tuple[int, int, int, str] | None:
        kept_back = set()
        for message_id, entry in self._people[owner].items():
            if entry.engine in kept_back:
                continue
            if admits(owner, entry.engine):
                return self._base(owner), self._last.get(owner, -1), entry.number, message_id
            kept_back.add(entry.engine)
        return None

    def _change(self) -> None:
        self._order, self._counted = None, 0

    def _turns(self, owner: str) -> Iterator[tuple[int, _Rank, str]]:
        """Yield the turns of a person's tasks; the queue's order is that of everybody's turns."""
        base, rank = self._base(owner), self._rank(owner)
        for n, message_id in enumerate(self._people[owner]):
            yield base + n, rank, message_id

    def _rank(self, owner: str) -> _Rank:
        # Of one turn, who has it as the first is served longer ago than who has it later; those
        # who were never served keep the order in which they came, at each of their turns.
        came = next(iter(self._people[owner].values())).number
        return -self._base(owner), self._last.get(owner, -1), came

    def _in_order(self) -> dict[str, int]:
        if self._order is None:
            turns = sorted(chain.from_iterable(map(self._turns, self._people)))
            served = [*self._again, *(turn[-1] for turn in turns)]
            self._order = {message_id: n for n, message_id in enumerate(served)}
        return self._order

    def _count(self, message_id: str) -> int | None:
        """Return a task's position without sorting the others."""
        if message_id in self._again:
            return list(self._again).index(message_id)
        if message_id not in self:
            return None
        owner = self._owner_of(message_id)
        turn = self._base(owner) + list(self._people[owner]).index(message_id)
        rank = self._rank(owner)
        return len(self._again) + sum(self._before(turn, rank, other) for other in self._people)

    def _before(self, turn: int, rank: _Rank, owner: str) -> int:
        """Return how many of a person's tasks come before a turn of someone with this rank."""
        n, waiting = turn - self._base(owner), len(self._people[owner])
        if not 0 <= n < waiting:
            return min(max(n, 0), waiting)
        return n + (self._rank(owner) < rank)

    def _owner_of(self, message_id: str) -> str:
        return next(owner for owner, waiting in self._people.items() if message_id in waiting)

"""The queue before one place or engine: people take turns, and each has their oldest task first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count, islice
from typing import Final

from ..storage.task_record import TaskRecord

#: Whether a person's task of an engine may be started now.
Admits = Callable[[str, str], bool]
ALL: Final[Admits] = lambda owner, engine: True  # noqa: E731 — it has a type


@dataclass(frozen=True, slots=True)
class _Entry:
    """``number`` counts arrivals; ``turn`` is set where the task has had its turn before."""

    owner: str
    engine: str
    number: int
    turn: int | None = None


class FairQueue:
    """Tasks that wait, by their ``message_id``.

    Each person's tasks have consecutive turns: the first is the one after the person was served
    last, but none that the queue has passed. Lower turns go first, and of the same turn whoever was
    served longest ago. So people alternate, and nobody waits for two tasks of another. A task that
    has had its turn, and waits again, goes before all others.

    Args:
        served: the last turn of each person and when it was, as former gateways wrote it.
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

    def put(self, record: TaskRecord) -> None:
        """Put a task behind the others of its owner."""
        entry = _Entry(record.owner, record.engine, next(self._numbers), record.turn)
        if record.turn is not None:
            self._again[record.message_id] = entry
        else:
            self._people.setdefault(record.owner, {})[record.message_id] = entry
        self._order = None

    def put_again(self, record: TaskRecord, turn: int) -> None:
        """Put a task at the front that was taken with this turn."""
        entry = _Entry(record.owner, record.engine, next(self._numbers), turn)
        self._again = {record.message_id: entry, **self._again}
        self._order = None

    def first(self, admits: Admits = ALL) -> str | None:
        """Return the next task that may be started; None where there is none."""
        for message_id, entry in self._again.items():
            if admits(entry.owner, entry.engine):
                return message_id
        found = [one for owner in self._people if (one := self._first_of(owner, admits))]
        return min(found)[-1] if found else None

    def take(self, message_id: str) -> int:
        """Take a task out because it starts; return the turn that it had."""
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
        """Take a task out, wherever it stands."""
        if self._again.pop(message_id, None) is None:
            owner = self._owner_of(message_id)
            del self._people[owner][message_id]
            if not self._people[owner]:
                del self._people[owner]
        self._order = None

    def position(self, message_id: str) -> int | None:
        """Return the number of tasks before it; None for one that does not wait."""
        return self._in_order().get(message_id)

    def up_to(self, message_id: str) -> list[str]:
        """Return those before it, and itself, in the order in which they will be served."""
        order = self._in_order()
        return list(islice(order, order[message_id] + 1))

    def __contains__(self, message_id: str) -> bool:
        return message_id in self._again or any(message_id in one for one in self._people.values())

    def __len__(self) -> int:
        return len(self._again) + sum(len(one) for one in self._people.values())

    def _base(self, owner: str) -> int:
        return max(self._now, self._next.get(owner, 0))

    def _first_of(self, owner: str, admits: Admits) -> tuple[int, int, int, str] | None:
        for message_id, entry in self._people[owner].items():
            if admits(owner, entry.engine):
                return self._base(owner), self._last.get(owner, -1), entry.number, message_id
        return None

    def _in_order(self) -> dict[str, int]:
        if self._order is None:
            turns = []
            for owner, waiting in self._people.items():
                base, last = self._base(owner), self._last.get(owner, -1)
                # Of one turn, who has it as the first is served longer ago than who has it later.
                turns += [
                    (base + n, -base, last, entry.number, message_id)
                    for n, (message_id, entry) in enumerate(waiting.items())
                ]
            served = [*self._again, *(turn[-1] for turn in sorted(turns))]
            self._order = {message_id: n for n, message_id in enumerate(served)}
        return self._order

    def _owner_of(self, message_id: str) -> str:
        return next(owner for owner, waiting in self._people.items() if message_id in waiting)

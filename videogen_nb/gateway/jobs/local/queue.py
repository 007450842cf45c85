"""Tasks that wait to be computed here: a queue for each place that computes."""

from __future__ import annotations

from itertools import islice


class Queue:
    """Message ids in the order they came. The processor is a place, "", and each GPU is one."""

    def __init__(self) -> None:
        self._places: dict[str, dict[str, None]] = {}
        self._place_of: dict[str, str] = {}
        self._positions: dict[str, int] | None = None

    def put(self, message_id: str, place: str) -> None:
        """Put a task at the end."""
        self._places.setdefault(place, {})[message_id] = None
        self._place_of[message_id] = place
        self._positions = None

    def put_first(self, message_id: str, place: str) -> None:
        """Put a task at the front: it has been there before."""
        self._places[place] = {message_id: None, **self._places.get(place, {})}
        self._place_of[message_id] = place
        self._positions = None

    def leave(self, message_id: str) -> None:
        """Take a task out, wherever it stands."""
        del self._places[self._place_of.pop(message_id)][message_id]
        self._positions = None

    def first(self, place: str) -> str | None:
        """Return the next task of a place; None where none waits."""
        return next(iter(self._places.get(place, ())), None)

    def position(self, message_id: str) -> int | None:
        """Return the number of tasks before it; None for one that does not wait."""
        if self._positions is None:
            queues = self._places.values()
            self._positions = {waiting: n for queue in queues for n, waiting in enumerate(queue)}
        return self._positions.get(message_id)

    def up_to(self, message_id: str) -> list[str]:
        """Return those before it in its queue, and itself."""
        count = (self.position(message_id) or 0) + 1
        return list(islice(self._places[self._place_of[message_id]], count))

    def __contains__(self, message_id: str) -> bool:
        return message_id in self._place_of

    def __len__(self) -> int:
        return len(self._place_of)

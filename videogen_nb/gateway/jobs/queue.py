"""Tasks that wait to be computed here: a line before each place that computes."""

from __future__ import annotations

from itertools import islice


class Line:
    """Message ids in the order they came. The processor is a place, "", and each GPU is one."""

    def __init__(self) -> None:
        self._places: dict[str, dict[str, None]] = {}
        self._place_of: dict[str, str] = {}
        self._positions: dict[str, int] | None = None

    def put(self, message_id: str, place: str) -> None:
        """At the end."""
        self._places.setdefault(place, {})[message_id] = None
        self._place_of[message_id] = place
        self._positions = None

    def put_first(self, message_id: str, place: str) -> None:
        """At the front: it has been there before."""
        self._places[place] = {message_id: None, **self._places.get(place, {})}
        self._place_of[message_id] = place
        self._positions = None

    def leave(self, message_id: str) -> None:
        """Take one out, wherever it stands."""
        del self._places[self._place_of.pop(message_id)][message_id]
        self._positions = None

    def first(self, place: str) -> str | None:
        """Who is next there."""
        return next(iter(self._places.get(place, ())), None)

    def position(self, message_id: str) -> int | None:
        """The number of those before it; None for one that does not wait."""
        if self._positions is None:
            lines = self._places.values()
            self._positions = {waiting: n for line in lines for n, waiting in enumerate(line)}
        return self._positions.get(message_id)

    def up_to(self, message_id: str) -> list[str]:
        """Those before it in its line, and itself."""
        count = (self.position(message_id) or 0) + 1
        return list(islice(self._places[self._place_of[message_id]], count))

    def __contains__(self, message_id: str) -> bool:
        return message_id in self._place_of

    def __len__(self) -> int:
        return len(self._place_of)

"""``Requester``: the sender of a request, their language and address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..people.person import Person

#: Host names of this machine.
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Requester:
    """The sender of a request: a person, their language, and how they address this gateway.

    ``says_language`` is false if ``language`` is only the gateway's default; ``base`` is like
    ``http://127.0.0.1:8000``.
    """

    person: Person
    language: str
    says_language: bool
    base: str

    @property
    def owner(self) -> str:
        """The owner name of their tasks, images and batches."""
        return self.person.name

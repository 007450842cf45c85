"""Who asks the gateway: whose tasks they see, and in which language they are answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..people.person import Person

#: Host names of this machine.
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a person, their language, and how they address this gateway.

    ``says_language`` is false where ``language`` is only the gateway's own; ``base`` is like
    ``http://127.0.0.1:8000``.
    """

    person: Person
    language: str
    says_language: bool
    base: str

    @property
    def owner(self) -> str:
        """The name by which their tasks, images and batches are kept."""
        return self.person.name

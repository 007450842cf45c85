"""Who asks the gateway: whose tasks they see, and in which language they are answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: Host names of this machine.
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: whose tasks they see, their language, and how they address this gateway.

    ``says_language`` is false where ``language`` is only the gateway's own; ``base`` is like
    ``http://127.0.0.1:8000``.
    """

    owner: str
    language: str
    says_language: bool
    base: str

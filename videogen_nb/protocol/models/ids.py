"""A task's id."""

from __future__ import annotations

from typing import NamedTuple


class TaskId(NamedTuple):
    """The two numbers of a task, as decimal strings: never do arithmetic with them."""

    conversation_id: str
    message_id: str

    def __str__(self) -> str:
        return f"{self.conversation_id}-{self.message_id}"

    @classmethod
    def parse(cls, words: str) -> TaskId:
        """Return the inverse of ``str(id)``. Raises ValueError if it is not two decimal numbers."""
        first, dash, second = words.strip().partition("-")
        if not (dash and words.isascii() and first.isdecimal() and second.isdecimal()):
            raise ValueError(f"not a task id: {words!r}")
        return cls(first, second)

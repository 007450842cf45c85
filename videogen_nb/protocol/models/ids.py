"""A task's id."""

from __future__ import annotations

from typing import NamedTuple


class TaskId(NamedTuple):
    """A task's two numbers. They are decimal strings: never do arithmetic with them."""

    conversation_id: str
    message_id: str

    def __str__(self) -> str:
        return f"{self.conversation_id}-{self.message_id}"

    @classmethod
    def parse(cls, words: str) -> TaskId:
        """The inverse of ``str(id)``. Raises ValueError where it is not two decimal numbers."""
        first, dash, second = words.strip().partition("-")
        if not (dash and words.isascii() and first.isdecimal() and second.isdecimal()):
            raise ValueError(f"not a task id: {words!r}")
        return cls(first, second)

"""What all models are made of: moments, ids, and what is done with unknown fields."""

from __future__ import annotations

from datetime import UTC, datetime, timezone
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, WrapSerializer

_ASSUMED = "assumed"  # the name of a zone that nobody told


def _aware(value: Any) -> Any:
    """Read a time without an offset, an older gateway's local time, as ours: an assumption."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        return value
    try:
        moment = value.astimezone()
        moment.astimezone(UTC)
    except (OverflowError, OSError):  # the first and last days of the calendar
        raise ValueError(f"not a moment: {value}") from None
    offset = moment.utcoffset()
    assert offset is not None
    return value if value.tzinfo else value.replace(tzinfo=timezone(offset, _ASSUMED))


def zone_known(moment: datetime) -> bool:
    """Return whether a moment's offset from UTC was told, rather than assumed to be ours."""
    return moment.tzname() != _ASSUMED


def _words(value: Any) -> Any:
    """Ids arrive as strings; a gateway that sends numbers is read all the same."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _as_told(value: datetime, write: Any) -> Any:
    """Written again as it came: a zone that nobody told is not told on."""
    return write(value) if zone_known(value) else value.replace(tzinfo=None).isoformat()


Moment = Annotated[
    datetime, BeforeValidator(_aware), WrapSerializer(_as_told, when_used="json-unless-none")
]
DecimalId = Annotated[str, BeforeValidator(_words)]


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


class WireModel(BaseModel):
    """What all models here share: unknown fields are ignored, values do not change."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)  # built when used

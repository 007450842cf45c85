"""The base of all models: times, numbers, unknown fields."""

from __future__ import annotations

from datetime import UTC, datetime, timezone
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, WrapSerializer

_ASSUMED = "assumed"  # the name of a zone that nobody told


def _aware(value: Any) -> Any:
    """Assume our own time zone for a time without an offset, from an older gateway."""
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
    """Return whether a time's offset from UTC was given, rather than assumed."""
    return moment.tzname() != _ASSUMED


def _words(value: Any) -> Any:
    """Accept ids that are sent as numbers instead of strings."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _as_told(value: datetime, write: Any) -> Any:
    """Serialize a time as received: an assumed zone is not passed on."""
    return write(value) if zone_known(value) else value.replace(tzinfo=None).isoformat()


Moment = Annotated[
    datetime, BeforeValidator(_aware), WrapSerializer(_as_told, when_used="json-unless-none")
]
DecimalId = Annotated[str, BeforeValidator(_words)]


class WireModel(BaseModel):
    """The base class of all models: unknown fields are ignored, values are immutable."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)  # built when used

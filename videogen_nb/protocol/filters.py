"""Filters for tasks: the table used by gateway, client, terminal and gallery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypedDict

from ..errors import BadParameter
from ..i18n import Text
from .models import TaskStatus
from .values import as_text, plain

if TYPE_CHECKING:
    from .models import VideoTask

MAX_TEXT: Final = 200  # characters of a filter's text


class FilterArguments(TypedDict, total=False):
    """Filter arguments of :meth:`VideoClient.list_tasks`; None or absent = any."""

    conversation_id: str | None
    status: TaskStatus | str | None
    engine: str | None
    group: str | None
    batch: str | None
    label: str | None
    starred: bool | None
    text: str | None
    since: datetime | date | timedelta | str | None
    until: datetime | date | timedelta | str | None
    person: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Conditions for tasks; None = any. ``statuses``: one of these.

    ``text`` contains words that must all occur in the prompt, title, labels, notes, group, engine
    or id; ``since`` and ``until`` are creation times (UTC seconds). ``person`` is the owner of the
    tasks: :data:`EVERYBODY` = anyone, :data:`OWNER` = the gateway's owner; only teachers can name
    another person.
    """

    conversation_id: str | None = None
    statuses: tuple[TaskStatus, ...] = ()
    engine: str | None = None
    group: str | None = None
    batch: str | None = None
    label: str | None = None
    starred: bool | None = None
    text: str | None = None
    since: float | None = None
    until: float | None = None
    person: str | None = None

    def match(self, task: VideoTask) -> bool:
        """Return whether a task of an older gateway, which does not filter, matches."""
        if self.statuses and task.status not in self.statuses:
            return False
        if self.conversation_id not in (None, task.conversation_id):
            return False
        created = None if task.created_at is None else task.created_at.timestamp()
        early = self.since is not None and created is not None and created < self.since
        late = self.until is not None and created is not None and created >= self.until
        told = f"{task.prompt or ''} {task.id}".lower()
        return not (early or late) and all(w in told for w in (self.text or "").lower().split())

    def to_query(self) -> dict[str, str]:
        """Return the query parameters of ``GET /api/video-gen/list``."""
        told = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "statuses"}
        told["status"] = ",".join(self.statuses) or None
        return {name: _word(value) for name, value in told.items() if value is not None}


ANY: Final = Filters()
EVERYBODY: Final = "*"
OWNER: Final = "_owner"  # the gateway's owner; no person's name begins like that
NAMES: Final = tuple(FilterArguments.__annotations__)


def read_filters(given: Mapping[str, Any], now: datetime) -> Filters:
    """Parse filters given in Python or as query parameters.

    Args:
        now: the time from which a ``timedelta`` or an age such as ``"7d"`` is subtracted.

    Raises:
        BadParameter: a filter or status is unknown, or a value is invalid.
    """
    for name in given:
        if name not in NAMES:
            raise BadParameter(_UNKNOWN(name=name[:80], known=", ".join(NAMES)))
    told = {name: plain(name, value) for name, value in given.items()}
    told = {name: value for name, value in told.items() if value not in (None, "")}
    if "conversation_id" in told:
        told["conversation_id"] = as_text("conversation_id", told["conversation_id"])
    values: dict[str, Any] = {
        name: _text(name, told[name])
        for name in ("conversation_id", "engine", "group", "batch", "label", "text", "person")
        if name in told
    }
    values |= {name: _moment(name, told[name], now) for name in ("since", "until") if name in told}
    if "starred" in told:
        values["starred"] = _flag(told["starred"])
    return Filters(**values, statuses=_statuses(told.get("status")))


def check_told(given: Mapping[str, Any]) -> None:
    """Check filters for cancelling or deleting: an empty one would match all tasks.

    Raises:
        BadParameter: one is empty text, as from an unset variable.
    """
    for name, value in given.items():
        if isinstance(value, str) and not value.strip():
            raise BadParameter(_EMPTY(name=name[:80]))


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return datetime.fromtimestamp(value, UTC).isoformat()
    return str(value)


def _statuses(given: Any) -> tuple[TaskStatus, ...]:
    words = () if given is None else [word.strip() for word in str(given).split(",")]
    for word in words:
        if word not in TaskStatus._value2member_map_:
            raise BadParameter(_NO_STATUS(name=word[:80], known=", ".join(TaskStatus)))
    return tuple(dict.fromkeys(TaskStatus(word) for word in words))


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise BadParameter(_UNFIT(name=name, value=str(value)[:80]))
    return value


def _flag(value: Any) -> bool:
    if value in (True, False, "true", "false"):
        return value in (True, "true")
    raise BadParameter(_UNFIT(name="starred", value=str(value)[:80]))


def _moment(name: str, value: Any, now: datetime) -> float:
    """Return UTC seconds of a time: ISO 8601, a day, or an age such as ``"7d"``."""
    try:
        if isinstance(value, str):
            ago = _ago(value)
            value = datetime.fromisoformat(value) if ago is None else ago
        if isinstance(value, timedelta):
            value = now - value
        elif isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day).astimezone()
        moment = float(value.timestamp())
        datetime.fromtimestamp(moment, UTC)  # it may lie before the year 1, or after 9999
        return moment
    except (ValueError, OverflowError, OSError, AttributeError):
        raise BadParameter(_NO_MOMENT(name=name, value=str(value)[:80])) from None


def _ago(words: str) -> timedelta | None:
    number, unit = words[:-1], words[-1:].lower()
    if unit not in _UNITS or not number.replace(".", "", 1).isdecimal():
        return None
    return timedelta(**{_UNITS[unit]: float(number)})


_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_UNKNOWN = Text(
    "Cannot filter tasks by {name!r}. Available: {known}.",
    "不能按 {name!r} 筛选任务。可用：{known}。",
)
_NO_STATUS = Text(
    "Unknown status {name!r}. Choose one of {known}.", "没有状态 {name!r}。可选值为 {known}。"
)
_EMPTY = Text(
    "{name} is empty, which would match all tasks. Give it a value, or omit it.",
    "{name} 为空，会匹配所有任务。请给出具体的值，或不要传入该条件。",
)
_UNFIT = Text("Invalid {name}: {value!r}.", "{name}={value!r} 无效。")
_NO_MOMENT = Text(
    "Invalid {name}: {value!r}. Use a time such as 2026-11-26 or 2026-11-26T08:00+08:00, "
    "or an age: 30m, 12h, 7d, 4w.",
    "{name}={value!r} 无效。请给出时间，如 2026-11-26 或 2026-11-26T08:00+08:00，"
    "或多久以前：30m、12h、7d、4w。",
)

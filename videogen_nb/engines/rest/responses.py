"""Parsing a provider's responses with its table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ...protocol.urls import is_web_url
from ..error_codes import Told, read_told, told_of
from ..remote import Where, is_id
from .expressions import Expression
from .table import Poll, Table

_LONGEST_URL: Final = 2000


def read_error(table: Table, answer: Any) -> Told | None:
    """Return the error in a response, as described by the table or in the usual form."""
    code, text = _read(table.errors.code, answer), _read(table.errors.text, answer)
    if isinstance(text, dict | list):
        text = json.dumps(text, ensure_ascii=False)
    return told_of(code, text) or read_told(answer)


def is_refused(table: Table, answer: Any) -> bool:
    """Return whether a 2xx response is a refusal."""
    return bool(_read(table.errors.refused_if, answer))


def read_handle(table: Table, answer: Any, path: str, own: Expression | None = None) -> str | None:
    """Return the handle in a response as JSON text, or None.

    Args:
        path: the path of the create request, which some providers need for polling.
        own: the expression to use instead of the table's.
    """
    told = (own or table.handle).read(answer)
    values = told if isinstance(told, dict) else {"id": told}
    values = {name: _name(value) for name, value in values.items()}
    if not values or not all(map(_is_good, values.values())):
        return None
    if "path" in _asked_by(table):
        values["path"] = path
    return json.dumps(values)


def handle_of(table: Table, name: str) -> str | None:
    """Return the handle for a task id; None if polling needs more values."""
    return json.dumps({"id": name}) if _asked_by(table) <= {"id"} and _is_good(name) else None


def _asked_by(table: Table) -> set[str]:
    """Return the names used in URLs for polling."""
    wanted = [table.poll.url, *(part.url for part in (table.cancel, table.result) if part)]
    return {name for template in wanted for name in template.names}


def read_state(poll: Poll, answer: Any) -> Where | str:
    """Return the state of a task; an unknown value counts as unfinished."""
    state = poll.state.read(answer)
    for where in ("queued", "succeeded", "failed", "cancelled", "gone"):
        if any(state == known and type(state) is type(known) for known in getattr(poll, where)):
            return where
    return "running"


def read_progress(poll: Poll, answer: Any) -> float | None:
    """Return the progress, 0 to 1; 0 counts as unknown."""
    told = _read(poll.progress, answer)
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    return told / poll.progress_of if 0 < told < poll.progress_of else None


def read_object(expression: Expression | None, answer: Any) -> dict[str, Any] | None:
    """Return the object that an expression finds."""
    found = _read(expression, answer)
    return found if isinstance(found, dict) and found else None


def read_carried(poll: Poll, answer: Any) -> dict[str, str] | None:
    """Return the values that the result is requested with; None if one of them is unusable."""
    values = {name: _name(value) for name, value in (read_object(poll.carry, answer) or {}).items()}
    return values if all(map(_is_good, values.values())) else None


def read_link(expression: Expression, answer: Any) -> str | None:
    """Return the link to a video."""
    link = expression.read(answer)
    return link if is_web_url(link) else None


def read_moment(told: Any) -> float | None:
    """Convert a number (seconds or milliseconds) or text (ISO 8601) to seconds since 1970."""
    try:
        if isinstance(told, str) and told.replace(".", "", 1).isdecimal():
            told = float(told)
        if isinstance(told, int | float) and not isinstance(told, bool):
            return told / 1000 if told > 1e11 else float(told)
        return datetime.fromisoformat(told).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def _read(expression: Expression | None, answer: Any) -> Any:
    return None if expression is None else expression.read(answer)


def _name(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _is_good(value: Any) -> bool:
    if is_web_url(value):
        return len(value) <= _LONGEST_URL and value.isprintable()
    return is_id(value)


def names_of(handle: str) -> Mapping[str, str]:
    """Return the values of a stored handle."""
    values: dict[str, str] = json.loads(handle)
    return values

"""The gateway's log on stderr: requests, ended tasks and warnings, as text or JSON."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from ...errors import BadParameter
from ...i18n import Text
from ...protocol.models import TaskId
from ...protocol.requests import PATHS
from ...security.redaction import without_passwords
from ...settings import LOG_FORMATS
from ...text.console import visible
from ..http.access.auth import asking
from ..jobs.cluster.config import LOG as CLUSTER
from ..service.monitoring.task_log import TASKS

_SECRET_IN_QUERY = re.compile(r"([?&][^=&]*(?:token|key|secret)[^=&]*=)[^&\s]*", re.IGNORECASE)
_QUIET: Final = (PATHS.status, PATHS.health, "/livez", "/readyz", "/metrics")
_FORMAT = Text(
    "Invalid VIDEOGEN_LOG_FORMAT: {raw!r}. Use text or json.",
    "VIDEOGEN_LOG_FORMAT 的值 {raw!r} 无效，请使用 text 或 json。",
)


class Line(logging.Formatter):
    """A record as text: ``2026-03-01 12:00:01 INFO 200 GET /api/video-gen/list (anna)``.

    Control characters, passwords in URLs and secrets in queries are removed.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's text with its traceback."""
        facts = facts_of(record)
        moment = self.formatTime(record, "%Y-%m-%d %H:%M:%S")
        whose = f" ({facts['person']})" if facts.get("person") else ""
        line = f"{moment} {record.levelname} {facts['message']}{whose}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return visible(without_passwords(line))


class JsonLine(logging.Formatter):
    """A record as one JSON object: ``time`` (UTC), ``level``, ``logger``, ``message``, and more.

    Requests have ``method``, ``path`` and ``status``, tasks ``task``, ``engine`` and others; both
    have ``person`` if the gateway knows people.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told = {"time": moment, "level": record.levelname, "logger": record.name}
        told |= facts_of(record)
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return without_passwords(json.dumps(told, ensure_ascii=False, default=str))


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return the fields of a record: its message and context."""
    if (request := _request(record)) is not None:
        method, path, status = request
        path = _SECRET_IN_QUERY.sub(r"\1…", path)
        told: dict[str, Any] = {"message": f"{status} {method} {path}"}
        told |= {"method": method, "path": path, "status": status}
        return told | ({"person": person} if (person := asking.get()) else {})
    arguments = record.args if isinstance(record.args, tuple) else ()
    tasks = [one.message_id for one in arguments if isinstance(one, TaskId)]
    told = {"message": record.getMessage(), **({"task": tasks[0]} if tasks else {})}
    return told | getattr(record, "facts", {})


def write_log(format_: str, *, access: bool) -> None:
    """Log warnings to stderr, and optionally requests, ended tasks and a cluster's workers.

    Raises:
        BadParameter: the format is unknown.
    """
    if format_ not in LOG_FORMATS:
        raise BadParameter(_FORMAT(raw=format_))
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLine() if format_ == "json" else Line())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    if access:
        logging.getLogger("uvicorn.access").addFilter(is_news)
        for name in ("uvicorn.access", TASKS, CLUSTER):
            logging.getLogger(name).setLevel(logging.INFO)


def is_news(record: logging.LogRecord) -> bool:
    """Return whether to log a record: successful polling requests are skipped."""
    if (request := _request(record)) is None:
        return True
    method, path, status = request
    looked = method == "GET" and path.partition("?")[0] in _QUIET
    return not (looked and status == HTTPStatus.OK)


def _request(record: logging.LogRecord) -> tuple[str, str, int] | None:
    """Return method, path and status of a uvicorn access record."""
    if not isinstance(record.args, tuple) or len(record.args) != 5:
        return None
    _, method, path, _, status = record.args
    return str(method), str(path), int(str(status))

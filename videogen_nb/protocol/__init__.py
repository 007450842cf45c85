"""The protocol as pure functions: requests to send, responses to parse; no I/O.

Source: docs/protocol.md. For any input, a parser returns a model or raises a VideogenError.
"""

from __future__ import annotations

from .error_mapping import NO_REASON, failure, plain_words, read_error
from .lost_create import may_have_acted, newer, newest
from .requests import PATHS, Request, Sent
from .responses import (
    parse_json,
    read_attachment,
    read_batch,
    read_batch_state,
    read_cancelled,
    read_cleared,
    read_created,
    read_engines,
    read_groups,
    read_links,
    read_page,
    read_people,
    read_queue,
    read_spending,
    read_task,
    read_usage,
    tells_all,
)

__all__ = [
    "NO_REASON",
    "PATHS",
    "Request",
    "Sent",
    "failure",
    "may_have_acted",
    "newer",
    "newest",
    "parse_json",
    "plain_words",
    "read_attachment",
    "read_batch",
    "read_batch_state",
    "read_cancelled",
    "read_cleared",
    "read_created",
    "read_engines",
    "read_error",
    "read_groups",
    "read_links",
    "read_page",
    "read_people",
    "read_queue",
    "read_spending",
    "read_task",
    "read_usage",
    "tells_all",
]

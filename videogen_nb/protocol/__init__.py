"""The wire protocol as functions of values: requests to send, answers to read; no I/O.

Source: docs/protocol.md. Whatever arrives, a reader gives a model or raises a VideogenError.
"""

from __future__ import annotations

from .error_mapping import failure, plain_words, read_error
from .requests import PATHS, Request, Sent
from .responses import read_attachment, read_created, read_engines, read_page, read_task, tells_all

__all__ = [
    "PATHS",
    "Request",
    "Sent",
    "failure",
    "plain_words",
    "read_attachment",
    "read_created",
    "read_engines",
    "read_error",
    "read_page",
    "read_task",
    "tells_all",
]

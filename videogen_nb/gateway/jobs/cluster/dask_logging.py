"""Dask's log lines, in the format of the gateway's log.

The scheduler has a process of its own: it writes records to the gateway, which logs them.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Final

_OWN: Final = (  # the loggers that Dask gives a handler
    "distributed",
    "distributed.client",
    "distributed.gc",
    "tornado",
    "tornado.application",
    "bokeh",
)
_SCHEDULER: Final = "distributed.scheduler"


class _Record(logging.Formatter):
    """A record as one line of JSON, for :func:`log_line`."""

    def format(self, record: logging.LogRecord) -> str:
        told = {"name": record.name, "levelno": record.levelno, "levelname": record.levelname}
        return json.dumps({**told, "created": record.created, "msg": super().format(record)})


def use_our_handlers() -> None:
    """Log Dask's messages with the handlers of this process. Call it after importing Dask."""
    for name in _OWN:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


def write_records() -> None:
    """Write all records of this process to stderr, for the gateway to log."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Record())
    logging.basicConfig(handlers=[handler], force=True)
    use_our_handlers()


async def log_records(lines: asyncio.StreamReader) -> None:
    """Log what the scheduler's process writes, until it ends."""
    while True:
        try:
            line = await lines.readline()
        except ValueError:  # a line longer than a stream keeps
            continue
        if not line:
            return
        log_line(line)


def log_line(line: bytes) -> None:
    """Log a record of the scheduler's process; any other line becomes a warning."""
    try:
        record = logging.makeLogRecord(json.loads(line))
        logging.getLogger(record.name).handle(record)
    except (ValueError, TypeError):
        logging.getLogger(_SCHEDULER).warning("%s", line.decode("utf-8", "replace").rstrip())

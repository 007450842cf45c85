"""Logging ended tasks."""

from __future__ import annotations

import logging
from typing import Final

from ...storage.task_record import TaskRecord

TASKS: Final = "videogen_nb.gateway.tasks"  # the logger's name

logger = logging.getLogger(TASKS)


def log_end(record: TaskRecord) -> None:
    """Log the end of a task, with its ``facts`` for other formats."""
    facts = {
        "task": record.message_id,
        "person": record.owner,
        "engine": record.engine,
        "status": record.status.value,
        "code": record.error_code,
        "seconds": record.work_s and round(record.work_s, 2),
    }
    facts = {name: value for name, value in facts.items() if value not in (None, "")}
    words = f"{record.status.value}{f': {record.error_code}' if record.error_code else ''}"
    logger.info("Task %s %s, engine %s", record.id, words, record.engine, extra={"facts": facts})

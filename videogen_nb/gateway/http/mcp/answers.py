"""Responses for agents: few fields, next steps, and untrusted text marked as such."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ....errors import UpstreamError, VideogenError
from ....protocol.models import TaskStatus
from ...jobs.runner import Runner
from ...requester import Requester
from ...service.batch_rows import RowsRefused
from ...service.batches import Weighed
from ...service.costs.consent import cost_words
from ...storage.batches import Admitted
from ...storage.task_record import TaskRecord
from ..errors import problems
from ..responses import task_answer
from .catalogue import UNTRUSTED

ROWS: Final = 100  # of a batch in one answer
_MOST: Final = 1_000  # characters of one such text
_KEPT: Final = (
    "status",
    "engine",
    "created_at",
    "progress",
    "queue_position",
    "eta_seconds",
    "parameters",
    "seed",
    "parent",
    "cost",
    "error_code",
)
_WORDS: Final = ("prompt", "title", "group", "stage", "error")
_UPSTREAM: Final = frozenset(
    {"cancel_refused", UpstreamError.code, *(k.code for k in UpstreamError.__subclasses__())}
)
_UNKNOWN: Final = "outcome_unknown"


def plain(words: str) -> str:
    """Return text without invisible characters (controls, directions), limited in length."""
    seen = (c if unicodedata.category(c)[0] != "C" or c in "\n\t" else " " for c in words[:_MOST])
    return "".join(seen)


def task_words(record: TaskRecord, runner: Runner, requester: Requester) -> dict[str, Any]:
    """Return one task for an agent."""
    full = task_answer(record, runner, requester)
    told = {name: full[name] for name in _KEPT if full[name] not in (None, [], {})}
    words: dict[str, Any] = {name: plain(full[name]) for name in _WORDS if full[name]}
    if full["notes"]:
        words["notes"] = [plain(note) for note in full["notes"]]
    if full["drawn"]:
        words["drawn"] = plain(full["drawn"]["line"])
    return {"id": str(record.id), **told, "next": _next(record), UNTRUSTED: words}


def batch_words(name: str, rows: Sequence[Admitted], counts: Mapping[str, int]) -> dict[str, Any]:
    """Return the state of a batch: its first rows, each with its task's id and status."""
    told = [row_words(row) for row in rows[:ROWS]]
    left = len(rows) - len(told)
    more = {"rows_left_off": left} if left else {}
    done = not any(counts.get(status.value) for status in TaskStatus if not status.finished)
    following = "All rows have ended." if done else _WAIT_BATCH.format(name=name)
    return {"batch": name, "counts": dict(counts), "rows": told, **more, "next": following}


def row_words(row: Admitted) -> dict[str, Any]:
    """Return one row of a batch."""
    told = {"row": row.row, "key": row.key, "id": str(row.record.id)}
    code = {"error_code": row.record.error_code} if row.record.error_code else {}
    return {**told, "status": row.record.status.value, **code}


def foreseen_words(name: str, weighed: Weighed, *, dry_run: bool) -> dict[str, Any]:
    """Return the estimate for a table."""
    new = sum(row.new for row in weighed.admitted)
    told: dict[str, Any] = {
        "batch": name,
        "new": new,
        "existing": len(weighed.admitted) - new,
        "refused": problems(weighed.refused[:ROWS], "en"),
        "seconds": weighed.seconds and round(weighed.seconds, 1),
        "cost": cost_words(weighed.cost, weighed.unpriced),
    }
    if dry_run:
        return {**told, "next": "Nothing was created. Call batch with expected_cost = cost."}
    rows = [row_words(row) for row in weighed.admitted[:ROWS]]
    return {**told, "rows": rows, "next": _WAIT_BATCH.format(name=name)}


def error_words(error: VideogenError, language: str) -> dict[str, Any]:
    """Return an error; a provider's text is marked as untrusted."""
    words = error.text.render(language)
    if error.code in _UPSTREAM:
        return {"error": error.code, UNTRUSTED: {"message": plain(words)}}
    more = {"rows": problems(error.rows[:ROWS], language)} if isinstance(error, RowsRefused) else {}
    return {"error": error.code, "message": plain(words), **more}


def _next(record: TaskRecord) -> str:
    if record.error_code == _UNKNOWN:
        return _ASK
    return _NEXT[record.status].format(id=record.id)


_WAIT = "Call wait with id={id!s}."
_WAIT_BATCH: Final = "Call wait with batch={name!r}."
_ASK: Final = (
    "The video may have been generated and paid for. Do not create it again: tell the person, who "
    "can check with the provider and retry it."
)
_NEXT: Final[Mapping[TaskStatus, str]] = {
    TaskStatus.PENDING: _WAIT,
    TaskStatus.PROCESSING: _WAIT,
    TaskStatus.COMPLETED: "Call video with id={id!s}.",
    TaskStatus.FAILED: "See the error. Once it is fixed, create the video again with the same key.",
    TaskStatus.CANCELLED: "It was cancelled. To create another one, use a new key.",
}

"""Parsing the rows of a table, with keys and errors."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import BadParameter, VideogenError
from ...i18n import Text
from ...protocol.batches import MAX_ROWS
from ...protocol.models import GenerateRequest
from ...protocol.prompts import find_control
from ..refusals import Refusal
from ..storage.batches import Candidate
from .validation import MAX_WORDS, all_images, read_order, requested


@dataclass(slots=True)
class Row:
    """A row being processed. ``known``: its key belongs to a task with the same request."""

    number: int
    key: str | None = None
    order: GenerateRequest | None = None
    digest: str = ""
    known: bool = False
    problem: VideogenError | None = None
    candidate: Candidate | None = None

    @property
    def to_plan(self) -> GenerateRequest | None:
        """The request, if it is valid so far and has no task yet."""
        return None if self.known or self.problem else self.order


class RowsRefused(Refusal):
    """Some rows are invalid; contains all of them."""

    def __init__(self, rows: Sequence[Row], total: int) -> None:
        first = rows[0]
        assert first.problem is not None
        super().__init__(
            "rows_refused",
            count=len(rows),
            total=total,
            row=first.number,
            why=first.problem.text,
        )
        self.rows = rows


def check_name(name: Any) -> None:
    """Raise BadParameter for an invalid name of a batch."""
    if not isinstance(name, str) or not name.strip() or not _fits(name):
        raise BadParameter(_NAME(limit=MAX_WORDS), code="malformed")


def read_rows(rows: Any, name: str) -> list[Row]:
    """Parse the rows of a table, each with its request or error.

    Raises:
        BadParameter, Refusal: it is not a list of rows, or too long.
    """
    if not isinstance(rows, list) or not rows:
        raise BadParameter(_ROWS, code="malformed")
    if len(rows) > MAX_ROWS:
        raise Refusal("too_many_rows", count=len(rows), limit=MAX_ROWS)
    read = [_read_row(number, body, name) for number, body in enumerate(rows, 1)]
    _name_rows(read)
    return read


def digest_of(order: GenerateRequest) -> str:
    """Return a digest of the prompt, engine, parameters and images."""
    images = [[image.source, image.role] for image in all_images(order)]
    told = [order.prompt, order.engine, requested(order), images]
    words = json.dumps(told, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(words.encode()).hexdigest()


def _read_row(number: int, body: Any, name: str) -> Row:
    row = Row(number)
    try:
        order = read_order(body)
        row.order = order if order.group else order.model_copy(update={"group": name})
        row.digest = digest_of(order)
        row.key = body.get("key")
        if row.key is not None and not (isinstance(row.key, str) and row.key and _fits(row.key)):
            raise Refusal("key_invalid", key=str(row.key)[:80], limit=MAX_WORDS)
    except VideogenError as error:
        row.problem = error
    return row


def _name_rows(rows: Iterable[Row]) -> None:
    """Assign a key to each row; equal requests without one are numbered."""
    seen: Counter[str] = Counter()
    owners: dict[str, int] = {}
    for row in rows:
        if row.problem is not None:
            continue
        if row.key is None:
            seen[row.digest] += 1
            row.key = f"sha256:{row.digest}" + (f":{n}" if (n := seen[row.digest]) > 1 else "")
        if row.key in owners:
            row.problem = Refusal("key_twice", key=row.key, other=owners[row.key])
        owners.setdefault(row.key, row.number)


def _fits(words: str) -> bool:
    return len(words) <= MAX_WORDS and find_control(words) is None


_NAME = Text(
    "A batch needs a name of 1 to {limit} characters without control characters.",
    "批次需要名称：1 至 {limit} 个字符，且不含控制字符。",
)
_ROWS = Text("rows must be a list with at least one row.", "rows 应为至少一行的列表。")

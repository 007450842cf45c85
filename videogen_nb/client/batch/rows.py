"""Mapping the columns of a table to the arguments of create requests."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ...errors import BadParameter, BadRows, RowProblem, VideogenError
from ...i18n import Text
from ...protocol.parameters import ARGUMENTS, BY_NAME, NAMES, READERS, check_names
from ...protocol.values import as_text, plain
from ..create import validation
from .table import Cells, combinations, read_table, whole

if TYPE_CHECKING:
    from ...protocol.models import GenerateRequest

_WHOLE: Final = ("idempotency_key", "attachment")  # of a single create; a row has a key instead
_TAKEN: Final = tuple(name for name in (*NAMES, *ARGUMENTS) if name not in _WHOLE)


@dataclass(slots=True)
class Row:
    """One row: its number (from 1), its key, its create arguments, and all of its cells."""

    number: int
    key: str | None
    prompt: Any
    image: Any
    arguments: dict[str, Any]
    cells: Cells
    request: GenerateRequest | None = None


@dataclass(slots=True)
class Problems:
    """Problems with rows, collected so that they can be reported together."""

    found: dict[int, RowProblem] = field(default_factory=dict)

    def add(self, row: int, error: VideogenError) -> None:
        """Record a problem with a row; only the first one is reported."""
        self.found.setdefault(row, RowProblem(row, error.code, error.text))

    def check(self, total: int) -> None:
        """Raise BadRows if there are problems."""
        if self.found:
            raise BadRows([self.found[row] for row in sorted(self.found)], total)


def rows_of(
    table: Any,
    *,
    prompt: str | None,
    image: Any,
    key: str | None,
    product: bool,
    given: Mapping[str, Any],
) -> tuple[list[Row], Problems, Any]:
    """Return the rows of a table, their problems, and the webhook of the whole table.

    Args:
        prompt, image, key: a column's name, or a constant for all rows; None = the column of that
            name, if any.
        product: see :func:`read_table`; lists in ``given`` are then treated as columns.
        given: parameters: a column's name, or a constant for all rows. They take precedence over
            columns named like the parameter. A constant ``notify`` belongs to the table, not its
            rows.

    Raises:
        BadParameter: the table cannot be read, or a name is unknown.
    """
    check_names(name for name in given if name not in _WHOLE)
    cells = read_table(table, product=product)
    given = dict(given)
    if product:
        axes = {n: v for n, v in given.items() if _is_axis(n, v)}
        given = {name: value for name, value in given.items() if name not in axes}
        cells = [{**row, **more} for row in cells for more in combinations(axes)]
    columns = list(dict.fromkeys(name for row in cells for name in row))
    sources = {"prompt": prompt, "image": image, "key": key, **given}
    plan = {name: _source(name, value, columns) for name, value in sources.items()}
    notify = None
    if not plan.get("notify", (True, None))[0]:
        (_, notify), plan["notify"] = plan["notify"], (False, None)
    used = {value for column, value in plan.values() if column}
    _check_columns([name for name in columns if name not in used])
    problems = Problems()
    rows = [_row(number, row, plan, problems) for number, row in enumerate(cells, 1)]
    return rows, problems, as_text("notify", notify)


def _is_axis(name: str, value: Any) -> bool:
    return isinstance(value, list | tuple) and (name not in BY_NAME or BY_NAME[name].kind != "list")


def _source(name: str, value: Any, columns: Sequence[str]) -> tuple[bool, Any]:
    """Return whether a value names a column, and the name or the constant."""
    if value is None:
        if name == "prompt" and name not in columns:
            raise BadParameter(_NO_PROMPT(columns=", ".join(columns)))
        return (True, name) if name in columns else (False, None)
    if isinstance(value, str) and value in columns:
        return True, value
    near = difflib.get_close_matches(value, columns, n=1, cutoff=0.8) if _word(value) else []
    if near or (name == "key" and isinstance(value, str)):
        known = near[0] if near else ", ".join(columns)
        raise BadParameter(_NO_COLUMN(value=value, name=name, known=known))
    return False, value


def _word(value: Any) -> bool:
    return isinstance(value, str) and " " not in value.strip()


def _check_columns(unused: Sequence[str]) -> None:
    """Refuse columns with misspelt parameter names, which would be silently ignored."""
    known = [*_TAKEN, "prompt", "image", "key"]
    for column in unused:
        near = difflib.get_close_matches(column, known, n=1, cutoff=0.8)
        if near and column not in known:
            raise BadParameter(_MISSPELT(column=column, near=near[0]))


def _row(
    number: int, cells: Cells, plan: Mapping[str, tuple[bool, Any]], problems: Problems
) -> Row:
    def value(name: str) -> Any:
        column, told = plan.get(name, (True, name))
        return cells.get(told) if column else told

    arguments = {name: value(name) for name in _TAKEN}
    given = {name: argument for name, argument in arguments.items() if argument is not None}
    key = whole(value("key"))
    row = Row(number, None if key is None else str(key), value("prompt"), value("image"), {}, cells)
    try:
        row.arguments = {name: _read(name, argument) for name, argument in given.items()}
        _check(row)
    except VideogenError as error:
        problems.add(number, error)
    return row


def _check(row: Row) -> None:
    """Check everything that can be checked without a gateway or the images."""
    fields = {n: v for n, v in row.arguments.items() if n not in ("images", "image_url")}
    validation.build(row.prompt, **{n: v for n, v in fields.items() if v is not False})


def _read(name: str, value: Any) -> Any:
    """Convert a cell to the parameter's type; text, as in a CSV, is parsed."""
    value = plain(name, value)
    if not isinstance(value, str):
        return value
    if name not in BY_NAME:
        return value.strip().lower() in _YES if name in ("guest", "again") else value
    kind = BY_NAME[name].kind
    try:
        if kind == "list":
            return [word.strip() for word in value.replace(";", ",").split(",") if word.strip()]
        if kind == "object":
            return json.loads(value)
        return READERS[kind](value.strip())
    except ValueError:
        raise BadParameter(_UNFIT(name=name, value=value, metavar=BY_NAME[name].metavar)) from None


_YES: Final = ("1", "true", "yes", "y", "是")
_NO_PROMPT = Text(
    "The table has no column “prompt”. Pass the name of the column that holds the prompts, or one "
    "prompt for all rows: prompt=…. Columns: {columns}.",
    "表格没有名为 prompt 的列。请用 prompt=… 指定提示词所在的列，或给出所有行共用的提示词。"
    "现有的列：{columns}。",
)
_NO_COLUMN = Text(
    "There is no column {value!r} for {name}. Did you mean: {known}?",
    "没有可用作 {name} 的列 {value!r}。你是否想用：{known}？",
)
_MISSPELT = Text(
    "The column {column!r} is not a parameter and would be ignored. Did you mean {near!r}? If "
    "not, rename the column.",
    "列 {column!r} 不是参数，会被忽略。你是否想用 {near!r}？否则请改用其他列名。",
)
_UNFIT = Text(
    "Invalid {name}: {value!r}. Expected {metavar}.",
    "{name}={value!r} 无效：应为 {metavar}。",
)

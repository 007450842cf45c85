"""Reading tables of all supported kinds as rows of plain values by column name."""

from __future__ import annotations

import csv
import io
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ...errors import BadParameter
from ...i18n import Text
from ...protocol.values import EMPTY_CELLS
from ...text.encoding import read_config

Cells = dict[str, Any]

_DELIMITERS: Final = ",;\t"


def read_table(table: Any, *, product: bool = False) -> list[Cells]:
    """Return the rows of a table; empty cells are omitted.

    Args:
        table: a list of dictionaries, a dictionary of columns, the path of a CSV file, or a pandas
            or polars frame.
        product: return every combination of the columns' values, the last column changing fastest,
            instead of the rows.

    Raises:
        BadParameter: it is none of these, or has no rows.
    """
    rows = _rows(table, product=product)
    rows = [{name: cell for name, cell in row.items() if not is_empty(cell)} for row in rows]
    if product:
        rows = combinations(_distinct(rows))
    if not any(rows):
        raise BadParameter(_NO_ROWS)
    return rows


def combinations(columns: Mapping[str, Sequence[Any]]) -> list[Cells]:
    """Return every combination of the columns' values, the last column changing fastest."""
    return [
        dict(zip(columns, values, strict=True)) for values in itertools.product(*columns.values())
    ]


def is_empty(cell: Any) -> bool:
    """Return whether a cell is empty: None, NaN, NA, or blank text."""
    if cell is None or type(cell).__name__ in EMPTY_CELLS:
        return True
    if isinstance(cell, str):
        return not cell.strip()
    return isinstance(cell, float) and math.isnan(cell)


def whole(cell: Any) -> Any:
    """Return whole floats as ``int``: pandas turns columns with empty cells into floats."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def frame_kind(table: Any) -> str | None:
    """Return the library of a data frame, such as ``"pandas"``; None for other tables."""
    name = type(table).__module__.partition(".")[0]
    return name if name in ("pandas", "polars", "pyarrow", "modin", "cudf") else None


def _rows(table: Any, *, product: bool) -> list[Cells]:
    if isinstance(table, str | Path):
        return _from_csv(Path(table).expanduser())
    if isinstance(table, Mapping):
        return _from_columns(table, product=product)
    if isinstance(table, Sequence) and all(isinstance(row, Mapping) for row in table):
        return [{str(name): cell for name, cell in row.items()} for row in table]
    if frame_kind(table) is not None:
        return _from_frame(table)
    raise BadParameter(_NO_TABLE(kind=type(table).__name__))


def _from_frame(table: Any) -> list[Cells]:
    import narwhals as nw  # only those who have a frame need it

    frame = nw.from_native(table, eager_only=True)
    return [{str(k): cell for k, cell in row.items()} for row in frame.iter_rows(named=True)]


def _from_columns(table: Mapping[Any, Any], *, product: bool) -> list[Cells]:
    columns = {str(name): _as_list(values) for name, values in table.items()}
    longest = max(map(len, columns.values()), default=0)
    if product:  # they are read as columns again
        return [
            dict(zip(columns, row, strict=True)) for row in itertools.zip_longest(*columns.values())
        ]
    for name, values in columns.items():
        if len(values) not in (1, longest):
            raise BadParameter(_UNEVEN(name=name, count=len(values), longest=longest))
    whole = {n: v if len(v) == longest else v * longest for n, v in columns.items()}
    return [dict(zip(whole, cells, strict=True)) for cells in zip(*whole.values(), strict=True)]


def _as_list(values: Any) -> list[Any]:
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        return [values]
    return list(values)


def _distinct(rows: Sequence[Cells]) -> dict[str, list[Any]]:
    """Return the distinct values of each column, in order."""
    columns: dict[str, list[Any]] = {}
    for row in rows:
        for name, cell in row.items():
            values = columns.setdefault(name, [])
            if not any(cell is known or cell == known for known in values):
                values.append(cell)
    return columns


def _from_csv(path: Path) -> list[Cells]:
    try:
        text = read_config(path)
    except UnicodeDecodeError:
        raise BadParameter(_NOT_UTF8(path=path)) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise BadParameter(_UNREADABLE(path=path, why=why)) from None
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[dict[Any, Any]] = []
    try:
        rows.extend(reader)
    except csv.Error as error:
        raise BadParameter(_BAD_CSV(path=path, row=len(rows) + 1, why=str(error))) from None
    for number, row in enumerate(rows, 1):
        if None in row:  # more cells than the head has names
            raise BadParameter(_LONG_ROW(path=path, row=number, count=len(reader.fieldnames or ())))
    return [{name.strip(): cell for name, cell in row.items() if name} for row in rows]


_NO_TABLE = Text(
    "A table must be a list of dictionaries, a dictionary of columns, the path of a CSV file, or a "
    "pandas or polars data frame, not {kind}.",
    "表格应为字典列表、按列组织的字典、CSV 文件路径，或 pandas、polars 数据框，而不是 {kind}。",
)
_NO_ROWS = Text("The table has no rows.", "表格没有任何行。")
_UNEVEN = Text(
    "The column {name!r} has {count} values, but others have {longest}. Make them the same "
    "length, or pass product=True for all combinations.",
    "列 {name!r} 有 {count} 个值，而其他列有 {longest} 个。"
    "请补齐，或用 product=True 生成所有组合。",
)
_NOT_UTF8 = Text(
    "{path} is not UTF-8 text. Save it as “CSV UTF-8”.",
    "{path} 不是 UTF-8 编码，请另存为“CSV UTF-8”。",
)
_UNREADABLE = Text("Cannot read {path}: {why}.", "无法读取 {path}：{why}。")
_BAD_CSV = Text("{path}, row {row}: {why}.", "{path} 第 {row} 行：{why}。")
_LONG_ROW = Text(
    "{path}: row {row} has more than {count} cells, but there are only {count} columns. Put text "
    "that contains the separator in quotes.",
    "{path}：第 {row} 行的单元格数超过了列数（{count}）。含分隔符的文本请加引号。",
)

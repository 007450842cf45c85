"""A batch as a pandas or polars data frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...errors import BadParameter
from ...i18n import Text

_NO_FRAMES = Text(
    "frame() needs pandas or polars: pip install pandas. Without them, records() returns the same "
    "data as a list of dictionaries.",
    "frame() 需要 pandas 或 polars：pip install pandas。未安装时可用 records() 得到字典列表。",
)


def as_frame(records: Sequence[dict[str, Any]], kinds: Sequence[Any]) -> Any:
    """Return the records as a data frame of the first of these libraries that is installed.

    Raises:
        BadParameter: none is installed.
    """
    for kind in kinds:
        try:
            return _to_frame(records, kind)
        except ImportError:
            continue
    raise BadParameter(_NO_FRAMES)


def _to_frame(records: Sequence[dict[str, Any]], kind: Any) -> Any:
    import narwhals as nw  # only those who ask for a frame need it

    names = dict.fromkeys(name for record in records for name in record)
    columns = {name: _column([record.get(name) for record in records]) for name in names}
    return nw.from_dict(columns, backend=kind).to_native()


def _column(values: list[Any]) -> list[Any]:
    """Return the values of a column as one type: numbers, or else text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float}:
        kind: type = float if float in kinds else int
    elif kinds == {bool}:
        return values
    else:
        kind = str
    return [None if value is None else kind(value) for value in values]

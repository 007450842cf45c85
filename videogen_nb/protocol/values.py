"""Converting NumPy and pandas values to plain JSON values."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Any, Final

from ..errors import BadParameter
from ..i18n import Text

EMPTY_CELLS: Final = ("NAType", "NaTType")  # pandas' own; known by name, so that it is not needed
_PLAIN: Final = (str, bool, int, type(None))


def plain(name: str, value: Any) -> Any:
    """Convert NumPy and pandas types, even inside containers; return other values unchanged.

    Raises:
        BadParameter: it is an empty cell (NaN, NA, NaT), infinite, text with a lone surrogate, or
            contains something that JSON does not support; the message names the parameter.
    """
    check_filled(name, value)
    if isinstance(value, str):
        _check_whole(name, value)
    if isinstance(value, float | Decimal):  # decimals come out of databases and polars
        return float(value)
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return plain(name, _of_numpy(value))
    if isinstance(value, list | tuple):
        return [_inside(name, item) for item in value]
    if isinstance(value, Mapping):
        return {
            plain(name, str(key)): _inside(f"{name}.{key}"[:80], item)
            for key, item in value.items()
        }
    return value


def check_filled(name: str, value: Any) -> None:
    """Raise BadParameter for an empty cell (NaN, NA, NaT) and for infinity."""
    if type(value).__name__ in EMPTY_CELLS:
        raise BadParameter(_EMPTY(name=name, value=type(value).__name__.removesuffix("Type")))
    if getattr(value, "shape", None) == () and hasattr(value, "tolist"):
        value = _of_numpy(value)
        if value is None:  # NumPy's own NaT, or what a mask hides
            raise BadParameter(_EMPTY(name=name, value="NaT"))
    if isinstance(value, float | Decimal) and not math.isfinite(value):
        raise BadParameter(_EMPTY(name=name, value=str(value)))


def as_text(name: str, value: Any) -> str | None:
    """Return text, such as an id, even from a table's cell; numbers become text.

    Raises:
        BadParameter: it is not text.
    """
    found = plain(name, value)
    if isinstance(found, bool) or not isinstance(found, str | int | None):
        raise BadParameter(_NO_TEXT(name=name, value=value))
    return None if found is None else str(found)


def as_count(name: str, value: Any) -> int | None:
    """Return a whole number that is not negative; 5.0 is accepted.

    Raises:
        BadParameter: it is not a whole number, or negative.
    """
    found = plain(name, value)
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    if isinstance(found, bool) or not isinstance(found, int | None) or (found or 0) < 0:
        raise BadParameter(_NO_COUNT(name=name, value=value))
    return found


def as_limit(name: str, value: Any) -> float | None:
    """Return a time limit; infinity means no limit.

    Raises:
        BadParameter: it is not a number, is an empty cell, or is negative.
    """
    if isinstance(value, float) and value == math.inf:
        return math.inf
    found = plain(name, value)
    if isinstance(found, bool) or not isinstance(found, float | int | None) or (found or 0) < 0:
        raise BadParameter(_NO_TIME(name=name, value=value))
    return found


def as_switch(name: str, value: Any) -> bool:
    """Return a boolean. Raises BadParameter if it is neither True nor False."""
    if type(value).__name__ not in ("bool", "bool_"):  # NumPy has one of its own
        raise BadParameter(_NO_SWITCH(name=name, value=value))
    return bool(value)


def as_path(name: str, value: Any) -> Path:
    """Return a path. Raises BadParameter if it is not a path."""
    if not isinstance(value, str | os.PathLike) or not isinstance(os.fspath(value), str):
        raise BadParameter(_NO_PATH(name=name, value=value))
    return Path(value)


def as_list(name: str, value: Any, single: type | UnionType | tuple[type, ...] = ()) -> list[Any]:
    """Return a list; a single value of the type ``single`` becomes a list of one.

    Raises:
        BadParameter: it is not a list.
    """
    if isinstance(value, single):
        return [value]
    if isinstance(value, bytes | Mapping) or not isinstance(value, Iterable):
        raise BadParameter(_NO_LIST(name=name, value=value))
    return list(value)


def _of_numpy(value: Any) -> Any:
    python = value.tolist()
    return float(python) if hasattr(python, "dtype") else python  # a long double stays as it is


def _check_whole(name: str, text: str) -> None:
    """Refuse text with surrogates, which stand for undecodable bytes, as in a file name."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        around = text[max(0, error.start - 20) : error.end + 20]
        raise BadParameter(_HALF(name=name, value=around)) from None


def _inside(name: str, value: Any) -> Any:
    found = plain(name, value)
    if not isinstance(found, (*_PLAIN, float, list, dict)):
        raise BadParameter(_NOT_JSON(name=name, value=value))
    return found


_EMPTY: Final = Text(
    "{name} is {value}, as in an empty cell of a table. Pass a value, or omit it.",
    "{name} 的值为 {value}（例如表格中的空单元格）。请给出具体的值，或不传该参数。",
)
_HALF: Final = Text(
    "{name} contains bytes that are not text: {value!r}. Remove them.",
    "{name} 含有无法识别为文字的字节：{value!r}。请将其删除。",
)
_NO_TEXT: Final = Text("{name}={value!r} is not text.", "{name}={value!r} 不是文本。")
_NO_SWITCH: Final = Text(
    "{name} must be True or False, not {value!r}.", "{name} 应为 True 或 False，而不是 {value!r}。"
)
_NO_PATH: Final = Text("{name}={value!r} is not a path.", "{name}={value!r} 不是文件路径。")
_NO_LIST: Final = Text("{name}={value!r} is not a list.", "{name}={value!r} 不是列表。")
_NO_COUNT: Final = Text(
    "{name}={value!r} must be a whole number, 0 or greater.",
    "{name}={value!r} 应为不小于 0 的整数。",
)
_NO_TIME: Final = Text(
    "{name}={value!r} is not a duration. Use a number, 0 or greater.",
    "{name}={value!r} 不是有效的时长，应为不小于 0 的数。",
)
_NOT_JSON: Final = Text(
    "Invalid {name}: {value!r} is not text, a number, a list or a dictionary.",
    "{name}={value!r} 无效：应为文本、数字、列表或字典。",
)

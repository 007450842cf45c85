"""Values as JSON has them: what comes out of NumPy and pandas becomes Python's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from ..errors import BadParameter
from ..i18n import Text

_EMPTY_CELLS: Final = ("NAType", "NaTType")  # pandas' own; known by name, so that it is not needed
_PLAIN: Final = (str, bool, int, type(None))


def plain(name: str, value: Any) -> Any:
    """Return a value without NumPy's and pandas' types, in containers too; others as they are.

    Raises:
        BadParameter: it is an empty cell (NaN, NA, NaT), infinite, or inside a container
            something that JSON does not have; the text names the parameter.
    """
    if type(value).__name__ in _EMPTY_CELLS:
        raise BadParameter(_EMPTY(name=name, value=str(value)))
    if isinstance(value, float):
        if not math.isfinite(value):
            raise BadParameter(_EMPTY(name=name, value=str(value)))
        return float(value)
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return plain(name, _of_numpy(value))
    if isinstance(value, list | tuple):
        return [_inside(name, item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _inside(f"{name}.{key}"[:80], item) for key, item in value.items()}
    return value


def _of_numpy(value: Any) -> Any:
    python = value.tolist()
    return float(python) if hasattr(python, "dtype") else python  # a long double stays as it is


def _inside(name: str, value: Any) -> Any:
    found = plain(name, value)
    if not isinstance(found, (*_PLAIN, float, list, dict)):
        raise BadParameter(_NOT_JSON(name=name, value=value))
    return found


_EMPTY: Final = Text(
    "{name} is {value}, as in an empty cell of a table. Give a value, or leave it out.",
    "{name} 的值为 {value}（例如表格中的空单元格）。请给出具体的值，或不传该参数。",
)
_NOT_JSON: Final = Text(
    "{name}={value!r} does not fit: it is no text, number, list or dictionary.",
    "{name}={value!r} 不合适：应为文本、数字、列表或字典。",
)

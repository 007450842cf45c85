"""Checks of parameters for engines: a seed, a number in a range, a choice."""

from __future__ import annotations

import math
import secrets
from collections.abc import Collection, Mapping
from typing import Any, Final

from ...errors import BadParameter
from ...i18n import Text

_SEEDS: Final = 2**31  # of which one is chosen


def seed_of(requested: Mapping[str, Any]) -> int:
    """Return the requested seed, or else a random one, which the plan stores."""
    asked = requested.get("seed")
    if asked is None:
        return secrets.randbelow(_SEEDS)
    if isinstance(asked, bool) or not isinstance(asked, int) or not 0 <= asked < 2**63:
        raise BadParameter(_NO_SEED(asked=asked))
    return asked


def in_range(name: str, value: Any, limits: tuple[float, float], unit: Text) -> float:
    """Return the number if it is within the limits, which are in ``unit``."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadParameter(_NO_NUMBER(name=name, value=value))
    low, high = limits
    if not low <= value <= high:
        raise _out_of_range(name, value, limits, unit)
    return value


def whole_in_range(name: str, value: Any, limits: tuple[float, float], unit: Text) -> int:
    """Return the whole number if it is within the limits; 24.0 is accepted."""
    if in_range(name, value, limits, unit) != int(value):
        raise _out_of_range(name, value, limits, unit)
    return int(value)


def one_of(name: str, value: Any, allowed: Collection[str]) -> str:
    """Return a name if it is allowed."""
    if not isinstance(value, str) or value not in allowed:
        raise BadParameter(_NOT_ONE(name=name, value=value, allowed=", ".join(allowed)))
    return value


def _out_of_range(name: str, value: Any, limits: tuple[float, float], unit: Text) -> BadParameter:
    """Return the error for a number out of range."""
    low, high = limits
    return BadParameter(_OUT_OF_RANGE(name=name, value=value, low=low, high=high, unit=unit))


WHOLE_FPS: Final = Text("whole frames per second", "帧/秒，整数")
SECONDS: Final = Text("seconds", "秒")
_NO_SEED: Final = Text(
    "Invalid seed: {asked!r}. Use a whole number from 0 to 9223372036854775807, or omit it.",
    "seed 的值 {asked!r} 无效，请使用 0 到 9223372036854775807 的整数，或不指定。",
)
_NO_NUMBER: Final = Text(
    "Invalid {name}: {value!r} is not a number.", "{name} 的值 {value!r} 不是数字。"
)
_NOT_ONE: Final = Text(
    "Invalid {name}: {value!r}. This engine supports {allowed}.",
    "{name} 的值 {value!r} 不受支持，可用：{allowed}。",
)
_OUT_OF_RANGE: Final = Text(
    "{name} is {value:g}; this engine supports {low} to {high} {unit}.",
    "{name} 的值 {value:g} 超出范围，本引擎支持 {low}–{high}（{unit}）。",
)

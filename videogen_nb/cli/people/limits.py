"""Options for a person's limits, and limits in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import click

from ...i18n import Text
from ...people.person import LIMITS, Limits
from ..framework.commands import option

_WHAT: Final = {
    "running": Text("tasks running at the same time", "同时生成的任务数"),
    "queued": Text("unfinished tasks", "未完成任务的上限"),
    "videos_per_day": Text("videos per 24 hours", "24 小时内的视频数"),
    "upload_mb": Text("megabytes of stored images", "保存图片的总量（MB）"),
    "spend_per_day": Text('money per 24 hours, such as "5 USD"', "24 小时内的费用，如“5 USD”"),
    "spend_total": Text('money in total, such as "20 USD"', "费用总额，如“20 USD”"),
}
_NONE: Final = "none"
_AMOUNT: Final = re.compile(r"(\d+(?:\.\d+)?) ?([A-Za-z]{2,20})")
_BAD_NUMBER = Text("expected a number, or none", "需要数字或 none")
_BAD_AMOUNT = Text('write an amount and a currency, such as "5 USD"', "应为金额和货币，如“5 USD”")


def _number(context: click.Context, option: click.Parameter, value: str | None) -> Any:
    """Parse a number, 0 or more; ``none`` removes the limit."""
    if value is None or value == _NONE:
        return value
    whole = option.name != "upload_mb"
    if not re.fullmatch(r"\d+" if whole else r"\d+(\.\d+)?", value):
        raise click.BadParameter(str(_BAD_NUMBER), context, option)
    return int(value) if whole else float(value)


def _amounts(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> Any:
    """Parse amounts by currency; ``none`` removes the limit. None: not given."""
    amounts: dict[str, float] = {}
    for value in values:
        match = _AMOUNT.fullmatch(value.strip())
        if match is not None:
            amounts[match[2].upper() if len(match[2]) == 3 else match[2]] = float(match[1])
        elif value != _NONE:
            raise click.BadParameter(str(_BAD_AMOUNT), context, option)
    return amounts or (_NONE if values else None)


def limit_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each limit; ``changes`` reads what was given."""
    for name in reversed(LIMITS):
        spend = name.startswith("spend_")
        command = option(
            f"--{name.replace('_', '-')}",
            name,
            multiple=spend,
            callback=_amounts if spend else _number,
            metavar="AMOUNT" if spend else "N",
            text=_WHAT[name],
        )(command)
    return command


def changes(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the given limits; None = remove."""
    told = {name: value for name, value in given.items() if value is not None}
    return {name: None if value == _NONE else value for name, value in told.items()}


def words(limits: Limits) -> str:
    """Return a person's limits on one line; "" = none."""
    told = []
    for name in LIMITS:
        value = getattr(limits, name)
        if isinstance(value, Mapping):
            value = " + ".join(f"{amount:g} {currency}" for currency, amount in value.items()) or 0
        if value is not None:
            told.append(f"{name} {value}")
    return ", ".join(told)

"""What every command has: the chosen gateway, and the two places where it speaks."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Styled

from ..i18n import LANGUAGES, Text
from ..local import ensure_gateway
from ..settings import Settings
from ..sync import Connection, connect
from .commands import option


@dataclass
class Session:
    """One run of the program. Results go to ``out`` (stdout), everything else to ``err``."""

    url: str | None = None
    token: str | None = None
    as_json: bool = False
    out: Console = field(default_factory=lambda: _console(stderr=False))
    err: Console = field(default_factory=lambda: _console(stderr=True))

    @cached_property
    def settings(self) -> Settings:
        """The environment's settings, then what was said on the command line."""
        return Settings.from_environment(url=self.url, token=self.token)

    @cached_property
    def connection(self) -> Connection:
        """The gateway named, else the local one, started if need be."""
        if self.settings.url:
            return connect(self.settings.url, self.settings.token, settings=self.settings)
        address = ensure_gateway(self.settings, say=self.note)
        return connect(address.url, address.token, settings=self.settings)

    def note(self, text: Text | str, style: str = "dim") -> None:
        """Something to know on the way; programs are not bothered with it."""
        if not self.as_json:
            self.err.print(Styled(str(text), style=style))

    def say(self, text: Text | str, style: str = "") -> None:
        """A result for a person."""
        if not self.as_json:
            self.out.print(Styled(str(text), style=style))

    def rows(self, rows: Iterable[tuple[object, object]], *, indent: int = 0) -> None:
        """Labelled lines: in columns on a terminal, ``label: value`` elsewhere."""
        if self.as_json:
            return
        if not self.out.is_terminal:
            for label, value in rows:
                self.out.print(Styled(f"{' ' * indent}{label}: {value}"))
            return
        self.out.print(Padding(columns(rows), (0, 0, 0, indent)))

    def answer(self, document: Any) -> None:
        """The one JSON document for a program; nothing where a person is reading."""
        if self.as_json:
            sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
            sys.stdout.flush()


def columns(rows: Iterable[tuple[object, object]]) -> Table:
    """Labels on the left, what they name on the right, wrapped within its column."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in rows:
        grid.add_row(Styled(str(label)), value if isinstance(value, Styled) else Styled(str(value)))
    return grid


_SHARED = (
    option(
        "--url",
        metavar="URL",
        expose_value=False,
        callback=lambda ctx, _, value: _remember(ctx, "url", value),
        text=Text(
            "the gateway to use; else VIDEOGEN_URL, else the local one",
            "要使用的网关；默认取 VIDEOGEN_URL，否则用本地网关",
        ),
    ),
    option(
        "--token",
        metavar="TOKEN",
        expose_value=False,
        callback=lambda ctx, _, value: _remember(ctx, "token", value),
        text=Text(
            "its token; VIDEOGEN_TOKEN keeps it out of the process list",
            "网关令牌；用 VIDEOGEN_TOKEN 可避免出现在进程列表中",
        ),
    ),
    option(
        "--lang",
        type=click.Choice(LANGUAGES),
        expose_value=False,
        callback=lambda *_: None,  # read before parsing, see commands.py
        text=Text("language: en or zh", "语言：en 或 zh"),
    ),
    option(
        "--json",
        is_flag=True,
        expose_value=False,
        callback=lambda ctx, _, value: _remember(ctx, "as_json", value or None),
        text=Text(
            "one JSON document on stdout, errors as JSON on stderr",
            "在 stdout 输出一个 JSON 文档，错误以 JSON 写到 stderr",
        ),
    ),
)


def shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every command takes, before or after its name."""
    for decorate in reversed(_SHARED):
        command = decorate(command)
    return command


def with_session(function: Callable[..., Any]) -> Callable[..., Any]:
    """Pass the run's :class:`Session` as the first argument."""

    @wraps(function)
    @click.pass_context
    def run(ctx: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        return function(ctx.ensure_object(Session), *args, **kwargs)

    return run


def _remember(ctx: click.Context, name: str, value: Any) -> None:
    if value is not None:
        setattr(ctx.ensure_object(Session), name, value)


def _console(*, stderr: bool) -> Console:
    """Lines are wrapped for a person's window only: a program's would be broken by it."""
    console = Console(stderr=stderr, highlight=False)
    console.soft_wrap = not console.is_terminal
    return console

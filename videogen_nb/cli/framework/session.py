"""``Session``: the gateway and the output of one command."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any

import click
from rich.console import Console

from ...blocking import Connection, connect
from ...client import VideoClient
from ...errors import GatewayError, GatewayUnreachable
from ...i18n import LANGUAGES, Text
from ...local.discovery import REUSING, ensure_gateway
from ...protocol.polling import RetryPolicy, Timeouts
from ...settings import Settings
from .commands import option
from .exit_codes import UnusedOption
from .printing import console, document, put, put_rows


@dataclass
class Session:
    """One run of the program. Results go to ``out`` (stdout), everything else to ``err``."""

    url: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    as_json: bool = False
    hard_links: bool | None = None
    out: Console = field(default_factory=lambda: console())
    err: Console = field(default_factory=lambda: console(stderr=True))

    @cached_property
    def settings(self) -> Settings:
        """The settings from the environment and the command line."""
        return Settings.from_environment(url=self.url, token=self.token, hard_links=self.hard_links)

    @cached_property
    def connection(self) -> Connection:
        """The chosen gateway, or the local one, started if necessary."""
        if self.settings.url:
            named = connect(self.settings.url, self.settings.token, settings=self.settings)
            named.submit(_knock(named.url, self.settings.token)).result()
            return named
        address = ensure_gateway(self.settings, say=self._of_the_gateway)
        return connect(address.url, address.token, settings=self.settings)

    def note(self, text: Text | str, style: str = "dim") -> None:
        """Print a note for the user, not for programs."""
        if not self.as_json:
            put(self.err, text, style)

    def _of_the_gateway(self, text: Text) -> None:
        """Print messages about the local gateway, except that it is being reused."""
        if text.en != REUSING.en:
            self.note(text)

    def say(self, text: Text | str, style: str = "", *, whole: bool = False) -> None:
        """Print a result for the user; ``whole``: on one line, to be copied."""
        if not self.as_json:
            put(self.out, text, style, whole=whole)

    def rows(self, rows: Iterable[tuple[object, object]], *, indent: int = 0) -> None:
        """Print a result for the user as labelled lines."""
        if not self.as_json:
            put_rows(self.out, rows, indent=indent)

    def answer(self, value: Any) -> None:
        """Print the JSON document for a program; nothing for a user."""
        if self.as_json:
            sys.stdout.write(document(value, sys.stdout, indent=2) + "\n")
            sys.stdout.flush()


_SHARED = {
    "url": option(
        "--url",
        metavar="URL",
        expose_value=False,
        callback=lambda ctx, _, value: _remember(ctx, "url", value),
        text=Text(
            "gateway to use; default: VIDEOGEN_URL, otherwise the local one",
            "要使用的网关；默认取 VIDEOGEN_URL，否则用本地网关",
        ),
    ),
    "token": option(
        "--token",
        metavar="TOKEN",
        expose_value=False,
        callback=lambda ctx, _, value: _remember(ctx, "token", value),
        text=Text(
            "its token; set VIDEOGEN_TOKEN to keep it out of the process list",
            "网关令牌；用 VIDEOGEN_TOKEN 可避免出现在进程列表中",
        ),
    ),
    "lang": option(
        "--lang",
        type=click.Choice(LANGUAGES),
        expose_value=False,
        callback=lambda *_: None,  # read before parsing, see commands.py
        text=Text("language: en or zh", "语言：en 或 zh"),
    ),
    "as_json": option(
        "--json",
        is_flag=True,
        expose_value=False,
        callback=lambda ctx, _, value: _remember(ctx, "as_json", value or None),
        text=Text(
            "one JSON document on stdout, errors as JSON on stderr",
            "向标准输出写入一个 JSON 文档，错误以 JSON 写到标准错误",
        ),
    ),
}


def shared_except(*unused: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add all shared options but these; these are refused before the command's name, too."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def run(*args: Any, **kwargs: Any) -> Any:
            context = click.get_current_context()
            session = context.ensure_object(Session)
            for name in unused:
                if getattr(session, name) is not None:
                    raise UnusedOption(f"--{name}", context)
            return command(*args, **kwargs)

        for name, decorate_one in reversed(_SHARED.items()):
            if name not in unused:
                run = decorate_one(run)
        return run

    return decorate


#: The option of commands that save videos.
hard_link = option(
    "--hard-link",
    is_flag=True,
    expose_value=False,
    callback=lambda ctx, _, value: _remember(ctx, "hard_links", value or None),
    text=Text(
        "save as a read-only hard link to the local gateway's file if possible: takes no "
        "additional disk space (VIDEOGEN_HARD_LINKS)",
        "尽可能保存为本地网关文件的只读硬链接，不额外占用磁盘（VIDEOGEN_HARD_LINKS）",
    ),
)

#: The options that every command takes, before or after its name.
shared = shared_except()


def with_session(function: Callable[..., Any]) -> Callable[..., Any]:
    """Pass the run's :class:`Session` as the first argument."""

    @wraps(function)
    @click.pass_context
    def run(ctx: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        return function(ctx.ensure_object(Session), *args, **kwargs)

    return run


async def _knock(url: str, token: str | None) -> None:
    """Fail quickly if nothing responds: later requests have longer timeouts.

    Raises:
        GatewayUnreachable: nothing responds.
    """
    brief = Timeouts(connect_s=5, silence_s=5, answer_s=5)
    once = RetryPolicy(attempts=1)
    async with VideoClient(url, token=token, retry=once, timeouts=brief) as client:
        try:
            await client.health()
        except GatewayUnreachable:
            raise
        except GatewayError:
            return  # it is there; what it is, the command itself will see


def _remember(ctx: click.Context, name: str, value: Any) -> None:
    if value is not None:
        setattr(ctx.ensure_object(Session), name, value)

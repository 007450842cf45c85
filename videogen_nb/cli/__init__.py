"""The terminal: ``videogen-nb`` and its commands."""

from __future__ import annotations

import contextlib
import io
import sys

import click

from .._version import __version__
from ..i18n import Text
from .doctor import doctor
from .framework import Group, option
from .gateway import engines, serve, stop
from .generate import download, generate, wait
from .keys import key
from .lab import lab
from .session import Session, shared
from .tasks import cancel, delete, list_, retry, status


@click.group(
    cls=Group,
    invoke_without_command=True,
    text=Text(
        "Make videos from words and images.\n\nWithout a command: a menu of four examples.",
        "用文字和图片生成视频。\n\n不带命令运行时显示四个示例的菜单。",
    ),
)
@option(
    "--version",
    is_flag=True,
    text=Text("show the version", "显示版本"),
)
@shared
@click.pass_context
def cli(ctx: click.Context, version: bool) -> None:
    """The program: a command, the version, or the menu."""
    session = ctx.ensure_object(Session)
    if version:
        session.say(f"videogen-nb {__version__}")
        session.answer({"version": __version__})
        ctx.exit()
    if ctx.invoked_subcommand is None:
        if session.as_json:
            raise click.UsageError(str(Text("the menu is for people", "菜单仅供人工使用")), ctx)
        from .menu import menu  # the examples load only here

        menu(session)


for _command in (generate, wait, download, list_, status, cancel, retry, delete):
    cli.add_command(_command)
for _command in (engines, key, serve, stop, lab, doctor):
    cli.add_command(_command)


def main() -> None:
    """The console script. Ends with one of the exit codes of :mod:`.exits`."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a sign shows a question mark; it is no reason to fail.
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(ValueError):
                stream.reconfigure(errors="replace")
    cli.main()

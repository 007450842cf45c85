"""The terminal: ``videogen-nb`` and its commands."""

from __future__ import annotations

import contextlib
import errno
import sys
from typing import TextIO, cast

import click

from .._version import __version__
from ..i18n import Text
from ..text.console import Forgiving, say
from .agents.command import mcp
from .backup import backup, restore
from .batch import batch
from .cluster.init import cluster
from .cluster.worker import worker
from .doctor import doctor
from .edit.export import export
from .edit.join import join
from .edit.timeline import timeline
from .engines.check import engine
from .engines.keys import key
from .framework.commands import Group, option
from .framework.session import Session, shared
from .gateway import engines, serve, stop
from .generate import collect, download, generate, wait
from .lab import lab
from .organizing import annotate, groups, prune, usage
from .people.classroom import pause, resume
from .people.people import people
from .spending import spend
from .tasks import cancel, delete, list_, retry, status

_NOT_WRITTEN = Text(
    "The output could not be written ({why}); the command itself was carried out.",
    "输出无法写入（{why}），但命令已执行。",
)


@click.group(
    cls=Group,
    invoke_without_command=True,
    text=Text(
        "Make videos from text and images.\n\nWithout a command, shows a menu of four examples.",
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
    """Run a command, or show the version or the menu."""
    session = ctx.ensure_object(Session)
    if version:
        session.say(f"videogen-nb {__version__}")
        session.answer({"version": __version__})
        ctx.exit()
    if ctx.invoked_subcommand is None:
        if session.as_json:
            raise click.UsageError(
                str(Text("the menu is interactive", "菜单需要在终端中交互使用")), ctx
            )
        from .framework.menu import menu  # the examples load only here

        menu(session)


_command: click.Command
for _command in (
    generate,
    batch,
    wait,
    download,
    list_,
    status,
    cancel,
    retry,
    collect,
    delete,
    annotate,
    groups,
    prune,
    usage,
    spend,
):
    cli.add_command(_command)
for _command in (join, export, timeline):
    cli.add_command(_command)
for _command in (
    engines,
    engine,
    key,
    serve,
    stop,
    people,
    pause,
    resume,
    collect,
    backup,
    restore,
    mcp,
    cluster,
    worker,
    lab,
    doctor,
):
    cli.add_command(_command)


def main() -> None:
    """Run the console script. Exits with one of the codes in :mod:`.framework.exit_codes`.

    If stdout is closed, full or has another encoding, the command continues, and its exit code is
    that of the work.
    """
    out = Forgiving(sys.stdout)
    err = Forgiving(sys.stderr)  # both have what the program uses of a stream
    with (
        contextlib.redirect_stdout(cast(TextIO, out)),
        contextlib.redirect_stderr(cast(TextIO, err)),
    ):
        try:
            cli.main()
        finally:
            out.flush()
            if isinstance(out.trouble, OSError) and out.trouble.errno != errno.EPIPE:
                say(_NOT_WRITTEN(why=out.trouble.strerror), to=sys.stderr)

"""``mcp``: serve the gateway's tools to an agent on this machine, or print the skill."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import sys
from importlib import resources
from pathlib import Path

import click

from ...errors import BadParameter
from ...i18n import Text
from ..framework.commands import Command, option
from ..framework.exit_codes import Exit
from ..framework.session import Session, shared, with_session

_MISSING = Text(
    'The MCP library is not installed. Run: pip install "videogen-nb[mcp]" '
    '(in a clone: pip install -e ".[mcp]")',
    '尚未安装供智能体使用的库。请运行：pip install "videogen-nb[mcp]"'
    '（在源码目录中：pip install -e ".[mcp]"）',
)


@click.command(
    cls=Command,
    text=Text(
        "Serve tools for an agent over stdin and stdout (MCP).\n\nAn agent's host runs this. "
        "Videos are saved in the folder it runs in, or in --folder. A gateway serves the same "
        "tools over HTTP at /mcp.",
        "通过标准输入输出为智能体提供工具（MCP）。\n\n"
        "由智能体的宿主程序运行。视频保存在运行该命令时所在的文件夹，或 --folder 指定的文件夹。"
        "网关也在 /mcp 通过 HTTP 提供同样的工具。",
    ),
)
@option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    text=Text("where videos are saved; default: videos", "保存视频的文件夹，默认为 videos"),
)
@option(
    "--skill",
    is_flag=True,
    text=Text(
        "print SKILL.md, which teaches an agent how to use the tools",
        "输出 SKILL.md，告诉智能体如何使用这些工具",
    ),
)
@shared
@with_session
def mcp(session: Session, folder: Path | None, skill: bool) -> int:
    """Serve until stdin ends."""
    if skill:
        click.echo(skill_text(), nl=False)
        return Exit.OK
    if importlib.util.find_spec("mcp") is None:
        raise BadParameter(_MISSING, code="mcp_missing")
    from .bridge import serve  # loads the library

    # What is printed by mistake must not mix with the messages: the library moves it to stderr,
    # and for that it needs the real stream.
    with contextlib.redirect_stdout(sys.__stdout__):
        asyncio.run(serve(session.settings, folder, session.note))
    return Exit.OK


def skill_text() -> str:
    """Return the skill for agents, in Markdown."""
    return resources.files(__package__).joinpath("SKILL.md").read_text("utf-8")

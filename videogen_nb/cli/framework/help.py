"""Rendering help pages, wrapped by display width, in either language."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable

import click
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Styled

from ...i18n import Text
from .exit_codes import MEANINGS

_HEADINGS = {
    "usage": Text("Usage", "用法"),
    "commands": Text("Commands", "命令"),
    "options": Text("Options", "选项"),
    "exits": Text("Exit codes", "退出码"),
}
_HELP = Text("show this help", "显示本帮助")
_DEFAULT = Text(" [default: {value}]", " [默认：{value}]")
_OPTIONS = Text("[OPTIONS]", "[选项]")
_COMMAND = Text("[COMMAND]", "[命令]")


def page(command: click.Command, text: Text, ctx: click.Context) -> str:
    """Return the help page, coloured on a terminal."""
    parts: list[RenderableType] = [
        _usage(command, ctx),
        Padding(Styled(str(text)), (1, 0, 0, 2)),
    ]
    if isinstance(command, click.Group):
        parts += _section("commands", _commands(command))
    parts += _section("options", _options(command, ctx))
    parts += _section("exits", [(str(int(code)), str(said)) for code, said in MEANINGS.items()])
    return _draw(Group(*parts))


def _draw(content: RenderableType) -> str:
    screen = Console()
    paper = Console(
        file=io.StringIO(),
        width=min(screen.width, 100),
        force_terminal=screen.is_terminal and sys.stdout.isatty(),
        highlight=False,
        no_color=screen.no_color,
    )
    paper.print(content)
    drawn = paper.file.getvalue()  # type: ignore[attr-defined]  # the StringIO given above
    return "\n".join(line.rstrip() for line in drawn.splitlines())


def _usage(command: click.Command, ctx: click.Context) -> Styled:
    pieces = [str(_OPTIONS)]
    pieces += [p.make_metavar(ctx) for p in command.params if isinstance(p, click.Argument)]
    if isinstance(command, click.Group):
        pieces.append(str(_COMMAND))
    line = f"{ctx.command_path} {' '.join(pieces)}"
    return Styled.assemble((f"{_HEADINGS['usage']}: ", "bold"), line)


def _section(heading: str, rows: Iterable[tuple[str, str]]) -> list[RenderableType]:
    table = Table.grid(padding=(0, 2), pad_edge=False)
    table.add_column(style="cyan", no_wrap=True, max_width=30)
    table.add_column(overflow="fold")
    for name, said in rows:
        table.add_row(Styled(name), Styled(said))
    return [Styled(f"\n{_HEADINGS[heading]}:", style="bold"), Padding(table, (0, 0, 0, 2))]


def _commands(group: click.Group) -> list[tuple[str, str]]:
    found = []
    for name, command in group.commands.items():
        text = getattr(command, "text", None)
        found.append((name, str(text).partition("\n")[0] if text else ""))
    return found


def _options(command: click.Command, ctx: click.Context) -> list[tuple[str, str]]:
    return [
        (_spelling(parameter, ctx), _meaning(parameter))
        for parameter in command.get_params(ctx)
        if isinstance(parameter, click.Option) and not parameter.hidden
    ]


def _spelling(option: click.Option, ctx: click.Context) -> str:
    names = ", ".join(sorted(option.opts, key=len))
    return names if option.is_flag else f"{names} {option.make_metavar(ctx)}"


def _meaning(option: click.Option) -> str:
    said = str(getattr(option, "text", _HELP))
    if option.show_default and option.default is not None:
        said += str(_DEFAULT(value=option.default))
    return said

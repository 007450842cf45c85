"""Commands with help in the user's language, and exit codes for errors.

The language is known only at run time, but click fixes help texts when a command is defined. So
commands and options have a ``Text``, and help is rendered on request.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

import click

from ...errors import VideogenError
from ...i18n import LANGUAGES, Text, set_language
from .exit_codes import Exit, ExtraWords, UnknownCommand, exit_code, tell
from .help import page

#: What ends the program with words and an exit code, not with a traceback.
TOLD = (VideogenError, click.ClickException, click.Abort, KeyboardInterrupt, OSError)


class Option(click.Option):
    """An option with a ``text``."""

    def __init__(self, *args: Any, text: Text, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.text = text


class Command(click.Command):
    """A command with a ``text``: its first line is the short help."""

    allow_extra_args = True  # so that they are told of in our words, below

    def __init__(self, *args: Any, text: Text, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.text = text

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse arguments; an extra one is usually part of a prompt without quotes."""
        rest = super().parse_args(ctx, args)
        if ctx.args and not ctx.resilient_parsing:
            raise ExtraWords(ctx.args, ctx)
        return rest

    def get_help(self, ctx: click.Context) -> str:
        """Return the help page in the user's language."""
        return page(self, self.text, ctx)


class Group(click.Group):
    """The program: sets the language first, and exits with an exit code."""

    command_class = Command

    def __init__(self, *args: Any, text: Text, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.text = text

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse arguments; without any, show the help of a group that does nothing by itself."""
        if not args and self.no_args_is_help and not ctx.resilient_parsing:
            click.echo(ctx.get_help())
            ctx.exit()
        return super().parse_args(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        """Return the help page, with the list of commands."""
        return page(self, self.text, ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; report an unknown one in the user's language."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise UnknownCommand(args[0], get_close_matches(args[0], self.commands), ctx)
        return super().resolve_command(ctx, args)

    def main(  # type: ignore[override]  # never returns: always ends with an exit code
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run, report errors, and exit with the right code."""
        given = list(sys.argv[1:] if args is None else args)
        _choose_language(given)
        as_json = "--json" in given
        extra.pop("standalone_mode", None)
        try:
            code = super().main(given, prog_name or "videogen-nb", standalone_mode=False, **extra)
        except TOLD as error:
            tell(error, as_json=as_json)
            code = exit_code(error)
        sys.exit(int(code) if isinstance(code, int) else Exit.OK)


def option(*names: str, text: Text, **kwargs: Any) -> Callable[[Any], Any]:
    """Like ``click.option``, with a text in both languages."""
    return click.option(*names, cls=Option, text=text, **kwargs)


def _choose_language(given: Sequence[str]) -> None:
    """Set the language before parsing, since help and usage errors need it."""
    for place, word in enumerate(given):
        name, equals, value = word.partition("=")
        if name == "--lang":
            chosen = value if equals else "".join(given[place + 1 : place + 2])
            if chosen in LANGUAGES:
                set_language(chosen)

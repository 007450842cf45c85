"""The menu of the four examples, for a person who types ``videogen-nb`` and nothing else."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable

import click

from ..blocking.examples import (
    TITLES,
    example_1_image_to_video_local,
    example_2_image_to_video_url,
    example_3_text_to_video,
    example_4_quick_test,
)
from ..errors import VideogenError
from ..i18n import Text
from .exit_codes import tell
from .session import Session

_EXAMPLES: dict[str, Callable[[], object]] = {
    "1": example_1_image_to_video_local,
    "2": example_2_image_to_video_url,
    "3": example_3_text_to_video,
    "4": example_4_quick_test,
}
_HEADING = Text("🎬 Video generation: examples", "🎬 视频生成示例")
_ALL = Text("All of them", "运行全部示例")
_LEAVE = Text("Leave", "退出")
_CHOOSE = Text("Choose (0-5): ", "请选择 (0-5): ")
_UNKNOWN = Text("Please type a number from 0 to 5.", "请输入 0 到 5 之间的数字。")
_BYE = Text("👋 Goodbye!", "👋 再见！")
_HINT = Text("`videogen-nb --help` lists the commands.", "`videogen-nb --help` 可查看所有命令。")


def menu(session: Session) -> None:
    """Show the menu until the person leaves, or the input ends."""
    while (choice := _ask()) not in ("0", None):
        if choice == "5":
            for example in _EXAMPLES.values():
                _run(session, example)
        elif choice in _EXAMPLES:
            _run(session, _EXAMPLES[choice])
        else:
            click.echo(str(_UNKNOWN))
    click.echo(str(_BYE))


def _ask() -> str | None:
    """What was typed; None at the end of the input."""
    line = "=" * min(60, shutil.get_terminal_size().columns)
    click.echo(f"\n{line}\n{_HEADING}\n{line}")
    for number in _EXAMPLES:
        click.echo(f"  {number}. {TITLES[int(number)]}")
    click.echo(f"  5. {_ALL}\n  0. {_LEAVE}\n{_HINT}\n")
    try:
        choice = input(str(_CHOOSE)).strip()
    except EOFError:
        click.echo()
        return None
    if not sys.stdin.isatty():
        click.echo(choice)  # a terminal has shown what was typed
    return choice


def _run(session: Session, example: Callable[[], object]) -> None:
    """One example; what goes wrong in it is told, and the menu comes back."""
    click.echo()
    try:
        example()
    except VideogenError as error:
        tell(error, as_json=session.as_json)

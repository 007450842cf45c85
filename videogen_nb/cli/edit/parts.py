"""Options shared by ``join`` and ``timeline``: parts, transitions, music."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import click

from ...i18n import Text
from ..framework.commands import option

if TYPE_CHECKING:
    from ...media.editing.join_plan import Part

_OPTIONS: Final = (
    click.argument("videos", nargs=-1, required=True, metavar="VIDEO..."),
    option(
        "-o",
        "--output",
        metavar="FILE",
        text=Text("where to save it (replaced if it exists)", "保存位置（已有则替换）"),
    ),
    option(
        "--title",
        metavar="TEXT",
        text=Text("begin with a 2-second title card", "以 2 秒的标题画面开头"),
    ),
    option(
        "--transition",
        default="cut",
        metavar="NAME",
        text=Text(
            "cut, crossfade, dip-to-black, slide-left, slide-right, slide-up, slide-down",
            "转场：cut、crossfade、dip-to-black、slide-left、slide-right、slide-up、slide-down",
        ),
    ),
    option(
        "--seconds",
        type=click.FloatRange(min=0, min_open=True),
        default=0.5,
        metavar="SECONDS",
        text=Text("length of a transition; default: 0.5", "转场时长（秒），默认 0.5"),
    ),
    option("--audio", metavar="FILE", text=Text("background music", "背景音乐")),
)


def with_parts(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the videos, the output file, and the options of both commands."""
    for add in reversed(_OPTIONS):
        command = add(command)
    return command


def parts_of(videos: tuple[str, ...], title: str | None) -> list[Part]:
    """Return the parts in order, the title card first."""
    from ...media.editing.titles_and_subtitles.titles import title as title_card  # heavy: decoders

    return [*([title_card(title)] if title else []), *videos]

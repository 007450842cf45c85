"""Printing lines and labelled lines for terminals and pipes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text as Styled

from ...i18n import Text
from ...text.console import visible


class Harmless(Console):
    """A console that shows control characters instead of executing them."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render like rich, whose own control codes are kept."""
        for part in super().render(renderable, options):
            yield part if part.control else Segment(visible(part.text), part.style)


def console(*, stderr: bool = False) -> Console:
    """Return a console without automatic highlighting."""
    return Harmless(stderr=stderr, highlight=False)


def document(value: Any, stream: TextIO, *, indent: int | None = None) -> str:
    """Print JSON, escaped if the stream's encoding requires it."""
    encoding = (getattr(stream, "encoding", None) or "utf-8").lower()
    return visible(json.dumps(value, ensure_ascii=not encoding.startswith("utf"), indent=indent))


def put(place: Console, text: Text | str | Styled, style: str = "", *, whole: bool = False) -> None:
    """Print text, wrapped between words.

    Lines that begin with spaces are meant to be copied, so they are not wrapped (``whole``), nor is
    output to a program.
    """
    words = text if isinstance(text, Styled) else Styled(str(text), style=style)
    for line in words.split("\n", allow_blank=True):
        left_whole = whole or line.plain.startswith("  ") or not place.is_terminal
        place.print(line, soft_wrap=left_whole)


def put_rows(place: Console, rows: Iterable[tuple[object, object]], *, indent: int = 0) -> None:
    """Print labelled lines: in columns on a terminal, ``label: value`` elsewhere."""
    if place.is_terminal:
        place.print(Padding(columns(rows), (0, 0, 0, indent)))
        return
    for label, value in rows:
        put(place, f"{' ' * indent}{label}: {value}")


def columns(rows: Iterable[tuple[object, object]]) -> Table:
    """Return two columns: labels, and values wrapped within their column."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in rows:
        grid.add_row(Styled(str(label)), Styled(str(value)))
    return grid

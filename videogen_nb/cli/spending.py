"""``spend``: show what paid videos have cost, as a table, JSON or CSV."""

from __future__ import annotations

import csv
import io
import sys
from typing import Any, Final

import click
from rich.table import Table

from ..errors import BadParameter
from ..i18n import Text
from ..protocol.models import SpendingTable
from ..text.console import visible
from .framework.commands import Command, option
from .framework.exit_codes import Exit
from .framework.session import Session, shared, with_session

BY: Final = {
    "engine": Text("Engine", "引擎"),
    "day": Text("Day", "日期"),
    "group": Text("Group", "分组"),
    "person": Text("Person", "人员"),
}
_SUMS: Final = {
    "currency": Text("Currency", "货币"),
    "videos": Text("Videos", "视频"),
    "spent": Text("Spent", "已花费"),
    "expected": Text("Expected", "预计"),
}
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would carry these out
_NOTHING = Text("Nothing was spent.", "没有花费。")
_UNKNOWN = Text(
    "Cannot group by {name!r}. Use {known}, separated by commas.",
    "不能按 {name!r} 汇总。可用 {known}，用逗号分隔。",
)
_ONE = Text("Use either --json or --csv.", "--json 与 --csv 只能选一个。")


@click.command(
    cls=Command,
    text=Text(
        "Show what paid videos have cost.\n\nYou see your own spending; teachers and the "
        "gateway's owner see everyone's.",
        "显示付费视频的花费。\n\n显示你自己的花费；教师和网关管理者可以看到所有人的花费。",
    ),
)
@option(
    "--by",
    default="engine",
    metavar="WORDS",
    text=Text(
        "engine, day, group, person; separated by commas",
        "engine、day、group、person，用逗号分隔",
    ),
)
@option(
    "--since",
    metavar="WHEN",
    text=Text("a day, or an age such as 30d", "起始日期，或距今多久（如 30d）"),
)
@option("--until", metavar="WHEN", text=Text("a day (exclusive)", "截止日期（不含）"))
@option("--csv", "as_csv", is_flag=True, text=Text("print CSV", "输出 CSV"))
@shared
@with_session
def spend(session: Session, by: str, since: str | None, until: str | None, as_csv: bool) -> int:
    """Show the sums."""
    if as_csv and session.as_json:
        raise click.UsageError(str(_ONE))
    for name in by.split(","):
        if name.strip() not in BY:
            raise BadParameter(_UNKNOWN(name=name.strip()[:60], known=", ".join(BY)))
    told = session.connection.spending(by, since=since, until=until).result()
    session.answer(told.model_dump(mode="json"))
    if as_csv:
        sys.stdout.write(to_csv(told))
    elif not told.rows:
        session.say(_NOTHING)
    elif not session.as_json:
        session.out.print(_table(told))
    return Exit.OK


def to_csv(told: SpendingTable) -> str:
    """Return the sums as CSV with the column names of ``by``."""
    out = io.StringIO()
    names = [*told.by, *_SUMS]
    writer = csv.writer(out)
    writer.writerow(names)
    for row in told.rows:
        writer.writerow([_cell(getattr(row, name)) for name in names])
    return out.getvalue()


def _cell(value: Any) -> Any:
    """Return a value that spreadsheets do not interpret as a formula: anyone can name groups."""
    harmful = isinstance(value, str) and value.startswith(_FORMULAS)
    return f"'{value}" if harmful else value


def _table(told: SpendingTable) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in told.by:
        table.add_column(str(BY[name]))
    for name, text in _SUMS.items():
        table.add_column(str(text), justify="left" if name == "currency" else "right")
    for row in told.rows:
        words = [visible(getattr(row, name) or "—") for name in told.by]
        sums = [row.currency, str(row.videos), f"{row.spent:.2f}", f"{row.expected:.2f}"]
        table.add_row(*words, *sums)
    return table

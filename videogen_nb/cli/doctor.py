"""``doctor``: check the installation and suggest fixes."""

from __future__ import annotations

import click
from rich.table import Table
from rich.text import Text as Styled

from ..i18n import Text
from ..local.doctor import Finding, examine
from .framework.commands import Command
from .framework.exit_codes import Exit
from .framework.session import Session, shared, with_session

_MARKS = {"ok": ("✓", "green"), "note": ("!", "yellow"), "broken": ("✗", "bold red")}
_SOUND = Text("Everything works.", "一切正常。")
_BROKEN = Text(
    "{n} {n:problem|problems} found; see → above.", "有 {n} 处需要处理，见上方以 → 开头的提示。"
)


@click.command(
    cls=Command,
    text=Text(
        "Check the installation and suggest fixes.\n\nExit code: 0 if "
        "everything works, 1 if something is broken. Does not start or change anything.",
        "检查安装、网关、引擎与文件夹，并给出解决办法。\n\n"
        "退出码：0 一切正常，1 有问题。不会启动任何程序，也不会作任何更改。",
    ),
)
@shared
@with_session
def doctor(session: Session) -> int:
    """Print the findings."""
    findings: list[Finding] = []
    for finding in examine(session.settings):
        findings.append(finding)
        if not session.as_json:
            _show(session, finding)
    broken = sum(finding.state == "broken" for finding in findings)
    session.answer({"ok": not broken, "findings": [f.to_json() for f in findings]})
    session.say("")
    session.say(_BROKEN(n=broken) if broken else _SOUND, style="red" if broken else "green")
    return Exit.FAILED if broken else Exit.OK


def _show(session: Session, finding: Finding) -> None:
    mark, style = _MARKS[finding.state]
    if not session.out.is_terminal:
        session.say(f"{mark} {finding.title}: {finding.said}")
        if finding.remedy:
            session.say(f"  → {finding.remedy}")
        return
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True, style=style)
    grid.add_column(no_wrap=True, style="bold", min_width=14)
    grid.add_column(overflow="fold")
    said = Styled(str(finding.said))
    if finding.remedy:
        said.append(f"\n→ {finding.remedy}", style="yellow")
    grid.add_row(mark, str(finding.title), said)
    session.out.print(grid)

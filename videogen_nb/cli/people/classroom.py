"""Commands for teachers: the overview, pausing, a contact sheet, all videos as a zip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text as Styled

from ...i18n import Text
from ...protocol.filters import OWNER
from ...protocol.models import PeopleAnswer, PersonWork, QueueState
from ..framework.commands import Command, option
from ..framework.exit_codes import Exit
from ..framework.session import Session, shared, with_session

_OWNER = Text("(owner)", "（管理者）")
_QUEUE = Text("{waiting} waiting, {running} running", "排队 {waiting}，生成中 {running}")
_PAUSED = Text("Paused. Resume with: videogen-nb resume", "已暂停。恢复：videogen-nb resume")
_PAUSED_ENGINES = Text("Paused engines: {names}", "已暂停的引擎：{names}")
_MOVES = Text("The queue is running.", "队列正在运行。")
_SAVED = Text("Saved {path}.", "已保存 {path}。")
_COLUMNS = (
    ("waiting", Text("waiting", "排队")),
    ("running", Text("running", "生成中")),
    ("made", Text("completed", "完成")),
    ("failed", Text("failed", "失败")),
)
_PERSON = Text(
    "only this person's videos; * for everyone's (teachers only)",
    "只限此人；* 为所有人（仅教师可用）",
)
_GROUP = Text("only videos in this group", "只限该分组的视频")


def show(session: Session) -> int:
    """Show everyone's tasks by status and their spending."""
    told = session.connection.people().result()
    session.answer(told.model_dump(mode="json"))
    if session.as_json:
        return Exit.OK
    if session.out.is_terminal:
        session.out.print(_table(told))
    else:
        session.rows((_name(person), _line(person)) for person in told.people)
    session.say(_QUEUE(waiting=told.waiting, running=told.running))
    _tell_pauses(session, told)
    if told.problem:
        session.note(told.problem, style="yellow")
    return Exit.OK


@click.command(
    cls=Command,
    text=Text(
        "Pause the queue, or one engine. For teachers.\n\nRunning tasks continue.",
        "暂停整个队列或某个引擎。仅教师可用。\n\n生成中的任务会继续。",
    ),
)
@click.argument("engine", metavar="[ENGINE]", required=False)
@shared
@with_session
def pause(session: Session, engine: str | None) -> int:
    """Pause the queue or an engine."""
    return _told(session, session.connection.pause(engine).result())


@click.command(
    cls=Command,
    text=Text("Resume a paused queue or engine. For teachers.", "恢复队列或引擎。仅教师可用。"),
)
@click.argument("engine", metavar="[ENGINE]", required=False)
@shared
@with_session
def resume(session: Session, engine: str | None) -> int:
    """Undo a pause."""
    return _told(session, session.connection.resume(engine).result())


@click.command(
    cls=Command,
    text=Text(
        "Save many videos as a zip, or their posters as one image.\n\nFILE ends with .zip (a "
        "folder for each person) or .jpg.",
        "一次保存多个视频：打包为 zip，或将封面排在一张图上。\n\n"
        "FILE 以 .zip 结尾（每人一个文件夹）或以 .jpg 结尾。",
    ),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@option("--group", metavar="NAME", text=_GROUP)
@option("--person", metavar="NAME", text=_PERSON)
@shared
@with_session
def save(session: Session, file: Path, **given: Any) -> int:
    """Save a zip or a contact sheet."""
    wanted: Any = {name: value for name, value in given.items() if value is not None}
    videos = session.connection
    saved = (
        videos.contact_sheet if file.suffix.lower() in (".jpg", ".jpeg") else videos.download_zip
    )
    path = saved(file, **wanted).result()
    session.say(_SAVED(path=path))
    session.answer({"path": str(path)})
    return Exit.OK


def _told(session: Session, state: QueueState) -> int:
    session.answer(state.model_dump(mode="json"))
    if not session.as_json and not _tell_pauses(session, state):
        session.say(_MOVES)
    return Exit.OK


def _tell_pauses(session: Session, state: QueueState) -> bool:
    if state.paused:
        session.say(_PAUSED, style="yellow")
    if state.paused_engines:
        session.say(_PAUSED_ENGINES(names=", ".join(state.paused_engines)), style="yellow")
    return state.paused or bool(state.paused_engines)


def _table(told: PeopleAnswer) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column(str(Text("name", "名称")), overflow="ellipsis", no_wrap=True, style="cyan")
    for _, title in _COLUMNS:
        table.add_column(str(title), justify="right")
    table.add_column(str(Text("spent", "花费")), overflow="fold")
    for person in told.people:
        counts = [str(getattr(person, name) or "·") for name, _ in _COLUMNS]
        table.add_row(Styled(_name(person)), *counts, Styled(_spent(person)))
    return table


def _name(person: PersonWork) -> str:
    return str(_OWNER) if person.name == OWNER else person.name


def _line(person: PersonWork) -> str:
    told = [f"{title} {getattr(person, name)}" for name, title in _COLUMNS]
    spent = _spent(person)
    return ", ".join([*told, *([spent] if spent else [])])


def _spent(person: PersonWork) -> str:
    return "; ".join(f"{one.engine} {one.words}" for one in person.spent)

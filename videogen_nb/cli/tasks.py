"""Commands for tasks: ``list``, ``status``, ``cancel``, ``retry``, ``delete``."""

from __future__ import annotations

import sys
from typing import Any

import click
from rich.table import Table
from rich.text import Text as Styled

from ..i18n import Text
from ..protocol.models import TaskPage, TaskStatus, VideoTask, zone_known
from ..protocol.status_texts import STATES
from ..text.console import say
from .framework.commands import Command, option
from .framework.exit_codes import Exit
from .framework.format import STYLE, age, details, task_document
from .framework.session import Session, shared, with_session

_SPENT = Text("Spent so far with {engine}: {spent}", "{engine} 已花费：{spent}")
_ONE_WAY = Text(
    "Pass one of: ID, --all, --group NAME, --person NAME.",
    "请给出其中一项：ID、--all、--group NAME、--person NAME。",
)
_STOPPED = Text("{n} {n:task|tasks} cancelled.{late}", "已取消 {n} 个任务。{late}")
_LATE = Text(" {n} can no longer be cancelled.", "另有 {n} 个已无法取消。")
_NARROW = 72  # columns below which only what is needed most is shown


@click.command(
    "list",
    cls=Command,
    text=Text(
        "List tasks, newest first.\n\nIn a pipe, prints one task per line, tab-separated: id, "
        "status, created, prompt.",
        "列出网关中的任务，最新的在前。\n\n"
        "在管道中每行一个任务，以制表符分隔：ID、状态、创建时间、提示词。",
    ),
)
@option(
    "--status",
    metavar="STATUS",
    text=Text(
        "only tasks with this status; several separated by commas",
        "只列出该状态的任务；多个状态用逗号分隔",
    ),
)
@option("--search", "text", metavar="WORDS", text=Text("text to search for", "要查找的文字"))
@option("--group", metavar="NAME", text=Text("only tasks in this group", "只列出该分组的任务"))
@option("--batch", metavar="NAME", text=Text("only rows in this batch", "只列出该批次的任务"))
@option("--label", metavar="WORD", text=Text("only tasks with this label", "只列出带该标签的任务"))
@option("--engine", metavar="NAME", text=Text("only tasks for this engine", "只列出该引擎的任务"))
@option("--starred", is_flag=True, default=None, text=Text("only starred ones", "只列出星标任务"))
@option(
    "--person",
    metavar="NAME",
    text=Text(
        "only this person's tasks; * for everyone's (teachers only)",
        "只列出此人的任务，* 为所有人；仅教师可用",
    ),
)
@option(
    "--since",
    metavar="WHEN",
    text=Text("created since: 7d, 12h, 2026-11-01", "创建时间不早于：7d、12h、2026-11-01"),
)
@option(
    "--until",
    metavar="WHEN",
    text=Text("created before: 7d, 12h, 2026-11-01", "创建时间早于：7d、12h、2026-11-01"),
)
@option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    text=Text("how many to show", "条数"),
)
@option(
    "--after",
    metavar="ID",
    text=Text(
        "continue after this task (the last one of a page)", "从该任务（上一页最后一个）之后继续"
    ),
)
@shared
@with_session
def list_(session: Session, limit: int, after: str | None, **given: Any) -> int:
    """Show a page of tasks."""
    wanted: Any = {name: value for name, value in given.items() if value is not None}
    page = session.connection.list_tasks(limit=limit, after=after, **wanted).result()
    session.answer(
        {
            "total": page.total,
            "tasks": [task_document(task)["task"] for task in page.tasks],
            "spending": [one.model_dump(mode="json") for one in page.spending],
        }
    )
    if not session.as_json:
        _show(session, page, filtered=bool(wanted))
        for one in page.spending:
            session.note(_SPENT(engine=one.engine, spent=one.words))
    return Exit.OK


@click.command(
    cls=Command,
    text=Text(
        "Show the status of a task.\n\nExit code: 0 completed, 1 failed or cancelled, 4 still "
        "running.",
        "查看任务状态。\n\n退出码：0 已完成，1 失败或已取消，4 仍在进行。",
    ),
)
@click.argument("task_id", metavar="ID")
@shared
@with_session
def status(session: Session, task_id: str) -> int:
    """Show one task."""
    task = session.connection.get_task(task_id).result()
    session.answer(task_document(task))
    if not session.as_json:
        _show_one(session, task)
    if not task.status.finished:
        return Exit.UNDERWAY
    return Exit.OK if task.status is TaskStatus.COMPLETED else Exit.FAILED


@click.command(
    cls=Command,
    text=Text(
        "Cancel one or more waiting or running tasks.",
        "取消排队中或生成中的任务，可批量取消。",
    ),
)
@click.argument("task_id", metavar="[ID]", required=False)
@option("--all", "all_", is_flag=True, text=Text("all your tasks", "你的所有任务"))
@option("--group", metavar="NAME", text=Text("all tasks in this group", "该分组的所有任务"))
@option(
    "--person",
    metavar="NAME",
    text=Text("all tasks of this person (teachers only)", "此人的所有任务；仅教师可用"),
)
@shared
@with_session
def cancel(
    session: Session, task_id: str | None, all_: bool, group: str | None, person: str | None
) -> int:
    """Cancel one task, those of a group or a person, or all."""
    if (task_id is not None) + all_ + (group is not None) + (person is not None) != 1:
        raise click.UsageError(str(_ONE_WAY))
    if task_id is None:
        told = session.connection.cancel_all(group=group, person=person).result()
        session.say(
            _STOPPED(n=told.cancelled, late=_LATE(n=told.going_on) if told.going_on else "")
        )
        session.answer(told.model_dump(mode="json"))
        return Exit.OK
    task = session.connection.cancel(task_id).result()
    session.say(Text("{id}: {status}", "{id}：{status}")(id=task.id, status=STATES[task.status]))
    session.answer(task_document(task))
    return Exit.OK


@click.command(
    cls=Command,
    text=Text("Retry a failed task as a new task.", "重试失败的任务（会创建一个新任务）。"),
)
@click.argument("task_id", metavar="ID")
@shared
@with_session
def retry(session: Session, task_id: str) -> int:
    """Retry a failed task as a new one."""
    task = session.connection.retry(task_id).result()
    told = Text(
        "New task {id}. Wait for it with:\n  videogen-nb wait {id}",
        "新任务 {id}。等待完成：\n  videogen-nb wait {id}",
    )
    session.say(told(id=task.id))
    session.answer(task_document(task))
    return Exit.OK


@click.command(
    cls=Command,
    text=Text(
        "Delete a finished task and its video from the gateway.\n\nVideos that you saved are kept.",
        "从网关删除已结束的任务及其视频。\n\n已下载到本地的视频不受影响。",
    ),
)
@click.argument("task_id", metavar="ID")
@option(
    "-y", "--yes", is_flag=True, text=Text("do not ask for confirmation", "直接删除，不要求确认")
)
@shared
@with_session
def delete(session: Session, task_id: str, yes: bool) -> int:
    """Delete a task after confirmation."""
    task = session.connection.get_task(task_id).result()
    if not (yes or session.as_json) and sys.stdin.isatty():
        question = Text("Delete {id} ({prompt})?", "删除 {id}（{prompt}）？")
        click.confirm(str(question(id=task.id, prompt=task.prompt or "—")), abort=True, err=True)
    session.connection.delete(task).result()
    session.say(Text("Deleted {id}.", "已删除 {id}。")(id=task.id))
    session.answer({"deleted": str(task.id)})
    return Exit.OK


def _show(session: Session, page: TaskPage, *, filtered: bool) -> None:
    if not page.tasks and filtered:
        session.note(Text("No tasks match.", "没有符合条件的任务。"))
    elif not page.tasks:
        session.note(
            Text(
                'No tasks yet. Create one:  videogen-nb generate "a sunset over the sea"',
                '还没有任务。试试：videogen-nb generate "海边日落"',
            )
        )
    elif session.out.is_terminal:
        session.out.print(_table(page, narrow=session.out.width < _NARROW))
        more = Text(
            "{n} of {total}; pass --limit to see more, or --after {id}.",
            "共 {total} 个，显示 {n} 个；--limit 可显示更多，或用 --after {id} 继续。",
        )
        if page.total > len(page.tasks):
            told = more(n=len(page.tasks), total=page.total, id=page.tasks[-1].id)
            session.note(told)
    else:
        for task in page.tasks:
            say(_line(task))  # as it is: rich would turn tabs into blanks


def _table(page: TaskPage, *, narrow: bool) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), expand=True)
    table.add_column("ID", no_wrap=True, style="cyan")
    table.add_column(str(Text("status", "状态")), no_wrap=True)
    if not narrow:
        table.add_column(str(Text("created", "创建")), no_wrap=True, style="dim")
    table.add_column(str(Text("prompt", "提示词")), no_wrap=True, overflow="ellipsis", ratio=1)
    for task in page.tasks:
        state = str(STATES[task.status])
        if task.progress is not None and not task.status.finished:
            state += f" {task.progress:.0%}"
        cells = [Styled(task.message_id), Styled(state, style=STYLE[task.status])]
        cells += [] if narrow else [Styled(age(task))]
        table.add_row(*cells, Styled(_one_line(task.prompt)))
    return table


def _line(task: VideoTask) -> str:
    moment = task.created_at
    if moment is not None and not zone_known(moment):
        moment = moment.replace(tzinfo=None)  # as the gateway wrote it
    created = moment.isoformat(timespec="seconds") if moment else ""
    return "\t".join([str(task.id), task.status.value, created, _one_line(task.prompt)])


def _one_line(prompt: str | None) -> str:
    return " ".join((prompt or "").split())


def _show_one(session: Session, task: VideoTask) -> None:
    session.rows([("ID", task.id), *details(task)])

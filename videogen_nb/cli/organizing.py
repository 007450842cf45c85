"""Commands for organizing tasks: ``annotate``, ``groups``, ``prune``, ``usage``."""

from __future__ import annotations

from typing import Any

import click

from ..i18n import Text
from ..text.byte_sizes import size_words
from .framework.commands import Command, option
from .framework.exit_codes import Exit
from .framework.format import task_document
from .framework.session import Session, shared, with_session

_CLEARED = Text(
    "{tasks} {tasks:task|tasks} deleted, {size} freed.", "已删除 {tasks} 个任务，释放 {size}。"
)
_WOULD = Text(
    "{tasks} {tasks:task|tasks} would be deleted, {size} freed.",
    "将删除 {tasks} 个任务，释放 {size}。",
)
_STARRED = Text("starred", "星标")


@click.command(
    cls=Command,
    text=Text(
        "Star, title, label or group a task. Anything you do not specify stays unchanged.",
        "为任务设置星标、标题、标签或分组。未给出的选项保持不变。",
    ),
)
@click.argument("task_id", metavar="ID")
@option("--star/--no-star", "starred", default=None, text=Text("star or unstar it", "是否加星标"))
@option("--title", metavar="WORDS", text=Text("a title for it", "标题"))
@option(
    "--label",
    "labels",
    multiple=True,
    metavar="WORD",
    text=Text(
        "labels that replace the existing ones; may be repeated", "标签，替换原有标签；可重复"
    ),
)
@option("--group", metavar="NAME", text=Text("group it belongs to", "所属分组"))
@shared
@with_session
def annotate(session: Session, task_id: str, labels: tuple[str, ...], **values: Any) -> int:
    """Annotate a task."""
    given = {name: value for name, value in values.items() if value is not None}
    given |= {"labels": list(labels)} if labels else {}
    task = session.connection.annotate(task_id, **given).result()
    told = [str(_STARRED)] if task.starred else []
    told += [word for word in (task.title, task.group, ", ".join(task.labels)) if word]
    session.say(f"{task.id}: {' · '.join(told) or '—'}")
    session.answer(task_document(task))
    return Exit.OK


@click.command(
    cls=Command,
    text=Text("List the groups of tasks, newest first.", "列出任务分组，最新的在前。"),
)
@shared
@with_session
def groups(session: Session) -> int:
    """List the groups."""
    found = session.connection.groups().result()
    session.rows([(group.name, group.tasks) for group in found])
    session.answer({"groups": [group.model_dump(mode="json") for group in found]})
    return Exit.OK


@click.command(
    cls=Command,
    text=Text(
        "Delete old finished tasks and their videos from the gateway.\n\nStarred ones are kept. "
        "Videos that you saved are kept.",
        "从网关删除较早的已结束任务及其视频。\n\n加星标的任务会保留，已下载的视频不受影响。",
    ),
)
@option(
    "--older-than",
    metavar="AGE",
    text=Text("age such as 30d, 12h, 4w", "多久以前，如 30d、12h、4w"),
)
@option("--group", metavar="NAME", text=Text("only tasks in this group", "只限该分组的任务"))
@option(
    "--starred-too",
    is_flag=True,
    text=Text("delete starred ones, too", "同时删除加星标的任务"),
)
@option(
    "--dry-run",
    is_flag=True,
    text=Text("only show how much would be freed", "只显示将释放的空间，不删除"),
)
@shared
@with_session
def prune(
    session: Session,
    older_than: str | None,
    group: str | None,
    starred_too: bool,
    dry_run: bool,
) -> int:
    """Delete old tasks."""
    told = session.connection.prune(
        older_than=older_than,
        group=group,
        keep="nothing" if starred_too else "starred",
        dry_run=dry_run,
    ).result()
    text = _WOULD if dry_run else _CLEARED
    session.say(text(tasks=told.tasks, size=size_words(told.bytes)))
    session.answer(told.model_dump(mode="json"))
    return Exit.OK


@click.command(
    cls=Command,
    text=Text(
        "Show how much of the gateway's disk your tasks use.", "显示你的任务占用的网关磁盘空间。"
    ),
)
@shared
@with_session
def usage(session: Session) -> int:
    """Show the used and free disk space."""
    told = session.connection.usage().result()
    session.rows(
        [
            (Text("tasks", "任务"), told.tasks),
            (Text("videos", "视频"), size_words(told.video_bytes)),
            (Text("images", "图片"), size_words(told.image_bytes)),
            (Text("free", "剩余空间"), size_words(told.free_bytes)),
        ]
    )
    session.answer(told.model_dump(mode="json"))
    return Exit.OK

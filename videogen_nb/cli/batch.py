"""``batch``: generate a video for each row of a CSV file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ..blocking.batch import BatchRun
from ..i18n import Text
from ..protocol.models import TaskStatus, VideoTask
from .framework.commands import Command, option
from .framework.exit_codes import Exit, Interrupted
from .framework.session import Session, hard_link, shared, with_session
from .framework.waiting import bell
from .generate import parameter_options

_RESUME = Text(
    "Stopped waiting; the videos are still being generated. Run the same command again to "
    "continue.",
    "已停止等待，视频仍在生成。再次运行同一命令即可继续。",
)
_ROW = Text("{done}/{total}  row {row}: {what}", "{done}/{total}  第 {row} 行：{what}")
_SAVED = Text(
    "{saved} of {total} {total:video|videos} saved.", "{total} 个视频中已保存 {saved} 个。"
)
_BAD = Text("Row {row}: {why}", "第 {row} 行：{why}")
_AGAIN = Text(
    "{failed} {failed:row|rows} failed. Retry them with --again.",
    "{failed} 行失败。用 --again 可重试。",
)


_PROMPT = Text(
    "column with the prompts, or one prompt for all rows", "提示词所在的列，或共用的提示词"
)
_IMAGE = Text("column with the images, or one image for all rows", "图片所在的列，或共用的图片")


def _column(name: str, text: Text) -> Callable[[Any], Any]:
    return option(f"--{name}", metavar="COLUMN", text=text)


@click.command(
    cls=Command,
    text=Text(
        "Generate a video for each row of a CSV file. If any row is invalid, nothing is "
        "created.\n\nvideogen-nb batch ads.csv\n\nColumns named after a parameter (prompt, image, "
        "duration, seed …) set that parameter. Running it again generates only what is missing. "
        "Exit code: 1 if a row failed.",
        "为 CSV 文件的每一行生成一个视频，只要有一行有误，就一个也不生成。\n\n"
        "videogen-nb batch ads.csv\n\n"
        "与参数同名的列（prompt、image、duration、seed 等）会直接作为参数。"
        "再次运行只补上缺少的视频。有失败的行时退出码为 1。",
    ),
)
@click.argument("table", metavar="TABLE")
@option(
    "--name",
    metavar="NAME",
    text=Text("name of the batch; default: the name of the file", "批次名称；默认为文件名"),
)
@_column("prompt", _PROMPT)
@_column("image", _IMAGE)
@_column("key", Text("column that identifies each row", "用于标识每一行的列"))
@option(
    "-o",
    "--output",
    metavar="TEMPLATE",
    text=Text(
        "folder, or template for the file names: {row:03}-{prompt:.20}-{seed}.mp4",
        "文件夹，或文件名模板：{row:03}-{prompt:.20}-{seed}.mp4",
    ),
)
@hard_link
@option(
    "--product",
    is_flag=True,
    text=Text("every combination of the columns' values", "生成各列取值的所有组合"),
)
@option(
    "--dry-run",
    is_flag=True,
    text=Text(
        "show what would be generated and what it would cost", "只显示将生成的数量和费用，不生成"
    ),
)
@option(
    "--again",
    is_flag=True,
    text=Text("retry the rows that failed", "重试失败的行"),
)
@option(
    "--no-wait",
    is_flag=True,
    text=Text("create the tasks and return immediately", "只创建任务，不等待"),
)
@bell
@parameter_options
@shared
@with_session
def batch(
    session: Session,
    table: str,
    output: str | None,
    dry_run: bool,
    again: bool,
    no_wait: bool,
    **given: Any,
) -> int:
    """Create the tasks and, by default, wait for the videos and save them."""
    given = {name: value for name, value in given.items() if value is not None}
    given |= {"path": output} if output else {}
    if dry_run:
        told = session.connection.batch(table, dry_run=True, **given).result()
        session.say(str(told))
        session.answer({"batch": told.name, **_estimate(told)})
        return Exit.OK
    run = session.connection.batch(table, **given)
    session.note(str(run.estimate()))
    if again:
        run.again("failed").result()
    if not no_wait:
        _wait(session, run)
    return _told(session, run, waited=not no_wait)


def _wait(session: Session, run: BatchRun) -> None:
    """Print changes of the rows; the run saves the videos itself."""
    try:
        ended: set[str] = set()
        for task in run.watch():
            if task.status.finished and str(task.id) not in ended:
                ended.add(str(task.id))
                _note(session, run, task, len(ended))
        run.result()
    except KeyboardInterrupt:
        raise Interrupted(_RESUME) from None


def _note(session: Session, run: BatchRun, task: VideoTask, done: int) -> None:
    rows = [number for number, known in run.batch.tasks.items() if known.id == task.id]
    good = task.status is TaskStatus.COMPLETED
    what = (task.prompt or "")[:60] if good else (task.error or task.status.value)
    line = _ROW(done=done, total=len(run), row=", ".join(map(str, rows)), what=what)
    session.note(line, style="green" if good else "red")


def _told(session: Session, run: BatchRun, *, waited: bool) -> int:
    records = run.records()
    failed = [(n, r) for n, r in enumerate(records, 1) if r["status"] == "failed" or r["error"]]
    session.answer({"batch": run.name, **_estimate(run.estimate()), "records": records})
    for record in records:
        session.say(record["path"] or record["task"] or "", whole=True)
    for number, record in failed:
        session.note(_BAD(row=number, why=record["error"] or record["status"]), style="red")
    saved = sum(record["path"] is not None for record in records)
    session.note(_SAVED(saved=saved, total=len(records)))
    if failed:
        session.note(_AGAIN(failed=len(failed)))
    return Exit.FAILED if waited and saved < len(records) else Exit.OK


def _estimate(told: Any) -> dict[str, Any]:
    names = ("rows", "new", "existing", "seconds", "cost", "unpriced")
    return {name: getattr(told, name) for name in names}

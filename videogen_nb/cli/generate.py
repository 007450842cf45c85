"""Commands for videos: ``generate``, ``wait``, ``collect``, ``download``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..client.video_files import check_place
from ..i18n import Text
from ..media.images.from_text import is_url
from ..media.video import Video
from ..protocol.models import Attachment, VideoTask
from ..protocol.parameters import PARAMETERS, READERS
from ..protocol.values import as_limit
from .framework.commands import Command, option
from .framework.exit_codes import Exit, Interrupted
from .framework.format import task_document, video_document, video_line
from .framework.session import Session, hard_link, shared, with_session
from .framework.waiting import Watching, bell, comes_back

Function = TypeVar("Function", bound=Callable[..., Any])

_OUTPUT = option(
    "-o",
    "--output",
    metavar="FILE",
    text=Text(
        "where to save the video: a file (replaced if it exists) or a folder ending in /; "
        "default: a generated name in `videos`",
        "视频保存位置：文件（已有则替换）或以 / 结尾的文件夹；默认自动命名，存入 videos 文件夹",
    ),
)
_MAX_WAIT = option(
    "--max-wait",
    type=click.FloatRange(min=0, min_open=True),
    metavar="MINUTES",
    text=Text(
        "how long to wait; the task continues after that (VIDEOGEN_MAX_WAIT_MINUTES)",
        "最长等待分钟数，超时后任务仍会继续（VIDEOGEN_MAX_WAIT_MINUTES）",
    ),
)
_LATER = Text(
    "The task was created. Get its video with:\n  videogen-nb wait {id}",
    "任务已创建。稍后继续：\n  videogen-nb wait {id}",
)
_UNSURE = Text(
    "Stopped. The request may have reached the gateway: `videogen-nb list` shows "
    "whether there is a task.",
    "已停止。请求可能已到达网关：可用 `videogen-nb list` 查看任务是否已创建。",
)


def parameter_options(command: Function) -> Function:
    """Add an option for each generation parameter with a simple value."""
    for parameter in reversed(PARAMETERS):
        if parameter.kind == "boolean":
            both = f"--{parameter.name}/--no-{parameter.name}"
            command = option(both, default=None, text=parameter.text)(command)
        elif parameter.kind in READERS:
            kind, metavar = READERS[parameter.kind], parameter.metavar
            add = option(f"--{parameter.name}", type=kind, metavar=metavar, text=parameter.text)
            command = add(command)
    return command


@click.command(
    cls=Command,
    text=Text(
        'Generate a video from text, or from an image.\n\nvideogen-nb generate "a sunset over '
        'the sea, 5 seconds"\nvideogen-nb generate "pan left" --image photo.jpg -o '
        "video.mp4\n\nPass - as PROMPT to read it from standard input.",
        "用文字或图片生成视频。\n\n"
        'videogen-nb generate "海边日落，5秒"\n'
        'videogen-nb generate "镜头缓慢推进" --image photo.jpg -o video.mp4\n\n'
        "PROMPT 为 - 时从标准输入读取。",
    ),
)
@click.argument("prompt")
@option(
    "--image",
    metavar="PATH|URL",
    text=Text("image to start from", "作为首帧的图片"),
)
@option(
    "--after",
    metavar="ID|FILE",
    text=Text(
        "continue a video from its last frame: a task's id, or a video file",
        "从某个视频的尾帧继续：任务 ID 或视频文件",
    ),
)
@option(
    "--at",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    text=Text(
        "with --after: start from the frame at this time", "与 --after 配合：从该时刻的画面继续"
    ),
)
@_OUTPUT
@hard_link
@option(
    "--no-wait",
    is_flag=True,
    text=Text("create the task and return immediately", "只创建任务，稍后再查看"),
)
@_MAX_WAIT
@bell
@parameter_options
@option(
    "--again",
    is_flag=True,
    text=Text(
        "generate again even if an identical request was already sent to a paid engine",
        "即使已向付费引擎提交过相同请求，也再生成一个",
    ),
)
@shared
@with_session
def generate(
    session: Session,
    prompt: str,
    image: str | None,
    output: str | None,
    no_wait: bool,
    max_wait: float | None,
    **parameters: Any,
) -> int:
    """Create a task and, by default, wait for it and save its video."""
    prompt = sys.stdin.read().strip() if prompt == "-" else prompt
    max_wait = as_limit("max_wait", max_wait)
    if not no_wait:
        check_place(output, session.settings.output)  # rather than when the video has been made
    task = _create(session, prompt, image, {k: v for k, v in parameters.items() if v is not None})
    if no_wait:
        session.note(_LATER(id=task.id))
        session.say(str(task.id), whole=True)
        session.answer(task_document(task))
        return Exit.OK
    session.note(Text("Task {id}", "任务 {id}")(id=task.id))
    return _finish(session, task, output, max_wait)


@click.command(
    cls=Command,
    text=Text(
        "Wait for a task and save its video.\n\nID is the task id that other commands show, or "
        "its message id alone.",
        "等待任务完成并保存视频。\n\nID 为其他命令显示的任务 ID，也可只写消息 ID。",
    ),
)
@click.argument("task_id", metavar="ID")
@_OUTPUT
@hard_link
@option("--no-download", is_flag=True, text=Text("wait without downloading", "只等待，不下载"))
@_MAX_WAIT
@bell
@shared
@with_session
def wait(
    session: Session,
    task_id: str,
    output: str | None,
    no_download: bool,
    max_wait: float | None,
) -> int:
    """Wait for a task and save its video."""
    if not no_download:
        check_place(output, session.settings.output)
    task = session.connection.get_task(task_id).result()
    if not no_download:
        return _finish(session, task, output, max_wait)
    task = _wait(session, task, max_wait)
    session.say(Text("Finished.", "已完成。"))
    session.answer(task_document(task))
    return Exit.OK


@click.command(
    cls=Command,
    text=Text(
        "Look for a failed task at its provider and save its video.\n\nFor tasks that failed "
        "after they were sent, such as those whose outcome is unknown. Creates nothing at the "
        "provider, so nothing is paid for twice.",
        "到服务商处查找失败的任务并保存其视频。\n\n"
        "适用于提交之后失败的任务，例如结果未知的任务。不会在服务商处新建任务，也不会再次付费。",
    ),
)
@click.argument("task_id", metavar="ID")
@option(
    "--upstream",
    metavar="ID",
    text=Text("id of the task at the provider", "该任务在服务商处的 ID"),
)
@_OUTPUT
@hard_link
@_MAX_WAIT
@shared
@with_session
def collect(
    session: Session,
    task_id: str,
    upstream: str | None,
    output: str | None,
    max_wait: float | None,
) -> int:
    """Look up a failed task at its provider."""
    check_place(output, session.settings.output)
    task = session.connection.collect(task_id, upstream).result()
    session.note(Text("Found; it is now task {id}", "已找到，现为任务 {id}")(id=task.id))
    return _finish(session, task, output, max_wait)


@click.command(
    cls=Command,
    text=Text("Save the video of a finished task.", "保存已完成任务的视频。"),
)
@click.argument("task_id", metavar="ID")
@_OUTPUT
@hard_link
@shared
@with_session
def download(session: Session, task_id: str, output: str | None) -> int:
    """Download a finished video; exit code 4 if it is still being generated."""
    task = session.connection.get_task(task_id).result()
    if not task.status.finished:
        told = Text(
            "Still running. Run `videogen-nb wait {id}` to wait for it and save the video.",
            "任务仍在进行。`videogen-nb wait {id}` 可等待并保存视频。",
        )(id=task.id)
        session.say(told)
        session.answer(task_document(task, path=None))
        return Exit.UNDERWAY
    return _save(session, task, output)


def _create(
    session: Session, prompt: str, image: str | None, parameters: dict[str, Any]
) -> VideoTask:
    connection = session.connection
    attachment: Attachment | None = None
    url = image if is_url(image) else None
    with Watching(session) as view:
        if image is not None and url is None:
            attachment = connection.upload_image(image, on_progress=view.sent).result()
        try:
            call = connection.create_task(
                prompt, attachment=attachment, image_url=url, **parameters
            )
            return call.result()
        except KeyboardInterrupt:
            raise Interrupted(_UNSURE) from None


def _finish(session: Session, task: VideoTask, output: str | None, max_wait: float | None) -> int:
    return _save(session, _wait(session, task, max_wait), output)


def _wait(session: Session, task: VideoTask, max_wait: float | None) -> VideoTask:
    minutes = max_wait or session.settings.max_wait_minutes
    with comes_back(task.id), Watching(session) as view:
        call = session.connection.wait(
            task, max_wait_s=minutes * 60, on_change=view.task, progress=False
        )
        done = call.result()
    for note in done.notes:
        session.note(f"  {note}")
    return done


def _save(session: Session, task: VideoTask, output: str | None) -> int:
    with comes_back(task.id), Watching(session) as view:
        video: Video = session.connection.download(task, output, on_progress=view.received).result()
    session.note(f"✓ {video_line(video)}", style="green")
    if video.task.drawn:
        session.note(f"  {video.task.drawn.with_link}")
    session.say(str(video.path), whole=True)
    session.answer(video_document(video))
    return Exit.OK

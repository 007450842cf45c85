"""Magics: ``%%video`` generates a video from the text in a cell, ``%videogen`` opens the studio.

Loaded with ``%load_ext videogen_nb``.
"""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING, Any, NoReturn

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class

from .blocking import Connection, connect
from .blocking.show import show
from .errors import VideogenError
from .i18n import Text
from .media.images.from_text import is_url
from .protocol.models import VideoTask
from .protocol.parameters import BY_NAME, PLANNED, READERS
from .protocol.status_texts import stage_of
from .text.console import say

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .panels import Studio

_VIDEO = Text(
    "Generate a video from the text in this cell. The result of the cell is the video.",
    "用本单元格中的文字生成视频，单元格的结果就是视频。",
)
_VIDEO_EXAMPLE = Text(
    "Example:\n\n  %%video --duration 5 --ratio 9:16\n  a starry night sky over mountains",
    "示例：\n\n  %%video --duration 5 --ratio 9:16\n  山间星空",
)
_STUDIO = Text(
    "Open the studio, choose a gateway, or show what it is doing.",
    "打开视频工作室、选择网关，或查看网关状态。",
)
_STUDIO_EXAMPLE = Text(
    "  %videogen                      open the studio\n"
    "  %videogen connect URL          use the gateway at URL from now on\n"
    "  %videogen status               what the gateway is doing",
    "  %videogen                      打开工作室\n"
    "  %videogen connect URL          此后使用 URL 处的网关\n"
    "  %videogen status               查看网关状态",
)
_IMAGE = Text("image to start from: a path or a URL", "作为首帧的图片：文件路径或链接")
_OPTIONS = ("engine", *(name for name in PLANNED if name != "extra"))
_NO_WAIT = Text(
    "show a live panel and return immediately; the result of the cell is the panel",
    "立即返回并显示实时面板，单元格的结果就是面板",
)
_HELP = Text("show this help", "显示帮助，不生成视频")
_EMPTY = Text(
    "The cell is empty. Describe the video below %%video.\n\n{usage}",
    "单元格中没有文字。请在 %%video 下面描述要生成的视频。\n\n{usage}",
)
_ONE_LINE = Text(
    "Use two percent signs and put the text on the next line:\n\n%%video\n{words}",
    "请用两个百分号，并把文字写在下一行：\n\n%%video\n{words}",
)
_USING = Text("Now using the gateway at {url}.", "此后使用网关 {url}。")
_STATUS = Text(
    "Gateway {url}\n{total} {total:task|tasks}, {running} running",
    "网关 {url}\n共 {total} 个任务，进行中 {running} 个",
)


class _Parser(argparse.ArgumentParser):
    """Reports errors on one line, as IPython does, without ending the kernel."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}\n\n{self.format_help()}")


@magics_class
class VideoMagics(Magics):
    """The two magics. ``%videogen connect`` applies to both and to new panels."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._connection: Connection | None = None

    @line_cell_magic
    def video(self, line: str, cell: str | None = None) -> Any:
        """Generate a video from the text in the cell; ``%video --help`` lists the options.

        IPython does not run a cell magic without a body, so the help is also a line magic.
        """
        parser = _video_parser()
        if cell is None and line.strip() and not line.strip().startswith("-"):
            raise UsageError(_ONE_LINE(words=line.strip()).render())
        options = _parsed(parser, line)
        if options.help or cell is None:
            say(parser.format_help())
            return None
        if not cell.strip():
            raise UsageError(_EMPTY(usage=parser.format_help()).render())
        return _plainly(lambda: self._make(cell.strip(), options))

    @line_magic
    def videogen(self, line: str) -> Any:
        """Open the studio; ``%videogen --help`` lists other actions."""
        parser = _studio_parser()
        options = _parsed(parser, line)
        if options.help:
            say(parser.format_help())
            return None
        act = {"studio": self._studio, "connect": self._connect, "status": self._status}
        return _plainly(lambda: act[options.what](options))

    def _videos(self) -> Connection:
        return self._connection or connect()

    def _make(self, prompt: str, options: argparse.Namespace) -> Any:
        videos = self._videos()
        wanted = {name: getattr(options, name) for name in _OPTIONS}
        wanted = {name: value for name, value in wanted.items() if value is not None}
        task = videos.submit(_create(videos, prompt, options.image, wanted)).result()
        if options.no_wait:
            from .panels import attach

            return attach(task, videos)
        return show(task, videos)

    def _studio(self, _options: argparse.Namespace) -> Studio:
        from .panels import Studio

        return Studio(connection=self._connection)

    def _connect(self, options: argparse.Namespace) -> None:
        from .panels.gateway_link import Link

        chosen = connect(options.url, options.token)
        chosen.health().result()
        self._connection = chosen
        Link.choose(chosen)
        say(_USING(url=chosen.url))

    def _status(self, _options: argparse.Namespace) -> None:
        videos = self._videos()
        page = videos.list_tasks(limit=200).result()
        running = [task for task in page.tasks if not task.status.finished]
        say(_STATUS(url=videos.url, total=page.total, running=len(running)))
        for task in running:
            say(f"  {task.id}  {stage_of(task)}  {(task.prompt or '')[:60]}")


async def _create(
    videos: Connection, prompt: str, image: str | None, wanted: dict[str, Any]
) -> VideoTask:
    if image is None:
        return await videos.client.create_task(prompt, **wanted)
    if is_url(image):
        return await videos.client.create_task(prompt, image_url=image, **wanted)
    attachment = await videos.client.upload_image(image)
    return await videos.client.create_task(prompt, attachment=attachment, **wanted)


def _plainly(act: Any) -> Any:
    """Report an error of this package on one line."""
    try:
        return act()
    except VideogenError as problem:
        raise UsageError(str(problem)) from None


def _parsed(parser: _Parser, line: str) -> argparse.Namespace:
    try:
        words = shlex.split(line)
    except ValueError as problem:
        parser.error(str(problem))
    return parser.parse_args(words)


def _video_parser() -> _Parser:
    parser = _Parser(
        prog="%%video",
        description=_VIDEO.render(),
        epilog=_VIDEO_EXAMPLE.render(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    parser.add_argument("--image", help=_IMAGE.render())
    for name in _OPTIONS:
        parameter = BY_NAME[name]
        text = parameter.text.render()
        if parameter.kind == "boolean":
            yes_no = argparse.BooleanOptionalAction
            parser.add_argument(f"--{name}", action=yes_no, default=None, help=text)
        else:
            kind = READERS[parameter.kind]
            parser.add_argument(f"--{name}", type=kind, metavar=parameter.metavar, help=text)
    parser.add_argument("--no-wait", action="store_true", help=_NO_WAIT.render())
    parser.add_argument("--help", "-h", action="store_true", help=_HELP.render())
    return parser


def _studio_parser() -> _Parser:
    parser = _Parser(
        prog="%videogen",
        description=_STUDIO.render(),
        epilog=_STUDIO_EXAMPLE.render(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    parser.add_argument(
        "what", nargs="?", choices=["studio", "connect", "status"], default="studio"
    )
    parser.add_argument("url", nargs="?")
    parser.add_argument("--token")
    parser.add_argument("--help", "-h", action="store_true", help=_HELP.render())
    return parser


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics; called by ``%load_ext videogen_nb``."""
    shell.register_magics(VideoMagics)

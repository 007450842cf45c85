"""``lab``: open JupyterLab on the notebooks."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import click

from ..errors import VideogenError
from ..i18n import Text, current_language
from ..settings import absolute
from .framework.commands import Command
from .framework.session import Session, shared, with_session

_FIRST = "00_start_here.ipynb"
_PACKAGE = Path(__file__).parents[1]
_MISSING = Text(
    "JupyterLab is not installed here. Install it:\n  {python} -m pip install 'videogen-nb[lab]'\n"
    "In a clone:\n  {python} -m pip install -e '.[lab]'",
    "此环境未安装 JupyterLab。安装命令：\n  {python} -m pip install 'videogen-nb[lab]'\n"
    "在源码目录中：\n  {python} -m pip install -e '.[lab]'",
)
_NONE = Text(
    "The notebooks come with a clone of the repository, which was not found; opening this "
    "folder instead. In a notebook, run:  from videogen_nb import Studio; Studio()",
    "示例笔记本随仓库提供，但没有找到仓库，因此打开当前文件夹。"
    "可在笔记本中运行：from videogen_nb import Studio; Studio()",
)


@click.command(
    cls=Command,
    context_settings={"ignore_unknown_options": True},
    text=Text(
        "Open JupyterLab in the notebooks folder.\n\nOpens the notebooks of the clone you run it "
        "in or installed from, or else the current folder. Other arguments are passed to "
        "JupyterLab:\n\nvideogen-nb lab -- --no-browser",
        "用 JupyterLab 打开示例笔记本。\n\n"
        "打开当前所在仓库（或安装时所用仓库）中的笔记本；没有则打开当前文件夹。"
        "其余参数会传给 JupyterLab：\n\nvideogen-nb lab -- --no-browser",
    ),
)
@click.argument("arguments", nargs=-1, metavar="[-- ARGUMENTS]", type=click.UNPROCESSED)
@shared
@with_session
def lab(session: Session, arguments: tuple[str, ...]) -> int:
    """Replace this process with JupyterLab."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise VideogenError(_MISSING(python=sys.executable), code="jupyterlab_missing")
    folder = notebooks_folder(absolute(Path()))
    if folder is None:
        session.note(_NONE)
    os.environ["VIDEOGEN_LANG"] = current_language()
    for name, value in (("VIDEOGEN_URL", session.url), ("VIDEOGEN_TOKEN", session.token)):
        if value:
            os.environ[name] = value
    return _become([sys.executable, "-m", "jupyterlab", *_opening(folder), *_as_root(), *arguments])


def notebooks_folder(here: Path) -> Path | None:
    """Return the notebooks folder of the clone that contains ``here``, or of the installed one."""
    for root in (here, *here.parents, _PACKAGE.parent):
        for folder in (root, root / "notebooks"):
            if (folder / _FIRST).is_file() and folder.name == "notebooks":
                return folder
    return None


def _opening(folder: Path | None) -> list[str]:
    """Use the clone as the root folder, so that videos and links to ``docs`` work."""
    if folder is None:
        return []
    first = _FIRST
    if current_language() == "zh" and (folder / "zh" / _FIRST).is_file():
        first = f"zh/{_FIRST}"
    return [
        f"--ServerApp.root_dir={folder.parent}",
        f"--LabApp.default_url=/lab/tree/notebooks/{first}",
    ]


def _as_root() -> list[str]:
    """Allow root, which is usual in containers."""
    return ["--ServerApp.allow_root=True"] if os.name == "posix" and os.geteuid() == 0 else []


def _become(command: list[str]) -> int:
    """Replace this process, so that Ctrl-C and the exit code are JupyterLab's own."""
    if os.name == "posix":
        os.execv(command[0], command)  # noqa: S606 - our own interpreter
    return subprocess.call(command)  # noqa: S603 - our own interpreter; Windows has no exec

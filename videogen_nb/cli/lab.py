"""``lab``: JupyterLab on the notebooks that come with this."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import click

from ..errors import VideogenError
from ..i18n import Text, current_language
from .commands import Command
from .session import Session, shared, with_session

_FIRST = "00_start_here.ipynb"
_PACKAGE = Path(__file__).parents[1]
_MISSING = Text(
    "JupyterLab is not installed here. Install it:  {python} -m pip install 'videogen-nb[lab]'",
    "此环境未安装 JupyterLab。安装命令：{python} -m pip install 'videogen-nb[lab]'",
)
_NONE = Text(
    "The notebooks did not come with this installation. Run `videogen-nb lab` inside a clone of "
    "the repository.",
    "此安装未附带笔记本，请在仓库目录中运行 `videogen-nb lab`。",
)
_COPIED = Text(
    "The notebooks are in {folder}: yours to change. Nothing there is ever overwritten.",
    "笔记本已放到 {folder}，可随意修改，不会被覆盖。",
)


@click.command(
    cls=Command,
    context_settings={"ignore_unknown_options": True},
    text=Text(
        "Open JupyterLab on the notebooks.\n\n"
        "Those of the clone it is run in or installed from; else a copy in ./videogen-notebooks. "
        "Further words go to JupyterLab:  videogen-nb lab -- --no-browser",
        "用 JupyterLab 打开示例笔记本。\n\n"
        "优先使用当前或安装来源的仓库中的笔记本，否则复制到 ./videogen-notebooks。"
        "其余参数会传给 JupyterLab：videogen-nb lab -- --no-browser",
    ),
)
@click.argument("arguments", nargs=-1, metavar="[-- ARGUMENTS]", type=click.UNPROCESSED)
@shared
@with_session
def lab(session: Session, arguments: tuple[str, ...]) -> int:
    """Give way to JupyterLab."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise VideogenError(_MISSING(python=Path(sys.executable).name), code="jupyterlab_missing")
    folder = notebooks_folder(Path.cwd())
    if folder is None:
        folder = _copy(Path.cwd() / "videogen-notebooks")
        session.note(_COPIED(folder=folder))
    os.environ["VIDEOGEN_LANG"] = current_language()
    for name, value in (("VIDEOGEN_URL", session.url), ("VIDEOGEN_TOKEN", session.token)):
        if value:
            os.environ[name] = value
    return _become([sys.executable, "-m", "jupyterlab", *_opening(folder), *arguments])


def notebooks_folder(here: Path) -> Path | None:
    """The notebooks folder of the clone that ``here`` lies in, else of the one installed from."""
    for root in (here, *here.parents, _PACKAGE.parent):
        for folder in (root, root / "notebooks"):
            if (folder / _FIRST).is_file() and folder.name == "notebooks":
                return folder
    return None


def _opening(folder: Path) -> list[str]:
    """The folder as root, so that films saved beside the notebooks can be played."""
    first = _FIRST
    if current_language() == "zh" and (folder / "zh" / _FIRST).is_file():
        first = f"zh/{_FIRST}"
    return [f"--ServerApp.root_dir={folder}", f"--LabApp.default_url=/lab/tree/{first}"]


def _copy(target: Path) -> Path:
    shipped = _PACKAGE / "notebooks"
    if not shipped.is_dir():
        raise VideogenError(_NONE, code="notebooks_missing")
    for source in sorted(shipped.rglob("*")):
        goal = target / source.relative_to(shipped)
        if source.is_file() and not goal.exists():
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, goal)
    return target


def _become(command: list[str]) -> int:
    """In this process's place, so that Ctrl-C and the exit code are JupyterLab's own."""
    if os.name == "posix":
        os.execv(command[0], command)  # noqa: S606 - our own interpreter
    return subprocess.call(command)  # noqa: S603 - our own interpreter; Windows has no exec

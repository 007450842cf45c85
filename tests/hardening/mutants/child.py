"""Run pytest in a fork, so that only what is ours is imported anew. POSIX only."""

from __future__ import annotations

import importlib
import os
import resource
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from .parts import PACKAGE, ROOT

#: What is imported once, before the forks.
_PRELOADED = (
    "pytest", "httpx", "pydantic", "fastapi", "uvicorn", "numpy", "PIL.Image", "av",
    "rich.progress", "click", "ipywidgets", "anywidget", "psutil",
)  # fmt: skip
_PLUGINS = (
    "pytest_asyncio.plugin", "pytest_timeout", "xdist.plugin", "nbval.plugin",
    "_hypothesis_pytestplugin",
)  # fmt: skip
_OPTIONS = ("-q", "-p", "no:cacheprovider", "--timeout=60", "-m", "not browser and not node")
_BROKEN = 70  # an exit code that pytest has not


def preload() -> None:
    """Import what every run needs."""
    for name in _PRELOADED:
        importlib.import_module(name)


def copy_of_repository(folder: Path) -> Path:
    """Copy what the tests read into a folder; return it."""
    copy = folder / "copy"
    left_out = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in (PACKAGE.name, "tests", "docs", "notebooks"):  # tests read what is promised as well
        shutil.copytree(ROOT / name, copy / name, ignore=left_out)
    for name in ("pyproject.toml", "conftest.py"):
        shutil.copyfile(ROOT / name, copy / name)
    return copy


def passes(copy: Path, tests: list[str], plugin: Callable[[], object], seconds: float) -> bool:
    """Run tests in a copy, with a plugin of pytest's; say whether all passed.

    A run that computes for longer than ``seconds``, or lasts three times as long, is ended and did
    not pass. Raises SystemExit if pytest itself fails.
    """
    code = _run(copy, tests, plugin, seconds)
    if code not in (0, 1, 2) and code > 0:  # passed, failed, not even importable; killed: below 0
        raise SystemExit(f"pytest ended with {code}:\n{log_of(copy)[-3000:]}")
    return code == 0


def log_of(copy: Path) -> str:
    """Return what the last run printed."""
    return (copy / "log.txt").read_text("utf-8", "replace")


def _run(copy: Path, tests: list[str], plugin: Callable[[], object], seconds: float) -> int:
    child = os.fork()
    if child == 0:
        code = _BROKEN
        try:
            code = _in_child(copy, tests, plugin, seconds)
        except BaseException:  # noqa: BLE001 - the boundary of this process
            traceback.print_exc()
        finally:  # nothing of the parent's is to be cleaned up here
            os._exit(code)
    deadline = time.monotonic() + 3 * seconds
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            shutil.rmtree(_temporary(copy, child), ignore_errors=True)
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            os.killpg(child, 9)
        time.sleep(0.05)


def _in_child(copy: Path, tests: list[str], plugin: Callable[[], object], seconds: float) -> int:
    import pytest

    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (round(seconds), round(seconds) + 5))
    log = os.open(copy / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    for name in [n for n in sys.modules if n.split(".")[0] in ("tests", PACKAGE.name)]:
        del sys.modules[name]
    sys.path[:] = [str(copy), *(p for p in sys.path if Path(p or ".").resolve() != ROOT)]
    os.environ["PYTHONPATH"] = str(copy)
    os.chdir(copy)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # some were preloaded, and would complain
    plugins = [word for name in _PLUGINS for word in ("-p", name)]
    apart = f"--basetemp={_temporary(copy, os.getpid())}"  # others run pytest as well, and clean up
    return int(pytest.main([*plugins, *_OPTIONS, apart, *tests], plugins=[plugin()]))


def _temporary(copy: Path, child: int) -> Path:
    return copy.parent / f"pytest-{child}"

"""Real gateway processes in folders of their own, which are always ended."""

import contextlib
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil

from videogen_nb.local.info_file import info_path, is_running, read_info, same_process
from videogen_nb.settings import Settings


def settings_in(folder: Path, **changes) -> Settings:
    """Settings whose every folder lies in ``folder``.

    A gateway of a whole session is idle while other files' tests run, so it stays long.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = Settings(
        home=folder / "home", runtime=folder / "run", output=folder / "videos", idle_minutes=60.0
    )
    return replace(settings, **changes)


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """The same for a process, with nothing of the person's own settings."""
    own = ("VIDEOGEN_", "ARK_API_KEY")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(own)}
    folders = {"home": settings.home, "runtime": settings.runtime, "output": settings.output}
    named = {f"VIDEOGEN_{name.upper()}": str(value) for name, value in folders.items()}
    return {
        **clean,
        **named,
        "VIDEOGEN_IDLE_MINUTES": str(settings.idle_minutes),
        "VIDEOGEN_LANG": "en",
        "PYTHONIOENCODING": "utf-8",
        **more,
    }


def run(settings: Settings, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A Python command to its end, such as ``"-m", "videogen_nb", "list"``."""
    return subprocess.run(
        [sys.executable, *command],
        env=environment(settings, **more),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def end_gateway(settings: Settings) -> None:
    """End this folder's gateway by its process, if there is one."""
    info = read_info(info_path(settings.data_folder))
    if info is None or not is_running(info):
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(info.pid)
        for member in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
    wait_until_gone(info.pid, info.process_started)


def wait_until_gone(pid: int, started: float, within_s: float = 20.0) -> None:
    """Until the process has ended, whether or not somebody has taken note of it."""
    deadline = time.monotonic() + within_s
    while same_process(pid, started):
        assert time.monotonic() < deadline, f"process {pid} did not end"
        time.sleep(0.02)

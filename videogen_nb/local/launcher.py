"""Starting the local gateway as a separate process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import psutil

from ..errors import LocalGatewayError
from ..i18n import Text
from ..settings import Settings, variable
from .info_file import (
    GatewayInfo,
    info_path,
    is_running,
    log_path,
    read_info,
    runtime_folder,
)

_READY_S = 60.0
_LOG_LINES = 30
_SILENCE = "—"
_TRACEBACK = "Traceback (most recent call last)"
_SLOW = Text(
    "it was not ready after {seconds} s. The machine may be very busy; try again.",
    "{seconds} 秒后仍未就绪。机器可能很忙，请重试。",
)
_FAILED = Text(
    "The local gateway could not be started: {reason}\n"
    "Run `videogen-nb doctor` in a terminal to find the cause. Complete output: {log}",
    "无法启动本地网关：{reason}\n请在终端运行 `videogen-nb doctor` 查找原因。完整输出：{log}",
)

#: What the local gateway is not told: where other gateways are, what only they or clients use.
_NOT_PASSED = {"url", "token", "host", "port", "output"}


def start(settings: Settings) -> GatewayInfo:
    """Start a local gateway and wait until it, or one that was faster, is ready.

    Raises:
        LocalGatewayError: it ended, or was not ready in time; ``log`` has its output.
    """
    path, log = info_path(settings.data_folder), log_path(settings)
    process = _launch(settings, log)
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        ended = process.poll() is not None  # looked at first: the file may come just before an end
        if (info := read_info(path)) and is_running(info):
            if not _is_of(info, process):
                process.kill()  # else it would wait behind that one, and take over from it
            return info
        if ended:
            raise _failed(log)
        time.sleep(0.03)
    process.kill()
    raise _failed(log, _SLOW(seconds=f"{_READY_S:.0f}"))


def _is_of(info: GatewayInfo, process: subprocess.Popen[bytes]) -> bool:
    """Return whether a gateway is the process or its child (in a Windows virtual environment)."""
    if info.pid == process.pid:
        return True
    with contextlib.suppress(psutil.Error):
        return psutil.Process(info.pid).ppid() == process.pid
    return False


def _launch(settings: Settings, log: Path) -> subprocess.Popen[bytes]:
    folder = settings.data_folder
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _private(log) as output:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "videogen_nb.gateway", "--embedded"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=_environment(settings),
                cwd=folder,  # not the notebook's: its disk may be taken away
                **_detached(),
            )
    except OSError as error:
        raise LocalGatewayError(
            Text(
                "The local gateway could not be started: {reason} ({path}).",
                "无法启动本地网关：{reason}（{path}）。",
            )(reason=error.strerror or error, path=error.filename or folder)
        ) from error
    # Somebody has to take note of its end, else it stays as a zombie of a long-lived kernel.
    with contextlib.suppress(RuntimeError):  # unless we are about to end ourselves
        threading.Thread(target=process.wait, name="videogen-gateway-end", daemon=True).start()
    return process


def _detached() -> dict[str, Any]:
    """Return options that detach it from signals of the kernel or terminal."""
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS
        return {"creationflags": flags}
    return {"start_new_session": True}


def _environment(settings: Settings) -> dict[str, str]:
    """Return the environment with the settings, with absolute paths."""
    environment = dict(os.environ)
    for setting in fields(settings):
        value = getattr(settings, setting.name)
        if setting.name in _NOT_PASSED or value is None:
            environment.pop(variable(setting), None)
        else:
            environment[variable(setting)] = str(value)
    environment[_variable("home")] = str(settings.data_folder)
    environment[_variable("runtime")] = str(runtime_folder(settings))
    return environment


def _variable(name: str) -> str:
    return next(variable(setting) for setting in fields(Settings) if setting.name == name)


def _private(path: Path) -> Any:
    """Return a new, empty file that only its owner can read."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _failed(log: Path, slow: Text | None = None) -> LocalGatewayError:
    words = _last_words(log)
    reason = slow if slow is not None and words == _SILENCE else _reason(words)
    return LocalGatewayError(_FAILED(reason=reason, log=log), log=words)


def _reason(words: str) -> str:
    """Return the end of the output; only the last line of a traceback."""
    return words.rsplit("\n", 1)[-1] if _TRACEBACK in words else words


def _last_words(log: Path) -> str:
    try:
        lines = log.read_text("utf-8", errors="replace").splitlines()
    except OSError as error:
        lines = [str(error)]
    return "\n".join(lines[-_LOG_LINES:]).strip() or _SILENCE

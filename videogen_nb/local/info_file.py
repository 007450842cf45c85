"""The info file of a gateway: its address, process and token.

It is in the data folder, and only its owner can read it. The gateway writes it when it is ready and
removes it when it stops. Clients read it and check that the process is still the same
(:func:`same_process`).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import stat
import sys
import warnings
from datetime import datetime
from pathlib import Path
from typing import Literal

import platformdirs
import psutil
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import LocalGatewayError
from ..i18n import Text
from ..settings import Settings, absolute

_CREATE_TIME_SLACK_S = 2.0


class GatewayInfo(BaseModel):
    """The contents of the info file; for ``process_started`` see :func:`process_started`.

    ``instance`` identifies the gateway over HTTP, without its process id; ``settings`` are those
    that only a restart can change, by variable.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    url: str
    machine: str
    port: int
    pid: int
    process_started: float
    version: str
    environment: str
    token: str | None = Field(repr=False)
    started_at: datetime
    kind: Literal["embedded", "serve"]
    instance: str = ""
    settings: dict[str, str] = {}


def this_machine() -> str:
    """Return a name that distinguishes this machine from others that share a folder."""
    return socket.gethostname()


def runtime_folder(settings: Settings) -> Path:
    """Return the private folder for logs and start locks, created if necessary.

    Raises:
        LocalGatewayError: it cannot be created, or belongs to another user.
    """
    folder = absolute(settings.runtime or _platform_folder())
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_private(folder)
    except OSError as error:
        raise unusable(folder, error) from error
    return folder


def unusable(folder: Path, error: OSError) -> LocalGatewayError:
    """Return the error for an unusable runtime folder."""
    return LocalGatewayError(
        Text(
            "The runtime folder {folder} cannot be used: {reason}. "
            "Set VIDEOGEN_RUNTIME to a folder of your own.",
            "运行时文件夹 {folder} 无法使用：{reason}。请将 VIDEOGEN_RUNTIME 设为你自己的文件夹。",
        )(folder=folder, reason=error.strerror or error)
    )


def info_path(data_folder: Path) -> Path:
    """Return the path of the info file, which may not exist."""
    return data_folder / "gateway.json"


def log_path(settings: Settings) -> Path:
    """Return the path of the local gateway's log."""
    return runtime_folder(settings) / f"gateway-{_key(settings)}.log"


def lock_path(settings: Settings) -> Path:
    """Return the path of the lock for starting, replacing or taking over a gateway."""
    return runtime_folder(settings) / f"gateway-{_key(settings)}.lock"


def write_info(path: Path, info: GatewayInfo) -> None:
    """Write the file atomically, readable only by its owner from the start."""
    new = path.with_name(f"{path.name}.new")  # one name: only the folder's owner writes it
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(info.model_dump_json(indent=2))
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def read_info(path: Path) -> GatewayInfo | None:
    """Return the file's contents; None if it is missing, not ours or invalid."""
    try:
        if not _is_ours(path.stat()):
            return None
        return GatewayInfo.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def remove_info(path: Path, info: GatewayInfo) -> None:
    """Remove the file, unless it belongs to a successor."""
    found = read_info(path)
    if found is not None and found.pid == info.pid and found.port == info.port:
        with contextlib.suppress(OSError):
            path.unlink()


def process_started(pid: int) -> float:
    """Return the start time of a process in seconds: since boot on Linux, otherwise since 1970.

    Linux stores the time since boot; a date would change whenever the clock is set.

    Raises:
        psutil.Error: the process does not exist, or cannot be inspected.
    """
    started = psutil.Process(pid).create_time()
    return started - psutil.boot_time() if sys.platform == "linux" else started


def same_process(pid: int, started: float) -> bool:
    """Return whether the process is alive and was started at that time."""
    try:
        if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return False
        return abs(process_started(pid) - started) < _CREATE_TIME_SLACK_S
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return False  # a process of ours can always be looked at


def is_running(info: GatewayInfo) -> bool:
    """Return whether the process of an info file is alive on this machine."""
    return info.machine == this_machine() and same_process(info.pid, info.process_started)


def _key(settings: Settings) -> str:
    """Return a short key, the same for all spellings of the data folder's path."""
    return hashlib.sha256(os.fsencode(os.path.realpath(settings.data_folder))).hexdigest()[:12]


def _platform_folder() -> Path:
    with warnings.catch_warnings():  # where there is no runtime folder it warns of its own stand-in
        warnings.simplefilter("ignore")
        return platformdirs.user_runtime_path("videogen-nb", appauthor=False)


def _check_private(folder: Path) -> None:
    """Refuse a folder that others own or can write to: they could fake a gateway."""
    facts = folder.stat()
    if not stat.S_ISDIR(facts.st_mode):
        raise NotADirectoryError(None, "not a folder")
    if not _is_ours(facts):
        raise PermissionError(None, "it belongs to another user")
    if os.name == "posix" and facts.st_mode & 0o022:
        raise PermissionError(None, "other users can write into it")


def _is_ours(facts: os.stat_result) -> bool:
    return os.name != "posix" or facts.st_uid == os.getuid()

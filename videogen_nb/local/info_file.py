"""The info file: where the gateway that owns a data folder listens, which process it is, its token.

It lies in the data folder, and only the person who owns it can read it. The gateway writes it when
it is ready and removes it when it ends; whoever looks for a gateway reads it and then makes sure
that the process is still that one (:func:`same_process`).
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
    """What the info file says; ``process_started`` is as :func:`process_started` gives it.

    ``instance`` is what the gateway calls itself over HTTP, where it tells no process id;
    ``settings`` are those that only a start can change, by their variables.
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
    """Return the name by which a shared folder tells this machine from another."""
    return socket.gethostname()


def runtime_folder(settings: Settings) -> Path:
    """Return the folder of logs and start locks, made if need be; nobody else can write into it.

    Raises:
        LocalGatewayError: it cannot be made, or it belongs to somebody else.
    """
    folder = absolute(settings.runtime or _platform_folder())
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_private(folder)
    except OSError as error:
        raise unusable(folder, error) from error
    return folder


def unusable(folder: Path, error: OSError) -> LocalGatewayError:
    """Return what to say of a runtime folder that gives this error."""
    return LocalGatewayError(
        Text(
            "The runtime folder {folder} cannot be used: {reason}. "
            "Set VIDEOGEN_RUNTIME to a folder of your own.",
            "运行时文件夹 {folder} 无法使用：{reason}。请将 VIDEOGEN_RUNTIME 设为你自己的文件夹。",
        )(folder=folder, reason=error.strerror or error)
    )


def info_path(data_folder: Path) -> Path:
    """Return where the info file of this folder's gateway is, or would be."""
    return data_folder / "gateway.json"


def log_path(settings: Settings) -> Path:
    """Return where the embedded gateway's own output goes."""
    return runtime_folder(settings) / f"gateway-{_key(settings)}.log"


def lock_path(settings: Settings) -> Path:
    """The lock held by whoever starts, replaces or takes over a gateway of this data folder."""
    return runtime_folder(settings) / f"gateway-{_key(settings)}.lock"


def write_info(path: Path, info: GatewayInfo) -> None:
    """Put the file there whole, readable by its owner alone from its first byte on."""
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
    """Return the file's content; None where there is none, or none of ours that can be read."""
    try:
        if not _is_ours(path.stat()):
            return None
        return GatewayInfo.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def remove_info(path: Path, info: GatewayInfo) -> None:
    """Remove the file if it still is this gateway's, not a successor's."""
    found = read_info(path)
    if found is not None and found.pid == info.pid and found.port == info.port:
        with contextlib.suppress(OSError):
            path.unlink()


def process_started(pid: int) -> float:
    """When a process began, in seconds: since the start of the machine on Linux, else since 1970.

    Linux keeps the first; made into a date it would move whenever the clock is set.

    Raises:
        psutil.Error: there is no such process, or it cannot be looked at.
    """
    started = psutil.Process(pid).create_time()
    return started - psutil.boot_time() if sys.platform == "linux" else started


def same_process(pid: int, started: float) -> bool:
    """Return whether the process with this number lives and is the one that was started then."""
    try:
        if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return False
        return abs(process_started(pid) - started) < _CREATE_TIME_SLACK_S
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return False  # a process of ours can always be looked at


def is_running(info: GatewayInfo) -> bool:
    """Return whether the process that an info file speaks of lives, on this machine."""
    return info.machine == this_machine() and same_process(info.pid, info.process_started)


def _key(settings: Settings) -> str:
    """Short and the same for every way of writing the data folder's path."""
    return hashlib.sha256(os.fsencode(os.path.realpath(settings.data_folder))).hexdigest()[:12]


def _platform_folder() -> Path:
    with warnings.catch_warnings():  # where there is no runtime folder it warns of its own stand-in
        warnings.simplefilter("ignore")
        return platformdirs.user_runtime_path("videogen-nb", appauthor=False)


def _check_private(folder: Path) -> None:
    """A folder that others own or can write to could show us a gateway of theirs."""
    facts = folder.stat()
    if not stat.S_ISDIR(facts.st_mode):
        raise NotADirectoryError(None, "not a folder")
    if not _is_ours(facts):
        raise PermissionError(None, "it belongs to another user")
    if os.name == "posix" and facts.st_mode & 0o022:
        raise PermissionError(None, "other users can write into it")


def _is_ours(facts: os.stat_result) -> bool:
    return os.name != "posix" or facts.st_uid == os.getuid()

"""Ownership of a data folder: the gateway that holds its lock.

``gateway.lock`` is locked from before the database is opened until after it is closed; the system
releases the lock if the process dies. ``gateway.json`` next to it describes the owner once it
accepts requests (see :mod:`.info_file`), and is touched every few seconds: on some shared file
systems, locks apply to one machine only, and this reveals an owner on another one.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from ..errors import LocalGatewayError
from ..i18n import Text
from .file_lock import FileLock, NoLocks
from .info_file import info_path, read_info, this_machine

#: Seconds between two signs of life.
BEAT_S = 5.0
_LONG_DEAD_S = 600.0  # more than two clocks will differ


class FolderLock:
    """Held by the gateway that owns a data folder; a context manager.

    Args:
        folder: absolute path; created if necessary.
        timeout_s: how long to wait for a predecessor to release it.
    """

    def __init__(self, folder: Path, *, timeout_s: float) -> None:
        self._folder = folder
        self._timeout_s = timeout_s
        self._lock = FileLock(folder / "gateway.lock")
        self._identity: os.stat_result | None = None

    def __enter__(self) -> Self:
        """Acquire the lock.

        Raises:
            LocalGatewayError: another gateway owns the folder, on this machine or another; or it
                cannot be written or locked.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            owned = self._lock.acquire(self._timeout_s)
            self._identity = self._folder.stat()
        except NoLocks as error:
            raise _no_locks(self._folder, error) from error
        except OSError as error:
            raise _unwritable(self._folder, error) from error
        if not owned:
            raise _owned(self._folder)
        try:
            refuse_other_machine(self._folder)
        except LocalGatewayError:
            self._lock.release()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release the lock."""
        self._lock.release()

    def keep(self) -> bool:
        """Return whether the folder is still owned; restore a removed lock file."""
        if self._lock.in_place():
            return True
        try:
            if self._identity is None or not os.path.samestat(self._folder.stat(), self._identity):
                return False
            again = FileLock(self._lock.path)
            if not again.acquire(0):
                return False
        except OSError:
            return False
        self._lock.release()
        self._lock = again
        return True


def beat(folder: Path) -> None:
    """Touch the info file as a sign of life."""
    with contextlib.suppress(OSError):  # a full or absent disk is told elsewhere
        os.utime(info_path(folder))


def refuse_other_machine(folder: Path, on_wait: Callable[[str], None] = lambda _: None) -> None:
    """Check that no gateway on another machine owns the folder; may take a few seconds.

    Files of such a gateway that has died are removed.

    Args:
        on_wait: called with the other machine's name if the check takes time.

    Raises:
        LocalGatewayError: one owns it.
    """
    info = read_info(info_path(folder))
    if info is None or info.machine == this_machine():
        return
    on_wait(info.machine)
    if moves(folder):
        raise LocalGatewayError(
            Text(
                "The data folder {folder} is in use by a gateway on another machine, "
                "{machine}. Stop that gateway, or set VIDEOGEN_HOME to a folder on this "
                "machine.",
                "数据文件夹 {folder} 正由另一台机器 {machine} 上的网关使用。"
                "请先停止那个网关，或将 VIDEOGEN_HOME 设为本机的文件夹。",
            )(folder=folder, machine=info.machine)
        )
    with contextlib.suppress(OSError):
        info_path(folder).unlink()


def moves(
    folder: Path,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Return whether the owner is alive; takes up to three beats.

    Clocks of two machines differ, so only changes of the timestamp count.
    """
    path = info_path(folder)
    try:
        seen = path.stat().st_mtime
        if clock() - seen > _LONG_DEAD_S:
            return False
        for _ in range(15):
            sleep(BEAT_S / 5)
            if path.stat().st_mtime != seen:
                return True
    except OSError:
        pass  # it left
    return False


def _owned(folder: Path) -> LocalGatewayError:
    info = read_info(info_path(folder))
    if info is None:
        who = Text("another gateway, which is starting or stopping", "另一个正在启动或停止的网关")
    else:
        who = Text(
            "the gateway with process id {pid} on {machine}", "{machine} 上的网关（进程 {pid}）"
        )(pid=info.pid, machine=info.machine)
    return LocalGatewayError(
        Text(
            "The data folder {folder} is in use by {who}. Use that gateway, stop it, or set "
            "VIDEOGEN_HOME to another folder.",
            "数据文件夹 {folder} 正由{who}使用。"
            "请使用该网关、停止它，或将 VIDEOGEN_HOME 设为其他文件夹。",
        )(folder=folder, who=who),
        code="folder_in_use",
    )


def _no_locks(folder: Path, error: OSError) -> LocalGatewayError:
    return LocalGatewayError(
        Text(
            "The data folder {folder} is on a file system without file locks ({reason}), where two "
            "gateways could damage each other's tasks. Set VIDEOGEN_HOME to a folder on a local "
            "disk.",
            "数据文件夹 {folder} 所在的文件系统不支持文件锁（{reason}），"
            "两个网关可能损坏彼此的任务。"
            "请将 VIDEOGEN_HOME 设为本地磁盘上的文件夹。",
        )(folder=folder, reason=error.strerror or error),
        code="no_locks",
    )


def _unwritable(folder: Path, error: OSError) -> LocalGatewayError:
    return LocalGatewayError(
        Text(
            "The data folder {folder} cannot be written to: {reason}. Set VIDEOGEN_HOME to "
            "another folder.",
            "数据文件夹 {folder} 无法写入：{reason}。请将 VIDEOGEN_HOME 设为其他文件夹。",
        )(folder=folder, reason=error.strerror or error),
        code="folder_unusable",
    )

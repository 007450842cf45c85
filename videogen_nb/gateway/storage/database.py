"""The gateway's only SQLite connection, on its own thread.

There is one process and one connection with ``locking_mode=EXCLUSIVE``, which avoids concurrency
problems. ``local.folder_lock`` decides beforehand which gateway owns the folder. With WAL and
``synchronous=FULL``, commits survive a power cut (SQLite documentation, "PRAGMA synchronous").
"""

from __future__ import annotations

import asyncio
import errno
import logging
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, TypeVar

from ...errors import LocalGatewayError
from ...i18n import Text
from ...local.file_lock import has_record_locks
from ...security.private_files import private_file, private_folder
from .migrations import migrate

FILE: Final = "tasks.sqlite3"
LOCK_TIMEOUT_S: Final = 1.0

_CORRUPT: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


class Database:
    """A folder's database. ``notice`` is set if a damaged one was set aside when opening."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notice: Text | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="videogen-store")
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open it exclusively, check it, and migrate the schema.

        Raises:
            LocalGatewayError: another program has it open, the folder is not writable, or the
                database is from a newer version.
        """
        await asyncio.get_running_loop().run_in_executor(self._thread, self._open)

    async def read(
        self,
        work: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run ``work(connection, …)`` on the database thread."""
        return await self._run(lambda: work(self._open_connection(), *args, **kwargs))

    async def write(
        self,
        work: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run ``work(connection, …)`` in a transaction that is on disk when this returns."""

        def whole() -> T:
            connection = self._open_connection()
            with _transaction(connection):
                return work(connection, *args, **kwargs)

        return await self._run(whole)

    async def close(self) -> None:
        """Checkpoint the log and stop the thread. Can be called repeatedly."""
        if self._connection is not None:
            await self._run(self._close)
        self._thread.shutdown()

    async def _run(self, work: Callable[[], T]) -> T:
        # Shielded: a requester who goes away must not leave us ignorant of what was committed.
        future = asyncio.get_running_loop().run_in_executor(self._thread, work)
        return await asyncio.shield(future)

    def _open_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise sqlite3.ProgrammingError("the task database is closed")
        return self._connection

    def _open(self) -> None:
        try:
            if not (private_folder(self.folder) and private_file(self.folder / FILE)):
                logger.warning("%s", _NOT_PRIVATE(folder=self.folder))
            try:
                self._connection = self._connect()
            except sqlite3.DatabaseError as error:
                if _code(error) not in _CORRUPT:
                    raise
                self._put_aside()
                self._connection = self._connect()
        except sqlite3.OperationalError as error:
            raise self._refusal(error) from error
        except OSError as error:
            raise LocalGatewayError(
                _UNWRITABLE(folder=self.folder, why=error.strerror or error), code="folder_unusable"
            ) from error

    def _connect(self) -> sqlite3.Connection:
        file = self.folder / FILE
        address = file.absolute().as_uri() + (
            "" if has_record_locks(self.folder) else "?vfs=unix-none"
        )
        connection = sqlite3.connect(
            address, uri=True, isolation_level=None, timeout=LOCK_TIMEOUT_S
        )
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA fullfsync = ON")  # macOS: reach the disk, not its cache
            with _transaction(connection):
                pass  # takes the lock, which EXCLUSIVE keeps
            _check(connection)
            migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _close(self) -> None:
        self._open_connection().close()
        self._connection = None

    def _put_aside(self) -> None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        aside = self.folder / f"tasks.damaged-{stamp}.sqlite3"
        for suffix in ("", "-wal", "-journal"):
            source = self.folder / f"{FILE}{suffix}"
            if source.exists():
                source.replace(f"{aside}{suffix}")
        self.notice = _DAMAGED(file=aside.name)  # everybody may read it: no path
        logger.warning("%s (%s)", self.notice, aside)

    def _refusal(self, error: sqlite3.OperationalError) -> LocalGatewayError:
        if _code(error) == sqlite3.SQLITE_BUSY:
            return LocalGatewayError(_BUSY(folder=self.folder), code="folder_in_use")
        return LocalGatewayError(_UNWRITABLE(folder=self.folder, why=error), code="folder_unusable")


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF  # the primary result code


def _check(connection: sqlite3.Connection) -> None:
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        error = sqlite3.DatabaseError(found)
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def disk_is_full(error: BaseException) -> bool:
    """Return whether an error means that the disk is full."""
    if isinstance(error, sqlite3.Error):
        return _code(error) == sqlite3.SQLITE_FULL
    return isinstance(error, OSError) and error.errno in _FULL


_FULL: Final = {errno.ENOSPC, errno.EDQUOT}

_BUSY = Text(
    "The task database in {folder} is in use by another program. Stop that program, or set "
    "VIDEOGEN_HOME to another folder.",
    "文件夹 {folder} 中的任务数据库正被另一个程序使用。"
    "请停止该程序，或将 VIDEOGEN_HOME 设为其他文件夹。",
)
_UNWRITABLE = Text(
    "The folder {folder} cannot be used for tasks and videos: {why}. Make it writable, free some "
    "space, or set VIDEOGEN_HOME to another folder.",
    "文件夹 {folder} 无法用于存放任务与视频：{why}。"
    "请检查写入权限与磁盘空间，或将 VIDEOGEN_HOME 设为其他文件夹。",
)
_NOT_PRIVATE = Text(
    "The file system of {folder} does not support permissions: other users of this machine may be "
    "able to read tasks and videos. If this machine has other users, set VIDEOGEN_HOME to a "
    "folder on a local disk.",
    "{folder} 所在的文件系统不支持访问权限：本机其他用户可能可以读取任务与视频。"
    "如果本机有其他用户，请将 VIDEOGEN_HOME 设为本地磁盘上的文件夹。",
)
_DAMAGED = Text(
    "The task database was damaged. It is kept as {file} and a new one was created; existing "
    "videos are still in their folder.",
    "任务数据库已损坏，原文件保留为 {file}，并已新建数据库；已生成的视频仍在原文件夹中。",
)

"""An exclusive lock on a file, released by the system however its process ends."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
import time
from pathlib import Path

_PAUSE_S = 0.05
_HELD = {errno.EAGAIN, errno.EACCES, errno.EDEADLK}
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


class NoLocks(OSError):
    """The file system supports neither kind of lock."""


class FileLock:
    """A file lock. The file remains after release: others may be waiting for it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None
        self._pid = os.getpid()

    def acquire(self, timeout_s: float) -> bool:
        """Lock the file, creating it if necessary; return False after ``timeout_s``.

        Raises:
            NoLocks: the file system does not support locks. OSError: the file cannot be opened.
        """
        deadline = time.monotonic() + timeout_s
        while not self._try():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE_S)
        return True

    def in_place(self) -> bool:
        """Return whether the path still refers to the locked file."""
        if self._handle is None:
            return False
        try:
            return os.path.samestat(self.path.stat(), os.fstat(self._handle))
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True  # a disk that does not answer says nothing

    def release(self) -> None:
        """Release the lock if it is held."""
        handle, self._handle = self._handle, None
        if handle is None:
            return
        if self._pid == os.getpid():  # a forked child has the handle, but not the lock
            _unlock(handle)  # closing would not do while such a child lives
        os.close(handle)

    def _try(self) -> bool:
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not _lock(handle):
                os.close(handle)
                return False
        except OSError as error:
            os.close(handle)
            if error.errno in _NO_LOCKS:
                raise NoLocks(error.errno, error.strerror, str(self.path)) from error
            raise
        self._handle = handle
        if not self.in_place():  # it was removed meanwhile, and another may have made a new one
            self.release()
        return self._handle is not None


def has_record_locks(folder: Path) -> bool:
    """Return whether the folder's file system supports the kind of lock that SQLite uses.

    Without them, SQLite believes that another process holds the lock. The owner of the folder's
    lock can run SQLite without locks of its own.
    """
    if sys.platform == "win32":
        return True
    with tempfile.TemporaryFile(dir=folder) as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno not in _NO_LOCKS
    return True


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in _HELD:
                return False
            raise
        return True

    def _unlock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _unlock(handle: int) -> None:
        with contextlib.suppress(OSError):  # whichever kind it is not
            fcntl.lockf(handle, fcntl.LOCK_UN)
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_UN)

    def _lock(handle: int) -> bool:
        """Lock with ``flock``, or else ``fcntl``: some network file systems support only one."""
        try:
            return _locked_by(fcntl.flock, handle)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
        return _locked_by(fcntl.lockf, handle)

    def _locked_by(function: object, handle: int) -> bool:
        try:
            function(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[operator]
        except OSError as error:
            if error.errno in _HELD:
                return False
            raise
        return True

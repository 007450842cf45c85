"""Files that share disk space: clones (copy on write) and hard links."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # asked for below

#: ioctl of Linux: the whole of another file, copied on write (btrfs, XFS, bcachefs, ZFS, NFS 4.2).
FICLONE: Final = 0x40049409
_WRITABLE: Final = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def clone(source: Path, target: BinaryIO) -> bool:
    """Clone a file into an open, empty one: an independent copy that takes no space until edited.

    Returns:
        False if the system or file system cannot do that; the file is then still empty.
    """
    if fcntl is None or os.uname().sysname != "Linux":
        return False
    with suppress(OSError), source.open("rb") as whole:
        fcntl.ioctl(target.fileno(), FICLONE, whole.fileno())
        return True
    return False


def hard_link(source: Path, target: Path) -> bool:
    """Create a read-only hard link ``target`` to a file, replacing an existing target.

    Both names refer to the same file, so it should not be edited through either.

    Returns:
        False if that is impossible: another file system, or another user's file.
    """
    if os.name != "posix":
        return False  # a read-only file cannot be deleted on Windows, by whichever name
    beside = target.with_suffix(".link")
    try:
        os.link(source, beside)
        beside.chmod(stat.S_IMODE(beside.stat().st_mode) & ~_WRITABLE)
        beside.replace(target)
    except OSError:
        beside.unlink(missing_ok=True)
        return False
    return True

"""Files and folders for their owner's eyes alone.

POSIX only: Windows keeps a person's own folders from others by itself.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

_OTHERS: Final = 0o077  # what the group and everybody else may do
_ROOT: Final = 0


def is_private(path: Path) -> bool:
    """Whether a file or folder is ours, and nobody else may use it. Raises OSError: it is gone."""
    if os.name != "posix":
        return True
    facts = path.stat()
    return facts.st_uid == os.geteuid() and not facts.st_mode & _OTHERS


def make_private(path: Path) -> bool:
    """Let nobody but its owner use a file or folder: mode 0600, or 0700.

    Root may use what belongs to somebody else, as the volumes of containers do.

    Returns:
        False where the file system keeps no such modes.

    Raises:
        PermissionError: it belongs to another user. OSError: it cannot be looked at.
    """
    if os.name != "posix":
        return True
    facts = path.stat()
    if facts.st_uid != os.geteuid() != _ROOT:
        raise PermissionError(errno.EPERM, "it belongs to another user", str(path))
    if facts.st_mode & _OTHERS:
        try:
            path.chmod(facts.st_mode & ~_OTHERS)
        except OSError:
            return False
    return not path.stat().st_mode & _OTHERS


def private_folder(path: Path) -> bool:
    """Make a folder, with those above it, that only its owner can use. As :func:`make_private`."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return make_private(path)


def private_file(path: Path) -> bool:
    """Make a file, where there is none, that only its owner can use. As :func:`make_private`."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    return make_private(path)

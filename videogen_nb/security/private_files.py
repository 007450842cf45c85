"""Files and folders that only their owner can access.

POSIX only: Windows protects users' own folders by default.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

_OTHERS: Final = 0o077  # what the group and everybody else may do
_ROOT: Final = 0


def is_private(path: Path) -> bool:
    """Return whether a file or folder is ours and private. Raises OSError if it is missing."""
    if os.name != "posix":
        return True
    facts = path.stat()
    return facts.st_uid == os.geteuid() and not facts.st_mode & _OTHERS


def make_private(path: Path) -> bool:
    """Make a file or folder accessible only to its owner: mode 0600 or 0700.

    Root may use files of other users, such as container volumes.

    Returns:
        False if the file system does not support permissions.

    Raises:
        PermissionError: it belongs to another user. OSError: it cannot be accessed.
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
    """Create a private folder and its parents. See :func:`make_private`."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return make_private(path)


def private_file(path: Path) -> bool:
    """Create a private file if it does not exist. See :func:`make_private`."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    return make_private(path)

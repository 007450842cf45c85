"""File paths given by users, with readable errors."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import BadInput
from ..i18n import Text
from ..protocol.values import as_path
from ..settings import absolute


def expanded(path: str | os.PathLike[str]) -> Path:
    """Expand ``~``. Raises BadInput if it is not a path, or the home or working folder is
    missing.
    """
    given = as_path("path", path)
    absolute(given)
    return given.expanduser()


def new_name(path: str | os.PathLike[str]) -> Path:
    """Return the path of a file to write, ``~`` expanded. Raises BadInput if it names no file."""
    target = expanded(path)
    if not target.name:
        raise BadInput(_NO_NAME(path=target))
    return target


def existing_file(path: str | os.PathLike[str], missing: Text) -> Path:
    """Return the path of a file, ``~`` expanded.

    Args:
        missing: the message if it does not exist, with ``{path}`` and ``{folder}``.

    Raises:
        BadInput: the file does not exist or cannot be accessed.
    """
    found = expanded(path)
    try:
        there = found.is_file()
    except OSError as error:  # a name that is too long, a folder that may not be entered
        raise BadInput(_UNREADABLE(path=found, reason=error.strerror or error)) from error
    if not there:
        raise BadInput(missing(path=found, folder=absolute(Path())))
    return found


_NO_NAME = Text("{path!s} is not a file name.", "{path!s} 不是文件名。")
_UNREADABLE = Text("Cannot read {path}: {reason}.", "无法读取 {path}：{reason}。")

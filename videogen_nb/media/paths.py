"""File paths given by users, with readable errors."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import BadInput
from ..i18n import Text
from ..settings import absolute


def expanded(path: str | os.PathLike[str]) -> Path:
    """Expand ``~``. Raises BadInput if the home or working folder does not exist."""
    absolute(Path(path))
    return Path(path).expanduser()


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


_UNREADABLE = Text("Cannot read {path}: {reason}.", "无法读取 {path}：{reason}。")

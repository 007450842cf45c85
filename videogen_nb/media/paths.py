"""Files that a person names for reading or writing: what cannot be done with them, in words."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import BadInput
from ..i18n import Text
from ..settings import absolute


def expanded(path: str | os.PathLike[str]) -> Path:
    """Return a path with ``~`` expanded. Raises BadInput: its home or working folder is gone."""
    absolute(Path(path))
    return Path(path).expanduser()


def existing_file(path: str | os.PathLike[str], missing: Text) -> Path:
    """Return the path of a file, ``~`` expanded.

    Args:
        missing: what to say where there is none; it speaks of ``{path}`` and ``{folder}``.

    Raises:
        BadInput: there is no such file, or the system does not say.
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

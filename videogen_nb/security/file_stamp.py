"""Noticing that a file was changed or replaced, without reading it."""

from __future__ import annotations

from pathlib import Path

Stamp = tuple[int, int, int, int]


def file_stamp(path: Path) -> Stamp:
    """Return values that differ once a file or its permissions have changed.

    A file's time can be set back (``touch -r``, ``exiftool -P``), but not that of its inode's last
    change, which is among them.

    Raises:
        OSError: it does not exist.
    """
    facts = path.stat()
    return facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns

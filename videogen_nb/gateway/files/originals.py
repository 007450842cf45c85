"""Checking that stored videos are unchanged, since hard links to them can be edited."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, TypeAlias

_REMEMBERED: Final = 4096  # files; the one that was read first is forgotten first
_Stamp: TypeAlias = tuple[int, ...]


class Originals:
    """Hashes each file once, and again when its size or times have changed."""

    def __init__(self) -> None:
        self._verdicts: dict[Path, tuple[_Stamp, bool]] = {}

    def known(self, path: Path) -> bool | None:
        """Return whether a file is unchanged; None if it must be read to find out.

        Raises:
            OSError: it does not exist.
        """
        stamp, verdict = self._verdicts.get(path, ((), None))
        return verdict if stamp == _stamp(path) else None

    def check(self, path: Path, sha256: str | None) -> bool:
        """Return whether a file has this hash (None: any). May read the whole file.

        Raises:
            OSError: it does not exist.
        """
        if (known := self.known(path)) is not None:
            return known
        with path.open("rb") as file:
            stamp = _stamp(path)
            verdict = sha256 in (None, hashlib.file_digest(file, "sha256").hexdigest())
        while len(self._verdicts) >= _REMEMBERED:
            self._verdicts.pop(next(iter(self._verdicts)), None)
        self._verdicts[path] = stamp, verdict
        return verdict


def _stamp(path: Path) -> _Stamp:
    facts = path.stat()
    # A time can be set back (`touch -r`, `exiftool -P`), but not that of the inode's last change.
    return facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns

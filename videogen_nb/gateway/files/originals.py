"""Checking that stored videos are unchanged, since hard links to them can be edited."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from ...security.file_stamp import Stamp, file_stamp

_REMEMBERED: Final = 4096  # files; the one that was read first is forgotten first


class Originals:
    """Hashes each file once, and again when its size or times have changed."""

    def __init__(self) -> None:
        self._verdicts: dict[Path, tuple[Stamp, bool]] = {}

    def known(self, path: Path) -> bool | None:
        """Return whether a file is unchanged; None if it must be read to find out.

        Raises:
            OSError: it does not exist.
        """
        stamp, verdict = self._verdicts.get(path, (None, None))
        return verdict if stamp == file_stamp(path) else None

    def check(self, path: Path, sha256: str | None) -> bool:
        """Return whether a file has this hash (None: any). May read the whole file.

        Raises:
            OSError: it does not exist.
        """
        if (known := self.known(path)) is not None:
            return known
        with path.open("rb") as file:
            stamp = file_stamp(path)
            verdict = sha256 in (None, hashlib.file_digest(file, "sha256").hexdigest())
        while len(self._verdicts) >= _REMEMBERED:
            self._verdicts.pop(next(iter(self._verdicts)), None)
        self._verdicts[path] = stamp, verdict
        return verdict

"""Many files as one zip, made while it is sent: neither memory nor disk holds it whole."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

_PIECE: Final = 2**20


class _Sent:
    """What a ZipFile writes to, a piece after the other; it cannot be gone back in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._at = 0

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> bytes:
        """Return what was written since it was last asked."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def zipped(files: Sequence[tuple[str, Path]]) -> Iterator[bytes]:
    """Yield the pieces of a zip; a file that is gone by then is left out.

    Args:
        files: the name of each in the zip, and where it lies. Videos are stored as they are.
    """
    sent = _Sent()
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_STORED) as archive:
        for name, path in files:
            try:
                source = path.open("rb")
            except OSError:
                continue
            info = zipfile.ZipInfo.from_file(path, name)
            with source, archive.open(info, "w", force_zip64=True) as entry:
                while piece := source.read(_PIECE):
                    entry.write(piece)
                    yield sent.taken()
    yield sent.taken()

"""Streaming many files as a zip, without holding it in memory or on disk."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from ...i18n import Text
from ...media.provenance import sidecar

_PIECE: Final = 2**20
_CHANGED: Final = "CHANGED.txt"
_LEFT_OUT: Final = Text(
    "These videos are not in this zip: their stored files were changed by another program.",
    "以下视频不在压缩包中：其存储的文件已被其他程序修改。",
)

Zipped = tuple[str, Path, str | None, Callable[[], bytes]]


class _Sent:
    """A non-seekable target for a ZipFile."""

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
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def taken(self) -> bytes:
        """Return what was written since the last call."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def zipped(
    files: Sequence[Zipped],
    is_original: Callable[[Path, str | None], bool],
) -> Iterator[bytes]:
    """Yield the pieces of a zip; missing files are left out.

    Args:
        files: the name in the zip, the path (stored uncompressed), its SHA-256 hash, and a
            function that returns the sidecar file that goes next to it.
        is_original: returns whether a file still has that hash. The zip contains a list of those
            that do not, instead of the files.
    """
    sent = _Sent()
    changed: list[str] = []
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_STORED) as archive:
        for name, path, sha256, facts in files:
            try:
                if not is_original(path, sha256):
                    changed.append(name)
                    continue
                source = path.open("rb")
            except OSError:
                continue
            info = zipfile.ZipInfo.from_file(path, name)
            with source, archive.open(info, "w", force_zip64=True) as entry:
                while piece := source.read(_PIECE):
                    entry.write(piece)
                    yield sent.taken()
            archive.writestr(sidecar(name).as_posix(), facts())
        if changed:
            archive.writestr(_CHANGED, "\n".join([_LEFT_OUT.en, _LEFT_OUT.zh, *changed, ""]))
    yield sent.taken()

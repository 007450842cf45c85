"""Bytes as text: UTF-8, or what editors, shells and servers write instead."""

from __future__ import annotations

import json
from pathlib import Path


def decode(data: bytes) -> str:
    """Decode UTF-16 and UTF-32 where marks or zeros show them, all else as UTF-8.

    What is not valid becomes U+FFFD; a byte order mark stays.
    """
    return data.decode(json.detect_encoding(data), "replace")


def read_config(path: Path) -> str:
    """Read a file that a person wrote: UTF-8, or UTF-16 or UTF-32 as PowerShell writes them.

    A byte order mark is left out.

    Raises:
        OSError: the file cannot be read. UnicodeDecodeError: it is in another encoding.
    """
    data = path.read_bytes()
    return data.decode(json.detect_encoding(data)).removeprefix("\ufeff")

"""Decoding text: UTF-8, or other encodings used by editors, shells and servers."""

from __future__ import annotations

import json
from pathlib import Path


def decode(data: bytes) -> str:
    """Decode UTF-16 and UTF-32 if detected by BOM or zero bytes, otherwise UTF-8.

    Invalid bytes become U+FFFD; a byte order mark is kept.
    """
    return data.decode(json.detect_encoding(data), "replace")


def read_config(path: Path) -> str:
    """Read a user's text file: UTF-8, or UTF-16 or UTF-32 as written by PowerShell.

    A byte order mark is removed.

    Raises:
        OSError: the file cannot be read. UnicodeDecodeError: it is in another encoding.
    """
    data = path.read_bytes()
    return data.decode(json.detect_encoding(data)).removeprefix("\ufeff")

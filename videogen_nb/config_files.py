"""Reading files that people write: editors and shells begin them with a byte order mark."""

from __future__ import annotations

import json
from pathlib import Path


def read_config(path: Path) -> str:
    """The text of a file in UTF-8, or in UTF-16 or UTF-32 as PowerShell writes it; no mark.

    Raises:
        OSError: it cannot be read. UnicodeDecodeError: it is none of these.
    """
    data = path.read_bytes()
    return data.decode(json.detect_encoding(data)).removeprefix("\ufeff")

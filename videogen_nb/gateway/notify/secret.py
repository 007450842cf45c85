"""The signing secret for webhooks, one per data folder."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path
from typing import Final

from ...security.private_files import private_file

FILE_NAME: Final = "webhook.secret"
_BYTES: Final = 32


def signing_secret(folder: Path) -> str:
    """Return the folder's secret (``whsec_…``), generated if necessary.

    Raises:
        OSError: it cannot be read or written.
    """
    path = folder / FILE_NAME
    private_file(path)
    known = path.read_text("ascii").strip()
    if known:
        return known
    made = f"whsec_{base64.b64encode(secrets.token_bytes(_BYTES)).decode()}"
    path.write_text(f"{made}\n", "ascii")
    return made

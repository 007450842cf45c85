"""Images of a job as an upstream takes them: bytes with their media type, or a data URL."""

from __future__ import annotations

import base64
from pathlib import Path


def media_type(data: bytes) -> str:
    """Kept images are PNG or JPEG (see :mod:`videogen_nb.media.images`)."""
    return "image/png" if data[:4] == b"\x89PNG" else "image/jpeg"


def file_name(data: bytes) -> str:
    """Return a name with the extension that fits."""
    return "image.png" if media_type(data) == "image/png" else "image.jpg"


def data_url(path: Path) -> str:
    """Return the image inside a URL (RFC 2397)."""
    data = path.read_bytes()
    return f"data:{media_type(data)};base64,{base64.b64encode(data).decode('ascii')}"

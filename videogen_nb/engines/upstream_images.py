"""Files of a job in the forms that providers accept: bytes with a media type, or a data URL."""

from __future__ import annotations

import base64
from pathlib import Path

from .base import InputImage


def media_type(data: bytes) -> str:
    """Return the media type: stored images are PNG or JPEG."""
    return "image/png" if data[:4] == b"\x89PNG" else "image/jpeg"


def file_name(data: bytes) -> str:
    """Return a name with the right extension."""
    return "image.png" if media_type(data) == "image/png" else "image.jpg"


def upload_of(file: InputImage) -> tuple[str, bytes, str]:
    """Return the name, bytes and media type of a kept file; the same name for the same file."""
    data, stem = file.path.read_bytes(), f"videogen-{file.sha256[:16]}"
    if file.role == "video":
        return f"{stem}.mp4", data, "video/mp4"
    return f"{stem}-{file_name(data)}", data, media_type(data)


def data_url(path: Path) -> str:
    """Return the image as a data URL (RFC 2397)."""
    data = path.read_bytes()
    return f"data:{media_type(data)};base64,{base64.b64encode(data).decode('ascii')}"

"""Recognizing the supported formats by their first bytes."""

from __future__ import annotations

import struct
from typing import Final

from . import heif, jpeg, png, webp
from .structure import Structure

FORMATS: Final = ("JPEG", "PNG", "WEBP", "HEIC")
SNIFFED: Final = 64  # bytes after which the format of almost every file is known


def sniff(data: bytes) -> str | None:
    """Return the format indicated by the first bytes, one of ``FORMATS``, or None."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(png.SIGNATURE):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return "HEIC" if heif.is_heic(data) else None


def read_structure(data: bytes) -> Structure | None:
    """Return the structure of an image file; None if it is truncated or invalid."""
    reader = _READERS.get(sniff(data) or "")
    try:
        return reader(data) if reader else None
    except (struct.error, IndexError):
        return None


_READERS: Final = {"JPEG": jpeg.read, "PNG": png.read, "WEBP": webp.read, "HEIC": heif.read}

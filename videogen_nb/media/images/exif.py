"""Reading the orientation from EXIF data (CIPA DC-008 §4.6)."""

from __future__ import annotations

import struct
from typing import Final

from .structure import Part

ORIENTATION: Final = 0x0112
_INTEGERS: Final = {1: "B", 3: "H", 4: "I"}  # types that encoders write it as


def orientation(exif: Part) -> int:
    """Return the orientation, 1 to 8; 1 if it is missing or invalid."""
    tiff = bytes(exif).removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    try:
        return _search(tiff, order) if order else 1
    except struct.error:
        return 1


def _search(tiff: bytes, order: str) -> int:
    (at,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, at)
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(f"{order}HH", tiff, entry)
        if tag == ORIENTATION and kind in _INTEGERS:
            (value,) = struct.unpack_from(f"{order}{_INTEGERS[kind]}", tiff, entry + 8)
            return int(value) if 1 <= value <= 8 else 1
    return 1

"""What an image's header says, read without any decoder.

A decoder may set aside memory for the size that a header claims before anything can be said
against it, so strangers' headers are read here first. Sources: ITU-T T.81 (JPEG) annex B, W3C PNG
(third edition) §11, the WebP container specification.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

#: Bytes for each pixel while an image is decoded and made RGB: four as decoded, three as bands.
PLAIN_COST: Final = 7.0
WEBP_COST: Final = 16.0  # its decoder holds the canvas twice and hands out a copy


@dataclass(frozen=True, slots=True)
class Header:
    """Width and height as stored, in pixels; whether it moves; whether it is kept without loss.

    ``cost`` is how many bytes of memory each pixel takes while it is decoded; ``scans`` is how
    often a JPEG goes over all of its pixels.
    """

    width: int
    height: int
    animated: bool = False
    lossless: bool = False
    cost: float = PLAIN_COST
    scans: int = 1


def sniff(data: bytes) -> str | None:
    """The format that the first 12 bytes announce: "JPEG", "PNG" or "WEBP"; else None."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(_PNG):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return None


def read_header(data: bytes) -> Header | None:
    """The header of a JPEG, PNG or WEBP; None where it is cut short or makes no sense."""
    reader = {"JPEG": _jpeg, "PNG": _png, "WEBP": _webp}.get(sniff(data) or "")
    try:
        return reader(data) if reader else None
    except (struct.error, IndexError):
        return None


_PNG: Final = b"\x89PNG\r\n\x1a\n"
_END, _SCAN = 0xD9, 0xDA
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})


def _jpeg(data: bytes) -> Header | None:
    frame = 0
    for marker, at in _segments(data):
        if marker in _FRAMES:
            frame = frame or at
        elif marker == _SCAN:
            return _framed(data, frame, at) if frame else None
    return None


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """A JPEG's markers up to its first scan, and where each one's length stands."""
    at = 2
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:  # fill bytes
            at += 1
        marker = data[at + 1]
        if data[at] != 0xFF or marker == _END:
            return
        at += 2
        yield marker, at
        at += 0 if marker == 0x01 or 0xD0 <= marker <= 0xD7 else _length(data, at)


def _framed(data: bytes, frame: int, scan: int) -> Header:
    height, width, components = struct.unpack_from("!HHB", data, frame + 3)
    sampling = [data[frame + 9 + 3 * place] for place in range(components)]
    sizes = [(factors >> 4) * (factors & 0x0F) for factors in sampling]
    cost = PLAIN_COST
    if data[scan + 2] < components or data[frame - 1] in _PROGRESSIVE:
        # Of all components the coefficients are held, two bytes each, until the last scan.
        cost = max(cost, 4 + 2 * sum(sizes) / max([1, *sizes]))
    # A marker cannot occur within a scan's data; a thumbnail's few do no harm.
    return Header(width, height, cost=cost, scans=data.count(b"\xff\xda"))


def _length(data: bytes, at: int) -> int:
    length: int = struct.unpack_from("!H", data, at)[0]
    if length < 2:
        raise IndexError  # a segment counts its own length's two bytes
    return length


def _png(data: bytes) -> Header | None:
    length, kind, width, height = struct.unpack_from("!I4sII", data, len(_PNG))
    if kind != b"IHDR" or length != 13:
        return None
    at = len(_PNG)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from("!I4s", data, at)
        if kind == b"IDAT":
            return Header(width, height, lossless=True)
        if kind == b"acTL":
            return Header(width, height, animated=True, lossless=True)
        at += 12 + length
    return None


def _webp(data: bytes) -> Header | None:
    kind, at = next(_chunks(data), (b"", 0))
    if kind == b"VP8 ":
        if data[at + 3 : at + 6] != b"\x9d\x01\x2a":
            return None
        width, height = struct.unpack_from("<HH", data, at + 6)
        return Header(width & 0x3FFF, height & 0x3FFF, cost=WEBP_COST)
    if kind == b"VP8L":
        signature, bits = struct.unpack_from("<BI", data, at)
        size = (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
        return Header(*size, lossless=True, cost=WEBP_COST) if signature == 0x2F else None
    if kind == b"VP8X":
        width = int.from_bytes(data[at + 4 : at + 7], "little") + 1
        height = int.from_bytes(data[at + 7 : at + 10], "little") + 1
        lossless = any(kind == b"VP8L" for kind, _ in _chunks(data))
        moves = bool(data[at] & 0x02)
        return Header(width, height, animated=moves, lossless=lossless, cost=WEBP_COST)
    return None


def _chunks(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Names and payloads' places of a WEBP's chunks."""
    at = 12
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        yield kind, at + 8
        at += 8 + length + length % 2

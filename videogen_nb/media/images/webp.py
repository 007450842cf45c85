"""The structure of a WebP (RFC 9649): chunks with pixel data."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .exif import orientation
from .structure import MAX_PARTS, MAX_PROFILE, Ending, Part, Structure

COST: Final = 16.0  # its decoder holds the canvas twice and hands out a copy
_ANIMATION, _ALPHA = 0x02, 0x10
_FRAME_HEADER: Final = 16  # bytes of an animation's frame before its own chunks
_PIXELS: Final = (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF")


def read(data: bytes) -> Structure | None:
    """Return the structure of a WebP; None if its first chunk is invalid."""
    chunks = list(_chunks(memoryview(data), 12))
    size = _size(chunks[0]) if chunks else None
    if size is None:
        return None
    kinds = [chunk.kind for chunk in chunks]
    moves = chunks[0].kind == b"VP8X" and chunks[0].body[0] & _ANIMATION
    pixels = [chunk for chunk in chunks if chunk.kind in _PIXELS]
    profile = _first(chunks, b"ICCP")
    return Structure(
        format="WEBP",
        width=size[0],
        height=size[1],
        pixels=_rebuilt(pixels),
        ending=Ending.MARKED if all(c.complete for c in pixels) else Ending.CUT,
        frames=max(1, kinds.count(b"ANMF")) if moves else 1,
        lossless=any(_is_lossless(chunk) for chunk in chunks),
        cost=COST,
        profile=bytes(profile) if profile and len(profile) <= MAX_PROFILE else None,
        orientation=orientation(_first(chunks, b"EXIF")),
    )


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    body: memoryview
    complete: bool


def _chunks(data: memoryview, at: int) -> Iterator[_Chunk]:
    for _ in range(MAX_PARTS):
        if at + 8 > len(data):
            return
        kind, length = struct.unpack_from("<4sI", data, at)
        body = data[at + 8 : at + 8 + length]
        yield _Chunk(kind, body, len(body) == length)
        at += 8 + length + length % 2


def _size(chunk: _Chunk) -> tuple[int, int] | None:
    """Return the canvas size of an extended file, or the image size of a simple one."""
    kind, body = chunk.kind, chunk.body
    if kind == b"VP8 " and len(body) >= 10 and bytes(body[3:6]) == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and len(body) >= 5 and body[0] == 0x2F:
        (bits,) = struct.unpack_from("<I", body, 1)
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    if kind == b"VP8X" and len(body) >= 10:
        width, height = (int.from_bytes(body[at : at + 3], "little") + 1 for at in (4, 7))
        return width, height
    return None


def _first(chunks: list[_Chunk], kind: bytes) -> Part:
    return next((chunk.body for chunk in chunks if chunk.kind == kind and chunk.complete), b"")


def _is_lossless(chunk: _Chunk) -> bool:
    inner = _chunks(chunk.body, _FRAME_HEADER) if chunk.kind == b"ANMF" else ()
    return chunk.kind == b"VP8L" or any(part.kind == b"VP8L" for part in inner)


def _rebuilt(chunks: list[_Chunk]) -> list[Part]:
    """Return the file with only these chunks and no metadata flags."""
    parts: list[Part] = []
    for chunk in chunks:
        body = bytes([chunk.body[0] & (_ANIMATION | _ALPHA)]) if chunk.kind == b"VP8X" else b""
        parts += [chunk.kind, struct.pack("<I", len(chunk.body)), body, chunk.body[len(body) :]]
        parts += [b"\0"] * (len(chunk.body) % 2)
    size = sum(len(part) for part in parts) + 4
    return [b"RIFF", struct.pack("<I", size), b"WEBP", *parts]

"""The structure of a PNG (W3C PNG, third edition): chunks with pixel data."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from .exif import orientation
from .structure import MAX_PARTS, MAX_PROFILE, Ending, Part, Structure

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_END: Final = b"\0\0\0\0IEND\xaeB`\x82"
#: Bytes of a transparency chunk, by colour type; of a palette's any number up to 256.
_TRANSPARENCY: Final = {0: range(2, 3), 2: range(6, 7), 3: range(1, 257)}


def read(data: bytes) -> Structure | None:
    """Return the structure of a PNG; None if it does not begin with a header."""
    view = memoryview(data)
    chunks = _chunks(view)
    header = next(chunks, None)
    if header is None or header.kind != b"IHDR" or len(header.body) != 13:
        return None
    width, height, _, colour = struct.unpack_from("!IIBB", header.body)
    pixels: list[Part] = [SIGNATURE, header.raw]
    further: dict[bytes, memoryview] = {}
    frames, has_pixels, ended = 0, False, False
    for chunk in chunks:
        if chunk.kind in (b"PLTE", b"IDAT"):
            pixels.append(chunk.raw if chunk.complete else _rebuilt(chunk.kind, chunk.body))
            has_pixels = has_pixels or chunk.kind == b"IDAT"
        elif chunk.kind == b"fcTL":
            frames += 1
        elif chunk.kind == b"IEND":
            ended = True
            break
        elif chunk.kind in _FURTHER and chunk.kind not in further and chunk.good:
            further[chunk.kind] = chunk.body
            if chunk.kind == b"tRNS" and len(chunk.body) in _TRANSPARENCY.get(colour, ()):
                pixels.append(chunk.raw)
    if not has_pixels:
        return None
    return Structure(
        format="PNG",
        width=width,
        height=height,
        pixels=[*pixels, _END],
        ending=Ending.MARKED if ended else Ending.UNMARKED,
        frames=min(_claimed_frames(further.get(b"acTL")), max(frames, 1)),
        lossless=True,
        profile=_profile(further.get(b"iCCP")),
        orientation=orientation(further.get(b"eXIf", b"")),
    )


_FURTHER: Final = (b"tRNS", b"acTL", b"iCCP", b"eXIf")


class _Chunk:
    """One chunk. ``complete`` is false if the file ends within it."""

    __slots__ = ("body", "complete", "kind", "raw")

    def __init__(self, data: memoryview, at: int, length: int, kind: bytes) -> None:
        self.kind = kind
        self.raw = data[at : at + 12 + length]
        self.body = data[at + 8 : at + 8 + length]
        self.complete = len(self.raw) == 12 + length

    @property
    def good(self) -> bool:
        """Whether its checksum is right."""
        return self.complete and self.raw[-4:] == _checksum(self.kind, self.body)


def _chunks(data: memoryview) -> Iterator[_Chunk]:
    """Yield the chunks up to the end of the file or of valid data."""
    at = len(SIGNATURE)
    for _ in range(MAX_PARTS):
        if at + 8 > len(data):
            return
        length, kind = struct.unpack_from("!I4s", data, at)
        if not kind.isalpha():
            return
        yield _Chunk(data, at, length, kind)
        at += 12 + length


def _rebuilt(kind: bytes, body: memoryview) -> bytes:
    return struct.pack("!I", len(body)) + kind + body + _checksum(kind, body)


def _checksum(kind: bytes, body: memoryview) -> bytes:
    return struct.pack("!I", zlib.crc32(body, zlib.crc32(kind)))


def _claimed_frames(control: memoryview | None) -> int:
    """Return the number of frames in an animation's control chunk; 1 for a still image."""
    return max(1, struct.unpack_from("!I", control)[0]) if control and len(control) == 8 else 1


def _profile(chunk: memoryview | None) -> bytes | None:
    name, separator, rest = bytes(chunk or b"").partition(b"\0")
    if not (name and separator and rest[:1] == b"\0"):  # 0 = zlib, the only method there is
        return None
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(rest[1:], MAX_PROFILE)
    except zlib.error:
        return None
    return profile if unpacker.eof else None

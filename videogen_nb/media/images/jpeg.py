"""The structure of a JPEG (ITU-T T.81, annex B): its segments up to the end marker.

What follows the end marker, such as a motion photo's video or a second view, is not part of it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Final

from .exif import orientation
from .structure import MAX_PROFILE, PLAIN_COST, Ending, Part, Structure

END: Final = b"\xff\xd9"
MAX_SEGMENTS: Final = 20_000  # an image with the largest metadata has some thousand
_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_APP0, _APP1, _APP2, _APP14 = 0xE0, 0xE1, 0xE2, 0xEE
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
#: Markers with a length, and the end. Stuffed bytes and restarts belong to a scan's data.
_MARKER: Final = re.compile(rb"\xff[\x02-\xcf\xd9-\xfe]")
_JFIF: Final = b"\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\1\0\1\0\0"
_ICC: Final = b"ICC_PROFILE\0"
_ALL: Final = b"\xff" * 64  # of a component's 64 coefficients nothing has come


def read(data: bytes) -> Structure | None:
    """Return the structure of a JPEG; None if it has no frame or scan."""
    walk = _Walk(memoryview(data))
    for marker, start, end in _segments(data):
        walk.take(marker, start, end)
    return walk.structure()


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield each segment's marker, start and end; the end marker is the last."""
    at = 2
    for _ in range(MAX_SEGMENTS):
        found = _MARKER.search(data, at)
        if found is None or len(data) < found.end() + (found[0] != END) * 2:
            return
        start = found.start()
        if found[0] == END:
            yield _EOI, start, start + 2
            return
        (length,) = struct.unpack_from("!H", data, start + 2)
        at = start + 2 + max(length, 2)  # a segment counts its own length's two bytes
        if at > len(data):
            return
        yield data[start + 1], start, at


class _Walk:
    """The information from the segments so far."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._pixels: list[Part] = [data[:2]]
        self._frame: memoryview | None = None
        self._frame_marker = 0
        self._scan_data: int | None = None  # where the last scan's data begin
        self._first_scan = 0  # components in it
        self._scans = 0
        self._missing: dict[int, bytearray] = {}  # by component: bits missing of each coefficient
        self._ended = False
        self._orientation: int | None = None
        self._profile: dict[int, Part] = {}
        self._profile_parts = 0

    def take(self, marker: int, start: int, end: int) -> None:
        self._end_scan(start)
        segment, body = self._data[start:end], self._data[start + 4 : end]
        if marker in range(_APP0, _APP0 + 16) or marker == _COM:
            self._take_metadata(marker, body)
            return
        self._pixels.append(segment)
        if marker == _EOI:
            self._ended = True
        elif marker == _SOS:
            self._take_scan(body, end)
        elif marker in _FRAMES and self._frame is None:
            self._frame, self._frame_marker = body, marker

    def structure(self) -> Structure | None:
        if self._frame is None or not self._scans or len(self._frame) < 6:
            return None
        height, width, components = struct.unpack_from("!HHB", self._frame, 1)
        if len(self._frame) < 6 + 3 * components:
            return None
        self._end_scan(len(self._data))
        return Structure(
            format="JPEG",
            width=width,
            height=height,
            pixels=self._pixels if self._ended else [*self._pixels, END],
            ending=self._ending(components),
            cost=self._cost(components),
            scans=self._scans,
            profile=self._joined_profile(),
            orientation=self._orientation or 1,
        )

    def _ending(self, components: int) -> Ending:
        if self._ended:
            return Ending.MARKED
        assert self._frame is not None
        names = [self._frame[6 + 3 * place] for place in range(components)]
        missing = [self._missing.get(name, _ALL) for name in names]
        return Ending.CUT if any(any(bits) for bits in missing) else Ending.UNMARKED

    def _end_scan(self, at: int) -> None:
        if self._scan_data is not None:
            self._pixels.append(self._data[self._scan_data : at])
            self._scan_data = None

    def _take_scan(self, body: memoryview, end: int) -> None:
        self._scan_data = end
        self._scans += 1
        count = body[0] if body else 0
        if self._scans == 1:
            self._first_scan = count
        first, last, low = 0, 63, 0
        if self._frame_marker in _PROGRESSIVE and len(body) >= 2 * count + 4:
            first, last, low = (
                body[2 * count + 1],
                min(body[2 * count + 2], 63),
                body[2 * count + 3],
            )
        for name in body[1 : 2 * count + 1 : 2]:
            bits = self._missing.setdefault(name, bytearray(_ALL))
            bits[first : last + 1] = bytes([low & 0x0F]) * (last + 1 - first)

    def _take_metadata(self, marker: int, body: memoryview) -> None:
        name = bytes(body[:12])
        if marker == _APP0 and name.startswith(b"JFIF\0"):
            self._pixels.append(_JFIF)
        elif marker == _APP14 and name.startswith(b"Adobe") and len(body) >= 12:
            self._pixels += [b"\xff\xee\x00\x0e", body[:12]]  # tells how CMYK is stored
        elif marker == _APP1 and name.startswith(b"Exif\0") and self._orientation is None:
            self._orientation = orientation(body)
        elif marker == _APP2 and name == _ICC and len(body) > 14:
            self._profile[body[12]] = body[14:]
            self._profile_parts = body[13]

    def _joined_profile(self) -> bytes | None:
        wanted = range(1, self._profile_parts + 1)
        if not wanted or set(wanted) != set(self._profile):
            return None
        profile = b"".join(self._profile[number] for number in wanted)
        return profile if len(profile) <= MAX_PROFILE else None

    def _cost(self, components: int) -> float:
        assert self._frame is not None
        factors = [self._frame[7 + 3 * place] for place in range(components)]
        sizes = [(factor >> 4) * (factor & 0x0F) for factor in factors]
        if self._first_scan < components or self._frame_marker in _PROGRESSIVE:
            # Of all components the coefficients are held, two bytes each, until the last scan.
            return max(PLAIN_COST, 4 + 2 * sum(sizes) / max([1, *sizes]))
        return PLAIN_COST

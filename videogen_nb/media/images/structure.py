"""The structure of an image file, read without a decoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

#: Bytes for each pixel while an image is decoded and made RGB: four as decoded, three as bands.
PLAIN_COST: Final = 7.0
MAX_PARTS: Final = 200_000  # segments, chunks or boxes; walking more would cost the gateway time
MAX_PROFILE: Final = 4 << 20  # bytes of an ICC profile; a larger one is dropped

Part = bytes | memoryview


class Ending(Enum):
    """How a file ends."""

    MARKED = "as its format says"
    UNMARKED = "without its end marker; whether its pixels are all there shows in decoding"
    CUT = "before its pixels do"


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """The parts of an image file that contain pixels, and related properties.

    ``width`` and ``height`` are as stored, in pixels. ``cost`` is the memory per pixel while
    decoding, in bytes; ``scans`` is the number of scans of a JPEG.
    ``pixels`` is the same file without metadata, with its end marker. ``profile`` is the ICC
    profile and ``orientation`` the EXIF orientation, 1 to 8, as far as they can be read.
    """

    format: str
    width: int
    height: int
    pixels: Sequence[Part]
    ending: Ending = Ending.MARKED
    frames: int = 1
    lossless: bool = False
    cost: float = PLAIN_COST
    scans: int = 1
    profile: bytes | None = None
    orientation: int = 1

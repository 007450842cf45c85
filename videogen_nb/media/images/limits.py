"""How large an image may be. Sentences and panels that name these limits say 10 MiB in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .structure import PLAIN_COST

MAX_BYTES: Final = 10 * 1024 * 1024
MIN_SIDE: Final = 16
MAX_SIDE: Final = 8192
MAX_PIXELS: Final = 36_000_000
MAX_WORK: Final = round(PLAIN_COST * MAX_PIXELS)  # bytes of memory that a decode may take
MAX_SCANS: Final = 40  # progressive images have some ten; each goes over all pixels


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an image may be: bytes, pixels a side and in all, bytes of memory to decode it."""

    size: int = MAX_BYTES
    side: int = MAX_SIDE
    pixels: int = MAX_PIXELS
    work: int = MAX_WORK


LIMITS: Final = Limits()

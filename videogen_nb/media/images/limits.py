"""Limits for images, as numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...i18n import Text
from .structure import PLAIN_COST

MAX_BYTES: Final = 10 * 1024 * 1024
MIN_SIDE: Final = 16
MAX_SIDE: Final = 8192
MAX_PIXELS: Final = 36_000_000
MAX_WORK: Final = round(PLAIN_COST * MAX_PIXELS)  # bytes of memory that a decode may take
MAX_SCANS: Final = 40  # progressive images have some ten; each goes over all pixels


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits for images: bytes, pixels per side and in total, bytes of memory for decoding."""

    size: int = MAX_BYTES
    side: int = MAX_SIDE
    pixels: int = MAX_PIXELS
    work: int = MAX_WORK


LIMITS: Final = Limits()
MAX_MIB: Final = MAX_BYTES // 2**20
#: What is taken, as the end of a sentence about an image that is not.
ALLOWED: Final = Text(
    "Allowed: JPG, PNG, WEBP or HEIC, up to {mib} MiB, {low} to {high} pixels per side, {pixels}.",
    "支持 JPG、PNG、WEBP、HEIC，不超过 {mib} MiB，边长 {low}–{high} 像素，最多 {pixels}。",
    {
        "mib": MAX_MIB,
        "low": MIN_SIDE,
        "high": MAX_SIDE,
        "pixels": Text(f"{MAX_PIXELS // 10**6} megapixels", f"{MAX_PIXELS // 10**4} 万像素"),
    },
)

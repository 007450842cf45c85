"""Images from users: which are accepted, and how they are made safe to store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .check import ImageFacts, quick_check
from .formats import FORMATS, SNIFFED, sniff
from .limits import MAX_BYTES, MAX_MIB, MAX_PIXELS, MAX_SIDE, MIN_SIDE

if TYPE_CHECKING:
    from .decode import NormalisedImage, normalise

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "MAX_MIB",
    "MAX_PIXELS",
    "MAX_SIDE",
    "MIN_SIDE",
    "SNIFFED",
    "ImageFacts",
    "NormalisedImage",
    "normalise",
    "quick_check",
    "sniff",
]


def __getattr__(name: str) -> Any:
    """Import the decoding part on first use: checking the structure needs no decoder."""
    if name in ("NormalisedImage", "normalise"):
        from . import decode

        return getattr(decode, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

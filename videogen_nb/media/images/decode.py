"""Decoding and re-encoding images: upright, RGB, without metadata.

Use it in a process that can be killed: decoding can take seconds to hours. ``Image.verify()`` is
not sufficient: it accepts a truncated JPEG.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageCms

from .check import UNNAMED, check_size, damaged, inspect
from .colour import STRIP, as_seen
from .jpeg import END
from .limits import LIMITS, Limits
from .structure import Ending, Structure

JPEG_QUALITY: Final = 95

Image.MAX_IMAGE_PIXELS = None  # the limits of quick_check stand before any decode

#: What Pillow's decoders are known to raise on damaged data.
DAMAGES: Final = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    AttributeError,
    struct.error,
    zlib.error,
    ImageCms.PyCMSError,
)


@dataclass(frozen=True, slots=True)
class NormalisedImage:
    """An image ready to store: upright RGB, no metadata. ``sha256`` is the hash of ``data``."""

    data: bytes
    format: str
    width: int
    height: int
    sha256: str
    exif_free: bool = True


def normalise(data: bytes) -> NormalisedImage:
    """Decode an image completely and convert it to upright sRGB without metadata.

    PNG and lossless WEBP stay lossless (PNG); others become JPEG at quality 95 with full colour
    resolution. Transparency becomes white. Animations were refused earlier; the first view of a
    phone's image with two views is used.

    Raises:
        BadImage: see :func:`quick_check`; or the data are truncated or damaged.
    """
    structure = inspect(data)
    image = decode(structure)
    kind = "PNG" if structure.lossless else "JPEG"
    encoded = encode(image, kind)
    digest = hashlib.sha256(encoded).hexdigest()
    return NormalisedImage(encoded, kind, image.width, image.height, digest)


def decode(structure: Structure, limits: Limits = LIMITS, enough: int | None = None) -> Image.Image:
    """Decode all pixels of an inspected image, as displayed.

    A JPEG whose longer side is at least twice ``enough`` pixels is decoded at a reduced size.

    Raises:
        BadImage: it is truncated, damaged, or exceeds ``limits``.
    """
    try:
        if structure.format == "JPEG" and structure.ending is Ending.UNMARKED:
            _check_unmarked(structure, limits)
        return as_seen(  # which alone holds what was opened, so that it can let go of it
            _opened(b"".join(structure.pixels), structure.format, limits, enough),
            structure.orientation,
            structure.profile,
        )
    except DAMAGES as error:
        raise damaged(UNNAMED) from error


def encode(image: Image.Image, kind: str) -> bytes:
    """Encode an RGB image as "PNG" or "JPEG"."""
    buffer = io.BytesIO()
    if kind == "PNG":
        image.save(buffer, "PNG", compress_level=3)
    else:
        image.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return buffer.getvalue()


def _opened(data: bytes, kind: str, limits: Limits, enough: int | None = None) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd data a decoder makes what it can
        image = _opened_heic(data) if kind == "HEIC" else Image.open(io.BytesIO(data), "r", [kind])
        check_size(image.width, image.height, UNNAMED, limits)  # the decoder's own reading counts
        if enough is not None and kind == "JPEG":
            spare = max(image.size) / enough
            image.draft(None, (round(image.width / spare), round(image.height / spare)))
        image.load()
    return image


def _opened_heic(data: bytes) -> Image.Image:
    import pillow_heif  # a codec that most images do not need

    pillow_heif.options.DECODE_THREADS = 1  # each would reserve memory of its own
    pillow_heif.options.THUMBNAILS = False
    opened: Image.Image = pillow_heif.HeifImageFile(io.BytesIO(data))  # type: ignore[no-untyped-call]
    return opened


def _check_unmarked(structure: Structure, limits: Limits) -> None:
    """Raise OSError if a JPEG without an end marker is incomplete.

    A decoder invents missing pixels, and the result depends on the bytes that follow.
    """
    *parts, _ = structure.pixels
    scans = b"".join(parts).rstrip(b"\xff")  # half of a marker, or of a stuffed byte
    digests = set()
    for filler in (b"", b"\x55" * 4096):
        digests.add(_digest(_opened(scans + filler + END, structure.format, limits)))
    if len(digests) > 1:
        raise OSError("cut short")


def _digest(image: Image.Image) -> bytes:
    digest = hashlib.sha256()
    for top in range(0, image.height, STRIP):
        strip = image.crop((0, top, image.width, min(top + STRIP, image.height)))
        digest.update(strip.tobytes())
    return digest.digest()

"""Decoding an image wholly and putting it anew: upright, RGB, nothing beside its pixels.

For a process that can be ended: a decode can take seconds to hours. ``Image.verify()`` would not
do: it accepts half a JPEG.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from typing import Final

from PIL import ExifTags, Image, ImageCms

from ...errors import BadImage
from .check import UNNAMED, check_size, quick_check, sentence
from .headers import read_header

JPEG_QUALITY: Final = 95
STRIP: Final = 64  # rows at a time where a whole copy would cost too much memory

_FURTHER: Final = frozenset({"icc_profile", "transparency"})  # more to an image than its pixels

Image.MAX_IMAGE_PIXELS = None  # the limits of quick_check stand before any decode

#: What Pillow's decoders are known to raise on damaged data.
_DAMAGES: Final = (
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


#: What undoes each EXIF orientation (CIPA DC-008, tag 0x0112).
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class NormalisedImage:
    """An image ready to keep: upright RGB, no metadata. ``sha256`` is of ``data``."""

    data: bytes
    format: str
    width: int
    height: int
    sha256: str
    exif_free: bool = True


def normalise(data: bytes) -> NormalisedImage:
    """Decode all of an image and make it upright sRGB without metadata.

    PNG and lossless WEBP stay lossless (PNG); the others become JPEG at quality 95 with full
    colour resolution. Transparency is laid on white. What is animated was refused before; of a
    phone's image that holds two views the first is taken.

    Raises:
        BadImage: as :func:`quick_check`; or the data are cut short or damaged.
    """
    facts = quick_check(data)
    header = read_header(data)
    try:
        image = _decoded(data, facts.format)
    except _DAMAGES as error:
        raise BadImage(_DAMAGED, code="image_damaged") from error
    encoded, kind = _encoded(image, lossless=header is not None and header.lossless)
    digest = hashlib.sha256(encoded).hexdigest()
    return NormalisedImage(encoded, kind, image.width, image.height, digest)


def _decoded(data: bytes, kind: str) -> Image.Image:
    decoders = ["JPEG", "MPO"] if kind == "JPEG" else [kind]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd metadata is no reason to refuse: it is dropped
        image: Image.Image = Image.open(io.BytesIO(data), formats=decoders)
        check_size(image.width, image.height, UNNAMED)  # the decoder's own reading counts
        image.load()
        turn = _turn(image)
    if turn is None and image.mode == "RGB" and not image.info.keys() & _FURTHER:
        image.info = {}  # else an encoder would take a comment along
        return image
    bands = _bands(image)
    del image  # beside it a large one's RGB copy would find no room
    if turn is not None:
        bands = [band.transpose(turn) for band in bands]
    return Image.merge("RGB", bands)


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        return _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except _DAMAGES:
        return None  # the image itself has been decoded; its metadata is dropped anyway


def _bands(image: Image.Image) -> list[Image.Image]:
    """Red, green and blue of an image in sRGB on white, made a few rows at a time."""
    bands = [Image.new("L", image.size) for _ in "RGB"]
    to_srgb: ImageCms.ImageCmsTransform | None = None
    for top in range(0, image.height, STRIP):
        strip = _opaque(image.crop((0, top, image.width, min(top + STRIP, image.height))))
        if top == 0:
            to_srgb = _to_srgb(strip.mode, image.info.get("icc_profile"))
        strip = (to_srgb.apply(strip) if to_srgb else strip).convert("RGB")
        for band, part in zip(bands, strip.split(), strict=True):
            band.paste(part, (0, top))
    return bands


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB") if image.mode in ("1", "P", "PA") else image
    layer = image.convert("RGBA")
    if layer.getchannel("A").getextrema() == (255, 255):
        return layer.convert("RGB")
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")


def _to_srgb(mode: str, profile: bytes | None) -> ImageCms.ImageCmsTransform | None:
    """From the colours that a profile means; one that is no good is dropped."""
    if not profile:
        return None
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _encoded(image: Image.Image, *, lossless: bool) -> tuple[bytes, str]:
    buffer = io.BytesIO()
    if lossless:
        image.save(buffer, "PNG", compress_level=3)
        return buffer.getvalue(), "PNG"
    image.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return buffer.getvalue(), "JPEG"


_DAMAGED = sentence(
    "The image is cut short or damaged: not all of it can be decoded. Save or download it again.",
    "图片不完整或已损坏，无法完整解码，请重新保存或下载。",
)

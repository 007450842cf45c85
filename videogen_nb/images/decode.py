"""Decoding a picture wholly and putting it anew: upright, RGB, nothing beside its pixels.

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
from typing import Any, Final

from PIL import ExifTags, Image, ImageCms

from ..errors import BadImage
from .check import UNNAMED, check_size, quick_check, sentence
from .headers import read_header

JPEG_QUALITY: Final = 95
STRIP: Final = 512  # rows at a time where a whole copy would cost too much memory

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
    """A picture ready to keep: upright RGB, no metadata. ``sha256`` is of ``data``."""

    data: bytes
    format: str
    width: int
    height: int
    sha256: str
    exif_free: bool = True


def normalise(data: bytes) -> NormalisedImage:
    """Decode all of a picture and make it upright sRGB without metadata.

    PNG and lossless WEBP stay lossless (PNG); the others become JPEG at quality 95 with full
    colour resolution. Transparency is laid on white. What is animated was refused before; of a
    phone's picture that holds two views the first is taken.

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
        image = _upright(image)
    profile = image.info.get("icc_profile")
    image = _opaque(image)
    if profile:
        image = _in_srgb(image, profile)
    image = image.convert("RGB")
    image.info = {}  # else an encoder would take a comment or a profile along
    return image


def _upright(image: Image.Image) -> Image.Image:
    try:
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except _DAMAGES:
        return image  # the picture itself has been decoded; its metadata is dropped anyway
    return image if turn is None else image.transpose(turn)


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB") if image.mode in ("1", "P", "PA") else image
    layer = image.convert("RGBA")
    for top in range(0, layer.height, STRIP):
        box = (0, top, layer.width, min(top + STRIP, layer.height))
        strip = layer.crop(box)
        white = Image.new("RGBA", strip.size, "white")
        layer.paste(Image.alpha_composite(white, strip), box)
    return layer.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Colours as the picture's own profile means them; a profile that is no good is dropped."""
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        made: Any = ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return made if isinstance(made, Image.Image) else image


def _encoded(image: Image.Image, *, lossless: bool) -> tuple[bytes, str]:
    buffer = io.BytesIO()
    if lossless:
        image.save(buffer, "PNG", compress_level=3)
        return buffer.getvalue(), "PNG"
    image.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return buffer.getvalue(), "JPEG"


_DAMAGED = sentence(
    "The picture is cut short or damaged: not all of it can be decoded. Save or download it again.",
    "图片不完整或已损坏，无法完整解码，请重新保存或下载。",
)

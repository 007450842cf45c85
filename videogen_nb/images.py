"""Pictures people give: which are taken, and how they are made safe to keep.

Every rule has its own sentence. The order is that of cost: bytes, magic bytes, one named decoder,
pixel limits from the header, then a full decode. ``Image.verify()`` is not enough: it accepts half
a JPEG.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import BadImage
from .i18n import Text

MAX_BYTES: Final = 10 * 1024 * 1024
MIN_SIDE: Final = 16
MAX_SIDE: Final = 8192
MAX_PIXELS: Final = 36_000_000
JPEG_QUALITY: Final = 95

Image.MAX_IMAGE_PIXELS = None  # the limits here stand before the decode and are tighter


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What the header says. ``format`` is "JPEG", "PNG" or "WEBP"; sizes are as stored."""

    format: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class NormalisedImage:
    """A picture ready to keep: upright RGB, no metadata. ``sha256`` is of ``data``."""

    data: bytes
    format: str
    width: int
    height: int
    sha256: str
    exif_free: bool = True


def quick_check(data: bytes, name: str | None = None) -> ImageFacts:
    """Whether a picture looks like one that is taken, from its first bytes and header.

    Cheap: nothing is decoded. ``name`` is for the message only.

    Raises:
        BadImage: the text says which rule it broke and what is allowed.
    """
    subject = _NAMED(name=name) if name else _UNNAMED
    if not data:
        raise BadImage(_EMPTY(picture=subject), code="image_empty")
    if len(data) > MAX_BYTES:
        size = f"{len(data) / 2**20:.1f}"
        raise BadImage(_LARGE(picture=subject, size=size), code="image_too_large")
    kind = sniff(data)
    if kind is None:
        raise BadImage(_FORMAT(picture=subject, found=_guess(data)), code="image_format")
    with _opened(data, kind, subject) as image:
        _check_size(image, subject)
        _check_still(image, subject)
        return ImageFacts(kind, image.width, image.height)


def normalise(data: bytes) -> NormalisedImage:
    """Decode all of a picture and make it upright RGB without metadata.

    PNG and lossless WEBP stay lossless (PNG); the others become JPEG at quality 95 with full
    colour resolution. Transparency is laid on white. A decode can take long: run this in a process
    that can be ended.

    Raises:
        BadImage: as :func:`quick_check`; or the data are cut short or damaged.
    """
    facts = quick_check(data)
    with _opened(data, facts.format, _UNNAMED) as image:
        try:
            image.load()
            upright = _rgb(ImageOps.exif_transpose(image))
        except (OSError, ValueError, SyntaxError, EOFError, IndexError) as error:
            raise BadImage(_DAMAGED, code="image_damaged") from error
        lossless = facts.format == "PNG" or (facts.format == "WEBP" and _is_lossless(data))
    encoded, kind = _encode(upright, lossless)
    digest = hashlib.sha256(encoded).hexdigest()
    return NormalisedImage(encoded, kind, upright.width, upright.height, digest)


def sniff(data: bytes) -> str | None:
    """The format that the first 12 bytes announce; None for all that are not taken."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return None


def _guess(data: bytes) -> Text:
    """A word for what it is instead, for the message."""
    head = data[:16].lstrip()
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        return Text.same(
            "HEIC" if brand[:3] in (b"hei", b"hev", b"mif") else brand.decode("latin-1")
        )
    for magic, word in _OTHERS:
        if head.startswith(magic):
            return word
    return _UNKNOWN


def _opened(data: bytes, kind: str, subject: Text) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd EXIF is no reason to refuse: it is dropped
            return Image.open(
                io.BytesIO(data), formats=["JPEG", "MPO"] if kind == "JPEG" else [kind]
            )
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadImage(_UNREADABLE(picture=subject, kind=kind), code="image_damaged") from error


def _check_size(image: Image.Image, subject: Text) -> None:
    width, height = image.size
    values = {"picture": subject, "width": width, "height": height}
    if min(width, height) < MIN_SIDE:
        raise BadImage(_SMALL(**values), code="image_too_small")
    if max(width, height) > MAX_SIDE:
        raise BadImage(_LONG(**values), code="image_too_many_pixels")
    if width * height > MAX_PIXELS:
        megapixels = f"{width * height / 1e6:.0f}"
        raise BadImage(_MANY(**values, megapixels=megapixels), code="image_too_many_pixels")


def _check_still(image: Image.Image, subject: Text) -> None:
    # A phone's MPO holds a second view beside the photo; that is no animation.
    if image.format in ("PNG", "WEBP") and getattr(image, "is_animated", False):
        raise BadImage(_ANIMATED(picture=subject), code="image_animated")


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "I;16", "I;16B", "I;16L"):
        image = image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, layer).convert("RGB")
    return image.convert("RGB")


def _is_lossless(webp: bytes) -> bool:
    return b"VP8L" in webp[:64]


def _encode(image: Image.Image, lossless: bool) -> tuple[bytes, str]:
    bare = Image.new("RGB", image.size)
    bare.paste(image)  # pixels only: no info dictionary, so no EXIF, profile or text goes along
    buffer = io.BytesIO()
    if lossless:
        bare.save(buffer, "PNG", compress_level=3)
        return buffer.getvalue(), "PNG"
    bare.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return buffer.getvalue(), "JPEG"


_ALLOWED = Text(
    "Allowed: JPG, PNG or WEBP, up to 10 MiB, 16 to 8192 pixels a side, 36 megapixels.",
    "支持 JPG、PNG、WEBP，不超过 10 MiB，边长 16–8192 像素，最多 3600 万像素。",
)


def _sentence(en: str, zh: str) -> Text:
    return Text(f"{en} {{allowed}}", f"{zh}{{allowed}}", {"allowed": _ALLOWED})


_NAMED = Text("The picture {name!r}", "图片 {name!r} ")
_UNNAMED = Text("The picture", "图片")
_UNKNOWN = Text("something else", "其他内容")
_OTHERS: Final = (
    (b"GIF8", Text.same("GIF")),
    (b"BM", Text.same("BMP")),
    (b"II*\x00", Text.same("TIFF")),
    (b"MM\x00*", Text.same("TIFF")),
    (b"%PDF", Text.same("PDF")),
    (b"<svg", Text.same("SVG")),
    (b"<!", Text("a web page", "网页")),
    (b"<htm", Text("a web page", "网页")),
    (b"<HTM", Text("a web page", "网页")),
    (b"<?xml", Text.same("XML")),
    (b"PK\x03\x04", Text("a ZIP archive", "ZIP 压缩包")),
    (b"{", Text.same("JSON")),
)
_EMPTY = _sentence("{picture} is empty (0 bytes).", "{picture}为空（0 字节）。")
_LARGE = _sentence(
    "{picture} has {size} MiB, which is too much.", "{picture}大小为 {size} MiB，过大。"
)
_FORMAT = _sentence(
    "{picture} is not a JPG, PNG or WEBP: it looks like {found}.",
    "{picture}不是 JPG、PNG 或 WEBP，看起来是：{found}。",
)
_UNREADABLE = _sentence(
    "{picture} begins like {kind} but cannot be read.", "{picture}开头像是 {kind}，但无法读取。"
)
_SMALL = _sentence(
    "{picture} has {width}×{height} pixels, which is too small.",
    "{picture}尺寸为 {width}×{height} 像素，过小。",
)
_LONG = _sentence(
    "{picture} has {width}×{height} pixels; a side is too long.",
    "{picture}尺寸为 {width}×{height} 像素，边长过大。",
)
_MANY = _sentence(
    "{picture} has {width}×{height} = {megapixels} megapixels, which is too many.",
    "{picture}尺寸为 {width}×{height}，共 {megapixels} 百万像素，过多。",
)
_ANIMATED = _sentence(
    "{picture} is animated. Save the frame you want as a still picture and use that.",
    "{picture}是动图，请将需要的一帧另存为静态图片后使用。",
)
_DAMAGED = _sentence(
    "The picture is cut short or damaged: not all of it can be decoded. Save or download it again.",
    "图片不完整或已损坏，无法完整解码，请重新保存或下载。",
)

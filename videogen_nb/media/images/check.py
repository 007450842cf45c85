"""Whether an image looks like one that is taken: its bytes, its magic bytes, its header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...errors import BadImage
from ...i18n import Text
from .headers import PLAIN_COST, Header, read_header, sniff

MAX_BYTES: Final = 10 * 1024 * 1024
MIN_SIDE: Final = 16
MAX_SIDE: Final = 8192
MAX_PIXELS: Final = 36_000_000
MAX_WORK: Final = round(PLAIN_COST * MAX_PIXELS)  # bytes of memory that a decode may take
MAX_SCANS: Final = 40  # progressive images have some ten; each goes over all pixels


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What the header says. ``format`` is "JPEG", "PNG" or "WEBP"; sizes are as stored."""

    format: str
    width: int
    height: int


def quick_check(data: bytes, name: str | None = None) -> ImageFacts:
    """Whether an image looks like one that is taken, from its bytes and its header.

    Cheap: nothing is decoded. ``name`` is for the message only.

    Raises:
        BadImage: the text says which rule it broke and what is allowed.
    """
    subject = NAMED(name=name) if name else UNNAMED
    if not data:
        raise BadImage(_EMPTY(image=subject), code="image_empty")
    if len(data) > MAX_BYTES:
        size = f"{len(data) / 2**20:.1f}"
        raise BadImage(_LARGE(image=subject, size=size), code="image_too_large")
    kind = sniff(data)
    if kind is None:
        raise BadImage(_FORMAT(image=subject, found=_guess(data)), code="image_format")
    header = read_header(data)
    if header is None:
        raise BadImage(_UNREADABLE(image=subject, kind=kind), code="image_damaged")
    check_size(header.width, header.height, subject)
    if header.animated:
        raise BadImage(_ANIMATED(image=subject), code="image_animated")
    _check_work(header, kind, subject)
    return ImageFacts(kind, header.width, header.height)


def check_size(width: int, height: int, subject: Text) -> None:
    """Raises BadImage: a side is too short or too long, or there are too many pixels."""
    values = {"image": subject, "width": width, "height": height}
    if min(width, height) < MIN_SIDE:
        raise BadImage(_SMALL(**values), code="image_too_small")
    if max(width, height) > MAX_SIDE:
        raise BadImage(_LONG(**values), code="image_too_many_pixels")
    if width * height > MAX_PIXELS:
        megapixels = f"{width * height / 1e6:.0f}"
        raise BadImage(_MANY(**values, megapixels=megapixels), code="image_too_many_pixels")


def _check_work(header: Header, kind: str, subject: Text) -> None:
    """Raises BadImage: it would take too long or too much memory to decode."""
    if header.scans > MAX_SCANS:
        raise BadImage(_SCANS(image=subject, scans=header.scans), code="image_too_hard")
    if header.width * header.height * header.cost > MAX_WORK:
        megapixels = f"{header.width * header.height / 1e6:.0f}"
        limit = int(MAX_WORK / header.cost / 1e6)
        text = _WORK(image=subject, kind=kind, megapixels=megapixels, limit=limit)
        raise BadImage(text, code="image_too_many_pixels")


def _guess(data: bytes) -> Text:
    """A word for what it is instead, for the message."""
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:11], _VIDEO)
    head = data[:64].lstrip(b" \t\r\n\xef\xbb\xbf")
    return next((word for magic, word in _OTHERS if head.startswith(magic)), _UNKNOWN)


_ALLOWED = Text(
    "Allowed: JPG, PNG or WEBP, up to 10 MiB, 16 to 8192 pixels a side, 36 megapixels.",
    "支持 JPG、PNG、WEBP，不超过 10 MiB，边长 16–8192 像素，最多 3600 万像素。",
)


def sentence(en: str, zh: str) -> Text:
    """A verdict, followed by what is allowed."""
    return Text(f"{en} {{allowed}}", f"{zh}{{allowed}}", {"allowed": _ALLOWED})


NAMED: Final = Text("The image {name!r}", "图片 {name!r} ")
UNNAMED: Final = Text("The image", "图片")
_UNKNOWN = Text("something else", "其他内容")
_VIDEO = Text("a video", "视频")
_HEIC = Text.same("HEIC")
_BRANDS: Final = {b"hei": _HEIC, b"hev": _HEIC, b"mif": _HEIC, b"avi": Text.same("AVIF")}
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
_EMPTY = sentence("{image} is empty (0 bytes).", "{image}为空（0 字节）。")
_LARGE = sentence("{image} has {size} MiB, which is too much.", "{image}大小为 {size} MiB，过大。")
_FORMAT = sentence(
    "{image} is not a JPG, PNG or WEBP: it looks like {found}.",
    "{image}不是 JPG、PNG 或 WEBP，看起来是：{found}。",
)
_UNREADABLE = sentence(
    "{image} begins like {kind} but cannot be read.", "{image}开头像是 {kind}，但无法读取。"
)
_SMALL = sentence(
    "{image} has {width}×{height} pixels, which is too small.",
    "{image}尺寸为 {width}×{height} 像素，过小。",
)
_LONG = sentence(
    "{image} has {width}×{height} pixels; a side is too long.",
    "{image}尺寸为 {width}×{height} 像素，边长过大。",
)
_MANY = sentence(
    "{image} has {width}×{height} = {megapixels} megapixels, which is too many.",
    "{image}尺寸为 {width}×{height}，共 {megapixels} 百万像素，过多。",
)
_SCANS = sentence(
    "{image} takes too long to decode: it goes over its pixels {scans} times. Open it in an "
    "image editor and save it anew.",
    "{image}解码耗时过长：像素被重复扫描 {scans} 次。请用图片编辑软件另存后重试。",
)
_WORK = sentence(
    "{image} has {megapixels} megapixels; of a {kind} stored like this one up to {limit} are "
    "taken. Save it as PNG or as a plain (not progressive) JPG.",
    "{image}共 {megapixels} 百万像素；以此方式存储的 {kind} 最多 {limit} 百万像素。"
    "请另存为 PNG 或普通（非渐进式）JPG。",
)
_ANIMATED = sentence(
    "{image} is animated. Save the frame you want as a still image and use that.",
    "{image}是动图，请将需要的一帧另存为静态图片后使用。",
)

"""Checking an image without decoding it: size, signature, structure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...errors import BadImage
from ...i18n import Text
from .formats import read_structure, sniff
from .limits import ALLOWED, LIMITS, MAX_SCANS, MIN_SIDE, Limits
from .structure import Ending, Structure


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """Facts from the structure. ``format`` is one of ``FORMATS``; sizes are as stored."""

    format: str
    width: int
    height: int


def quick_check(data: bytes, name: str | None = None) -> ImageFacts:
    """Check an image's structure without decoding it, and return its facts.

    ``name`` is only used in messages. Whether an image without an end marker is complete can only
    be found by decoding.

    Raises:
        BadImage: the message says what is wrong and what is allowed.
    """
    structure = inspect(data, name)
    return ImageFacts(structure.format, structure.width, structure.height)


def inspect(data: bytes, name: str | None = None, limits: Limits = LIMITS) -> Structure:
    """Check like :func:`quick_check`, against ``limits``, and return the structure."""
    subject = NAMED(name=name) if name else UNNAMED
    if not data:
        raise BadImage(_EMPTY(image=subject), code="image_empty")
    if len(data) > limits.size:
        size = f"{len(data) / 2**20:.1f}"
        raise BadImage(_LARGE(image=subject, size=size), code="image_too_large")
    kind = sniff(data)
    if kind is None:
        raise BadImage(_FORMAT(image=subject, found=_guess(data)), code="image_format")
    structure = read_structure(data)
    if structure is None:
        raise BadImage(_UNREADABLE(image=subject, kind=kind), code="image_damaged")
    check_size(structure.width, structure.height, subject, limits)
    if structure.frames > 1:
        raise BadImage(_ANIMATED(image=subject), code="image_animated")
    _check_work(structure, subject, limits)
    if structure.ending is Ending.CUT:
        raise damaged(subject)
    return structure


def check_size(width: int, height: int, subject: Text, limits: Limits = LIMITS) -> None:
    """Raise BadImage if a side is too short or too long, or there are too many pixels."""
    values = {"image": subject, "width": width, "height": height}
    if min(width, height) < MIN_SIDE:
        raise BadImage(_SMALL(**values), code="image_too_small")
    if max(width, height) > limits.side:
        raise BadImage(_LONG(**values), code="image_too_many_pixels")
    if width * height > limits.pixels:
        megapixels = f"{width * height / 1e6:.0f}"
        raise BadImage(_MANY(**values, megapixels=megapixels), code="image_too_many_pixels")


def damaged(subject: Text) -> BadImage:
    """Return the error for an incomplete image."""
    return BadImage(_DAMAGED(image=subject), code="image_damaged")


def too_hard(subject: Text | None = None) -> BadImage:
    """Return the error for an image that needs too much time or memory."""
    return BadImage(_HARD(image=subject or UNNAMED), code="image_too_hard")


def animated(subject: Text) -> BadImage:
    """Return the error for an animated image."""
    return BadImage(_ANIMATED(image=subject), code="image_animated")


def other_format(subject: Text, name: str) -> BadImage:
    """Return the error for an unsupported format, given Pillow's name."""
    known = {word.en: word for _, word in _OTHERS} | {"AVIF": _AVIF}
    found = known.get(name, _UNKNOWN)
    return BadImage(_FORMAT(image=subject, found=found), code="image_format")


def _check_work(structure: Structure, subject: Text, limits: Limits) -> None:
    """Raise BadImage if decoding would take too much time or memory."""
    if structure.scans > MAX_SCANS:
        raise BadImage(_SCANS(image=subject, scans=structure.scans), code="image_too_hard")
    if structure.width * structure.height * structure.cost > limits.work:
        megapixels = f"{structure.width * structure.height / 1e6:.0f}"
        limit = int(limits.work / structure.cost / 1e6)
        text = _WORK(image=subject, kind=structure.format, megapixels=megapixels, limit=limit)
        raise BadImage(text, code="image_too_many_pixels")


def _guess(data: bytes) -> Text:
    """Return what the data looks like instead, for the message."""
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:11], _VIDEO)
    head = data[:64].lstrip(b" \t\r\n\xef\xbb\xbf")
    return next((word for magic, word in _OTHERS if head.startswith(magic)), _UNKNOWN)


def sentence(en: str, zh: str) -> Text:
    """Return a message followed by what is allowed."""
    return Text(f"{en} {{allowed}}", f"{zh}{{allowed}}", {"allowed": ALLOWED})


NAMED: Final = Text("The image {name!r}", "图片 {name!r} ")
UNNAMED: Final = Text("The image", "图片")
_UNKNOWN = Text("something else", "其他内容")
_VIDEO = Text("a video", "视频")
_HEIF = Text("an image sequence or another kind of HEIF", "图像序列或其他 HEIF 格式")
_AVIF: Final = Text.same("AVIF")
_BRANDS: Final = {b"hev": _HEIF, b"mif": _HEIF, b"msf": _HEIF, b"avi": _AVIF}
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
_LARGE = sentence("{image} is {size} MiB, which is too large.", "{image}大小为 {size} MiB，过大。")
_FORMAT = sentence(
    "{image} is not a JPG, PNG, WEBP or HEIC: it looks like {found}.",
    "{image}不是 JPG、PNG、WEBP 或 HEIC，看起来是：{found}。",
)
_UNREADABLE = sentence(
    "{image} starts like a {kind} but cannot be read.", "{image}开头像是 {kind}，但无法读取。"
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
    "{image} takes too long to decode: its pixels are scanned {scans} times. Open it in an image "
    "editor and save it again.",
    "{image}解码耗时过长：像素被重复扫描 {scans} 次。请用图片编辑软件另存后重试。",
)
_WORK = sentence(
    "{image} has {megapixels} megapixels; the limit for a {kind} stored like this is {limit}. "
    "Save it as PNG or as a plain (not progressive) JPG.",
    "{image}共 {megapixels} 百万像素；以此方式存储的 {kind} 最多 {limit} 百万像素。"
    "请另存为 PNG 或普通（非渐进式）JPG。",
)
_ANIMATED = sentence(
    "{image} is animated. Save the frame you want as a still image and use that.",
    "{image}是动图，请将需要的一帧另存为静态图片后使用。",
)
_HARD = sentence(
    "{image} takes too long or too much memory to decode. Open it in an image editor, save it "
    "again as JPG or PNG, and try again.",
    "{image}解码耗时过长或占用内存过多。请用图片编辑软件另存为 JPG 或 PNG 后重试。",
)
_DAMAGED = sentence(
    "{image} is truncated or damaged: not all of it can be decoded. Save or download it again.",
    "{image}不完整或已损坏，无法完整解码，请重新保存或下载。",
)

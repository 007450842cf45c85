"""Images given as text: data URLs (RFC 2397) and base64 (RFC 4648), wrapped or not."""

from __future__ import annotations

import base64
import re
from codecs import BOM_UTF8
from typing import Any, Final, TypeGuard
from urllib.parse import unquote_to_bytes

from ...errors import BadImage
from ...i18n import Text
from .formats import sniff

LONGEST_PATH: Final = 4096  # characters; longer text is no path
_BLANKS: Final = "\ufeff \t\r\n"  # what copying leaves in front
_SHORTEST: Final = 32  # characters; shorter text is no image
_HEAD: Final = 88  # characters from which the format shows
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]*={0,3}")
_URL_SAFE: Final = str.maketrans("-_", "+/")
_OTHERS: Final = (b"GIF8", b"BM", b"II*\0", b"MM\0*")  # formats that are told by name


def is_data_url(text: str) -> bool:
    """Return whether text begins like a data URL."""
    return text[:64].lstrip(_BLANKS)[:5].lower() == "data:"


def is_url(image: Any) -> TypeGuard[str]:
    """Return whether an image is given as a URL, not as a path or as its own data."""
    return isinstance(image, str) and "://" in image[:64].lstrip()[:12] and not is_data_url(image)


def bytes_in(given: str | bytes) -> bytes | None:
    """Return the bytes of a data URL or an image's base64; None if it is neither.

    Raises:
        BadImage: it begins like one but cannot be decoded.
    """
    given = given.removeprefix(BOM_UTF8) if isinstance(given, bytes) else given.lstrip(_BLANKS)
    head = _as_text(given[:64])
    if is_data_url(head):
        return _from_data_url(_as_text(given).strip())
    if not _may_be_base64(head):
        return None
    text = "".join(_as_text(given).split())
    if not (_begins_as_an_image(text) or len(text) > LONGEST_PATH):
        return None
    return _from_base64(text)


def _from_data_url(url: str) -> bytes:
    header, comma, payload = url.partition(",")
    if not comma:
        raise BadImage(_NO_DATA, code="data_url_invalid")
    data = unquote_to_bytes(payload)
    options = [option.strip().lower() for option in header.split(";")]
    if "base64" not in options[1:]:
        return data
    return _from_base64("".join(data.decode("latin-1").split()))


def _from_base64(text: str) -> bytes:
    """Return the bytes of base64 without whitespace; its padding may be missing."""
    text = text.translate(_URL_SAFE)
    if not _BASE64.fullmatch(text):
        at = re.search(r"[^A-Za-z0-9+/]", text)
        raise BadImage(_NO_BASE64(found=at[0] if at else ""), code="base64_invalid")
    text = text.rstrip("=")
    text = text[: len(text) - (len(text) % 4 == 1)]  # a lone character holds no byte
    return base64.b64decode(text + "=" * (-len(text) % 4))


def _may_be_base64(head: str) -> bool:
    text = "".join(head.split())
    return len(text) >= _SHORTEST and bool(_BASE64.fullmatch(text.translate(_URL_SAFE)))


def _begins_as_an_image(text: str) -> bool:
    head = text[:_HEAD].translate(_URL_SAFE).rstrip("=")
    if not _BASE64.fullmatch(head):
        return False
    data = base64.b64decode(head[: len(head) // 4 * 4])
    return sniff(data) is not None or data.startswith(_OTHERS) or data[4:8] == b"ftyp"


def _as_text(given: str | bytes) -> str:
    return given if isinstance(given, str) else given.decode("latin-1")


_NO_DATA = Text(
    "The data URL contains no data: the comma is missing. Copy all of it.",
    "data URL 中没有数据（缺少逗号），请完整复制。",
)
_NO_BASE64 = Text(
    "The image's base64 text contains {found!r}, which is not valid base64. Copy the whole "
    "text and nothing else.",
    "图片的 base64 文本含有 {found!r}，不是有效的 base64，请完整复制该文本，不要包含其他内容。",
)

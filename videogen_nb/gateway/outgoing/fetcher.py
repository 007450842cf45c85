"""Downloading images from untrusted URLs safely.

The name is resolved once, every address must be public according to
:mod:`videogen_nb.security.public_addresses`, and the connection goes to exactly the address that
was checked, so a changed DNS response makes no difference. The same applies to every redirect.
"""

from __future__ import annotations

import asyncio
import re
from typing import Final

import httpcore
import httpx

from ..._version import __version__
from ...errors import BadImage
from ...i18n import Text
from ...media.images import MAX_BYTES, MAX_MIB, SNIFFED, sniff
from ...security.public_addresses import is_odd_number
from ..refusals import Refusal
from .connections import Guarded, httpcore_url
from .resolver import Lookup, system_lookup

TOTAL_S: Final = 20.0
MAX_REDIRECTS: Final = 5
MAX_URL: Final = 2048

_HEADERS: Final = [
    (b"User-Agent", f"videogen-nb/{__version__}".encode()),
    (b"Accept", b"image/jpeg, image/png, image/webp;q=0.9, image/heic;q=0.9, image/*;q=0.5"),
    (b"Accept-Encoding", b"identity"),  # a small gzip can unfold to gigabytes
]


class Fetcher:
    """Downloads images, from public addresses and from ``allow_networks``.

    With the word ``proxy`` among them, names that cannot be resolved here are left to the proxy.

    Raises:
        BadParameter: ``allow_networks`` is invalid (when created).
    """

    def __init__(
        self,
        allow_networks: str = "",
        *,
        lookup: Lookup = system_lookup,
        total_s: float = TOTAL_S,
    ) -> None:
        self._guarded = Guarded(allow_networks, lookup=lookup)
        self._total_s = total_s

    async def fetch(self, url: str, owner: str = "") -> bytes:
        """Return the bytes of the image at ``url``, at most ``MAX_BYTES``.

        Args:
            owner: who requests it, so that no one's DNS look-ups delay others.

        Raises:
            Refusal: the address is not allowed, or the download failed.
            BadImage: it is too large or not an image.
        """
        try:
            async with asyncio.timeout(self._total_s):
                return await self._follow(url, owner)
        except TimeoutError:
            raise _refusal("url_timeout", _SLOW(seconds=round(self._total_s))) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            raise _refusal("url_failed", _FAILED(why=str(error) or type(error).__name__)) from error

    async def _follow(self, url: str, owner: str) -> bytes:
        connections, guard = self._guarded.pool(owner)
        async with connections as pool:
            for _ in range(MAX_REDIRECTS + 1):
                target = read_url(url)
                guard.head_for(target)
                async with pool.stream("GET", httpcore_url(target), headers=_HEADERS) as answer:
                    location = _location(answer)
                    if location is None:
                        return await _image(answer)
                    url = _joined(target, location)
        raise _refusal("url_redirects", _REDIRECTS(limit=MAX_REDIRECTS))


def read_url(url: str) -> httpx.URL:
    """Return a URL if its form is acceptable.

    Raises:
        Refusal: it is not a plain http or https URL.
    """
    if len(url) > MAX_URL or re.search(r"[\s\\\x00-\x20\x7f-\x9f\ud800-\udfff]", url):
        raise _refusal("url_invalid", _CHARACTERS(limit=MAX_URL))
    try:
        parsed = httpx.URL(url)
        host = parsed.raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise _refusal("url_invalid", _INVALID) from None
    if parsed.scheme not in ("http", "https"):
        raise _refusal("url_invalid", _SCHEME)
    if parsed.userinfo or "@" in url.partition("//")[2].partition("/")[0]:
        raise _refusal("url_invalid", _USERINFO)
    if not host or "%" in host or is_odd_number(host):
        raise _refusal("url_invalid", _HOST)
    if parsed.port not in (None, 80, 443) and parsed.port not in range(1024, 65536):
        raise _refusal("url_invalid", _PORT(port=parsed.port))
    return parsed


async def _image(answer: httpcore.Response) -> bytes:
    if answer.status != 200:
        raise _refusal("url_failed", _STATUS(status=answer.status))
    if _header(answer, b"content-encoding", "identity") != "identity":
        raise _refusal("url_failed", _ENCODED)
    told = _header(answer, b"content-length", "0")
    if told.isdecimal() and len(told) < 20 and int(told) > MAX_BYTES:
        raise BadImage(_LARGE, code="image_too_large")
    body = bytearray()
    async for chunk in answer.aiter_stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise BadImage(_LARGE, code="image_too_large")
        if len(body) >= SNIFFED and sniff(bytes(body[:SNIFFED])) is None:
            break  # no image is coming; the check says what it looks like
    return bytes(body)


def _location(answer: httpcore.Response) -> str | None:
    if answer.status not in (301, 302, 303, 307, 308):
        return None
    return _header(answer, b"location", "") or None


def _joined(base: httpx.URL, location: str) -> str:
    try:
        return str(base.join(location))
    except (httpx.InvalidURL, ValueError):
        raise _refusal("url_invalid", _INVALID) from None


def _header(answer: httpcore.Response, name: bytes, default: str) -> str:
    for key, value in answer.headers:
        if key.lower() == name:
            return value.decode("latin-1").strip()
    return default


def _refusal(code: str, text: Text) -> Refusal:
    return Refusal(code, text)


_CHARACTERS = Text(
    "The image URL contains spaces, backslashes or control characters, or is longer than "
    "{limit} characters. Copy it again.",
    "图片链接含有空格、反斜杠或控制字符，或超过 {limit} 个字符，请重新复制链接。",
)
_INVALID = Text(
    "Invalid image URL. Use one such as https://example.com/image.jpg.",
    "图片链接无法识别，格式应类似 https://example.com/image.jpg。",
)
_SCHEME = Text(
    "The image URL must start with http:// or https://. To use a file on your disk, upload it.",
    "图片链接应以 http:// 或 https:// 开头；本地文件请直接上传。",
)
_USERINFO = Text(
    "The image URL contains a user name or password. Remove them.",
    "图片链接中含有用户名或密码，请使用不含这些信息的链接。",
)
_HOST = Text(
    "The host in the image URL is not a plain name or address. Check the URL.",
    "图片链接中的主机不是普通的域名或地址。",
)
_PORT = Text(
    "The image URL uses port {port}. Only 80, 443 and ports 1024 and above are allowed.",
    "图片链接使用了端口 {port}，仅支持 80、443 以及 1024 及以上的端口。",
)
_SLOW = Text(
    "The image could not be downloaded within {seconds} s. Try again, or download it yourself "
    "and upload it.",
    "图片未在 {seconds} 秒内下载完成，请重试，或自行下载后上传。",
)
_FAILED = Text(
    "The image could not be downloaded: {why}. Check the URL, or upload the image.",
    "图片下载失败：{why}。请检查链接，或直接上传图片。",
)
_STATUS = Text(
    "The image could not be downloaded: its server returned HTTP {status}. Check the URL.",
    "图片下载失败：服务器返回 HTTP {status}，请检查链接。",
)
_ENCODED = Text(
    "The server sends the image compressed, which is not supported. Download it yourself "
    "and upload it.",
    "图片服务器返回了压缩内容，无法使用。请自行下载后上传。",
)
_LARGE = Text(
    "The image at this URL is larger than {limit} MiB. Use a smaller one.",
    "该链接的图片超过 {limit} MiB，请使用更小的图片。",
    {"limit": MAX_MIB},
)
_REDIRECTS = Text(
    "The image URL redirects more than {limit} times. Use the final URL.",
    "图片链接重定向超过 {limit} 次，请使用最终地址。",
)

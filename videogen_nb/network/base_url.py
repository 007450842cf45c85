"""Validating a gateway's address."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from ..errors import BadParameter
from ..i18n import Text
from ..security.redaction import url_words


def check_base_url(url: str) -> str:
    """Return a gateway's base URL without its last slash; ``localhost:8000`` gets its ``http://``.

    Raises:
        BadParameter: it is not an http(s) URL.
    """
    full = url.strip()
    full = full if "://" in full else f"http://{full}"
    try:
        parsed, parts = httpx.URL(full), urlsplit(full)
        good = parsed.scheme in ("http", "https") and bool(parsed.host) and full.isprintable()
        good = good and (parsed.port is None or 1 <= parsed.port <= 65535)
    except (httpx.InvalidURL, ValueError):
        good = False
    if not good or " " in full or parts.query or parts.fragment:
        raise BadParameter(_BAD_URL(url=url_words(url)))
    return full.rstrip("/")


_BAD_URL = Text(
    "Invalid gateway URL {url!r}. Use one such as http://localhost:8000.",
    "{url!r} 不是有效的网关地址，请使用类似 http://localhost:8000 的地址。",
)

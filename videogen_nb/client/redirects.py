"""Fetching what a URL names: a video's link, an image's. The token stays with its gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urljoin

import httpx

from ..errors import DownloadError
from ..i18n import Text
from .transport import Exchange

_REDIRECTS = 5

_NOT_FETCHABLE = Text(
    "Invalid URL {url!r}: it must be http or https.", "{url!r} 不是 http(s) 地址。"
)
_IN_CIRCLES = Text("{url} redirects more than {n} times.", "{url} 重定向超过 {n} 次。")


def absolute(exchange: Exchange, url: str) -> str:
    """A link as the gateway told it, made absolute.

    A path belongs to the gateway, which may itself live below a prefix (a hub's proxy).

    Raises:
        DownloadError: it is not http(s).
    """
    if url.startswith("/") and not url.startswith("//"):
        url = exchange.url + url
    return _joined(exchange.url + "/", url)


@asynccontextmanager
async def opened(exchange: Exchange, url: str) -> AsyncIterator[httpx.Response]:
    """The answer that a GET of ``url`` ends at, redirects followed, its body not yet read.

    Raises:
        httpx.RequestError: on the way. DownloadError: redirected in circles, or away from http.
    """
    where = url
    for _ in range(_REDIRECTS + 1):
        # Decided at every hop: a redirect to another origin must not carry the token there.
        headers = {"Accept-Encoding": "identity", **exchange.headers_for(where)}
        request = exchange.http.build_request("GET", where, headers=headers)
        answer = await exchange.http.send(request, stream=True)
        try:
            if not answer.has_redirect_location:
                yield answer
                return
            where = _joined(where, answer.headers["location"])
        finally:
            await answer.aclose()
    raise DownloadError(_IN_CIRCLES(url=url, n=_REDIRECTS), url=url)


def _joined(base: str, url: str) -> str:
    try:
        full = urljoin(base, url)
        parsed = httpx.URL(full)
        good = parsed.scheme in ("http", "https") and bool(parsed.host)
    except (httpx.InvalidURL, ValueError):
        good = False
    if not good:
        raise DownloadError(_NOT_FETCHABLE(url=url[:200]), url=url)
    return full

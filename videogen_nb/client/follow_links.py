"""Following links to videos and images. The token is sent only to its gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from ..errors import DownloadError
from ..i18n import Text
from ..network import redirects
from .transport import Exchange

_NOT_FETCHABLE = Text(
    "Invalid URL {url!r}: it must be http or https.", "{url!r} 不是 http(s) 地址。"
)
_IN_CIRCLES = Text("{url} redirects more than {n} times.", "{url} 重定向超过 {n} 次。")


def absolute(exchange: Exchange, url: str) -> str:
    """Make a link from the gateway absolute.

    A path is relative to the gateway, which may be served under a prefix (a hub's proxy).

    Raises:
        DownloadError: it is not http(s).
    """
    if url.startswith("/") and not url.startswith("//"):
        url = exchange.url + url
    try:
        return redirects.join(exchange.url + "/", url)
    except redirects.BadTarget as bad:
        raise _not_fetchable(bad) from None


@asynccontextmanager
async def opened(exchange: Exchange, url: str) -> AsyncIterator[httpx.Response]:
    """GET ``url``, follow redirects, and open the response without reading its body.

    Raises:
        httpx.RequestError: the request failed. DownloadError: too many redirects, or not http(s).
    """

    async def prepare(where: str) -> redirects.Hop:
        return redirects.Hop(exchange.headers_for(where))

    try:
        async with redirects.opened(exchange.http, url, prepare) as answer:
            yield answer
    except redirects.BadTarget as bad:
        raise _not_fetchable(bad) from None
    except redirects.TooManyRedirects:
        raise DownloadError(_IN_CIRCLES(url=url, n=redirects.MAX_REDIRECTS), url=url) from None


def _not_fetchable(bad: redirects.BadTarget) -> DownloadError:
    return DownloadError(_NOT_FETCHABLE(url=bad.url[:200]), url=bad.url)

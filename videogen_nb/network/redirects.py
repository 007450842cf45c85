"""Following redirects manually, so that tokens and keys are sent only to their own origin."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urljoin

import httpx

MAX_REDIRECTS: Final = 5


class BadTarget(ValueError):
    """A URL or redirect target is not http(s); ``url`` is that URL."""

    def __init__(self, url: str) -> None:
        super().__init__(f"not http(s): {url[:200]!r}")
        self.url = url


class TooManyRedirects(ValueError):
    """There are more than ``MAX_REDIRECTS`` redirects."""


@dataclass(frozen=True, slots=True)
class Hop:
    """Headers and httpx extensions for the request to one URL."""

    headers: Mapping[str, str]
    extensions: dict[str, Any] = field(default_factory=dict)


def origin(url: str | httpx.URL) -> tuple[str, str, int | None]:
    """Return scheme, host and port, which determine who may see a token."""
    parsed = httpx.URL(url)
    return parsed.scheme, parsed.host, parsed.port or {"http": 80, "https": 443}.get(parsed.scheme)


def join(base: str, url: str) -> str:
    """Make a link absolute.

    Raises:
        BadTarget: it is not http(s).
    """
    try:
        full = urljoin(base, url)
        parsed = httpx.URL(full)
        good = parsed.scheme in ("http", "https") and bool(parsed.host)
    except (httpx.InvalidURL, ValueError):
        good = False
    if not good:
        raise BadTarget(url)
    return full


@asynccontextmanager
async def opened(
    http: httpx.AsyncClient, url: str, prepare: Callable[[str], Awaitable[Hop]]
) -> AsyncIterator[httpx.Response]:
    """GET ``url``, follow redirects, and open the response without reading its body.

    Args:
        prepare: returns what to send to a URL, called for every hop: a redirect to another origin
            must not include a token.

    Raises:
        BadTarget, TooManyRedirects: invalid redirects. httpx.RequestError: a request failed.
    """
    where = join(url, url)
    for _ in range(MAX_REDIRECTS + 1):
        hop = await prepare(where)
        headers = {"Accept-Encoding": "identity", **hop.headers}
        async with http.stream("GET", where, headers=headers, extensions=hop.extensions) as answer:
            if not answer.has_redirect_location:
                yield answer
                return
            where = join(where, answer.headers["location"])
    raise TooManyRedirects(url)

"""HTTP requests to providers: limited in time and size, with precise errors."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpx

from .._version import __version__
from ..errors import (
    EngineError,
    UpstreamAway,
    UpstreamError,
    UpstreamGone,
    UpstreamRefused,
    UpstreamUnsure,
)
from ..i18n import Text
from ..network import AsyncTransport, Departure, NoRoute, async_client, redirects, websocket
from ..network.redirects import origin
from ..protocol import parse_json, plain_words
from ..protocol.polling import Timeouts
from ..protocol.urls import is_web_url
from ..security.redaction import redact, redact_body, redact_headers
from .authentication import Credential, Scheme
from .result_addresses import check_host, check_path, check_peer, lives_inside

Transport = httpx.AsyncBaseTransport

MAX_ANSWER: Final = 8 << 20
MAX_VIDEO: Final = 4 << 30

#: How a server says that a link is too old: many hide it as one that never was.
_LINK_GONE: Final = frozenset({401, 403, 404, 410})
LINK_EXPIRED: Final = Text(
    "The link to the video expired before it could be downloaded.",
    "视频链接已过期，未能及时下载。",
)
_OWN: Final = {"User-Agent": f"videogen-nb/{__version__}"}

#: Errors in which certainly nothing of a request was sent.
_NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.ProxyError,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; the key is removed wherever a provider repeats it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def json(self) -> Any:
        """Return the JSON value, or None if it is not JSON."""
        try:
            return parse_json(self.body)
        except ValueError:
            return None

    @property
    def words(self) -> str:
        """Return a summary on one line."""
        return plain_words(self.body)


class Caller:
    """Sends requests to paths under ``base()`` with the current ``key()``.

    Args:
        scheme: how the key is sent.
    """

    def __init__(
        self,
        base: Callable[[], str],
        key: Callable[[], str | None],
        *,
        scheme: Scheme | None = None,
        transport: Transport | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._base = base
        self._key = key
        self._scheme = scheme or Scheme()
        self._transport = transport
        self._timeouts = timeouts or Timeouts()
        self._http: httpx.AsyncClient | None = None

    async def ask(
        self,
        method: str,
        path: str,
        *,
        acts: bool = False,
        total_s: float | None = None,
        **body: Any,
    ) -> Answer:
        """Send one request, once, and return the response.

        Args:
            path: a path under the base URL, or a URL with the provider's origin.
            acts: whether it changes something, so that a lost response leaves the outcome unknown.
            total_s: the total time limit; None = the default.
            body: arguments of httpx: ``params``, ``json``, ``data``, ``files``, ``content``,
                ``headers``.

        Raises:
            UpstreamAway: nothing was sent, or the request changes nothing.
            UpstreamGone: the path leads outside the provider; nothing was sent.
            UpstreamRefused: ``acts``, and the environment must be corrected first.
            UpstreamUnsure: ``acts``, and the request may have been received.
        """
        limit_s = total_s or (self._timeouts.create_s if acts else self._timeouts.answer_s)
        departure = Departure()
        body["extensions"] = {"departure": departure}
        url = self._below(path)
        try:
            async with asyncio.timeout(limit_s):
                return await self._exchange(method, url, limit_s, body)
        except EngineError as error:  # there is no key that could be sent
            raise UpstreamAway(error.text) from None
        except (TimeoutError, httpx.HTTPError, httpx.StreamError) as error:
            if acts and isinstance(error, NoRoute) and error.lasting:
                raise UpstreamRefused(error.text, code="bad_environment") from None
            if acts and departure.sent and not isinstance(error, _NOT_SENT):
                raise UpstreamUnsure from None
            raise UpstreamAway(self._away(error)) from None

    async def download(self, url: str, path: Path) -> dict[str, Any]:
        """Download ``url`` (absolute, or under the base) to ``path`` unchanged.

        Return ``bytes``, ``content_type`` and ``seconds``.

        Raises:
            UpstreamAway: it was incomplete, too slow or too large.
            UpstreamGone: ``url`` is invalid, or leads into the local network.
            DownloadRefused: the server refused it with ``status``.
        """
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._timeouts.download_s), self._opened(url) as answer:
                if answer.status_code != 200:
                    raise DownloadRefused(answer.status_code, self._place(str(answer.url)))
                size = await _write(answer, path)
        except (ValueError, httpx.InvalidURL):  # such as a bracket that is never closed
            raise UpstreamGone(_NO_ADDRESS) from None
        except (TimeoutError, httpx.HTTPError, httpx.StreamError) as error:
            raise UpstreamAway(_BROKEN(place=self._place(url), why=self._why(error))) from None
        kind = answer.headers.get("content-type", "")
        return {
            "bytes": size,
            "content_type": kind,
            "seconds": round(time.monotonic() - began, 3),
        }

    async def fetch_link(
        self, link: str, path: Path, expired: Text = LINK_EXPIRED
    ) -> dict[str, Any]:
        """Like :meth:`download`, for a link that expires.

        Raises:
            UpstreamGone: see :meth:`download`; or the link has expired (``expired``).
            UpstreamAway: see :meth:`download`; or the server is temporarily unable to deliver it.
        """
        try:
            return await self.download(link, path)
        except DownloadRefused as refused:
            if refused.status in _LINK_GONE:
                raise UpstreamGone(expired) from refused
            raise UpstreamAway(refused.text) from refused

    async def listen(self, path: str, params: Mapping[str, str]) -> AsyncIterator[str]:
        """Yield the text messages of a WebSocket below the base URL until the upstream ends it.

        Raises:
            UpstreamAway: there is no WebSocket, or the connection broke.
        """
        url = self._below(path)
        try:
            credential = self._credential()
            async with self._client.stream(
                "GET",
                url,
                params=dict(params),
                headers={**_OWN, **websocket.upgrade(), **credential.headers},
                timeout=httpx.Timeout(None, connect=self._timeouts.connect_s),
                extensions={"credential": credential},
            ) as answer:
                async for text in websocket.texts(answer):
                    yield text
        except EngineError as error:  # there is no key that could be sent
            raise UpstreamAway(error.text) from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise UpstreamAway(self._away(error)) from None

    async def aclose(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _exchange(
        self, method: str, url: str, limit_s: float, body: dict[str, Any]
    ) -> Answer:
        credential = self._credential()
        headers = {**_OWN, **credential.headers, **body.pop("headers", {})}
        body["extensions"]["credential"] = credential
        # A slow create must not be given up by a pause in it: it is bounded as a whole.
        timeout = httpx.Timeout(limit_s, connect=self._timeouts.connect_s)
        async with self._client.stream(
            method, url, headers=headers, timeout=timeout, **body
        ) as answer:
            data = await _read(answer)
        known = credential.secrets
        headers = redact_headers(answer.headers, known)
        return Answer(answer.status_code, headers, redact_body(data, known), url)

    def _below(self, path: str) -> str:
        """Return the URL of a path under the base, or a URL with the base's origin."""
        base = self._base()
        url = path if is_web_url(path) else base + path
        if origin(url) != origin(base):
            raise UpstreamGone(_OTHER_PLACE(place=self._place(url)))
        check_path(url.partition("//")[2].partition("?")[0])
        return url

    @asynccontextmanager
    async def _opened(self, url: str) -> AsyncIterator[httpx.Response]:
        """GET and follow redirects; the key is sent only to the provider's own origin."""
        base = self._base()

        async def prepare(where: str) -> redirects.Hop:
            own = origin(where) == origin(base)
            credential = self._credential() if own else Credential()
            told = {"credential": credential, "peer": None if own else await self._guard(where)}
            return redirects.Hop({**_OWN, **credential.headers}, told)

        try:
            target = redirects.join(base + "/", url)
            async with redirects.opened(self._client, target, prepare) as answer:
                yield answer
        except redirects.BadTarget:
            raise UpstreamGone(_NO_ADDRESS) from None
        except redirects.TooManyRedirects:
            raise UpstreamAway(_CIRCLES(place=self._place(url))) from None

    async def _guard(self, url: str) -> Callable[[str], None] | None:
        """Return a check for the address of a connection to another origin."""
        if await lives_inside(self._base()):
            return None
        check_host(urlsplit(url).hostname or "")
        return check_peer

    def _credential(self) -> Credential:
        return self._scheme.credential(self._key())

    @property
    def _client(self) -> httpx.AsyncClient:
        if self._http is None:
            timeout = httpx.Timeout(self._timeouts.silence_s, connect=self._timeouts.connect_s)
            transport = _Keyed(self._transport or AsyncTransport())
            self._http = async_client(transport=transport, timeout=timeout)
        return self._http

    def _away(self, error: BaseException) -> Text:
        return _AWAY(place=self._place(self._base()), why=self._why(error))

    def _why(self, error: BaseException) -> Text | str:
        if isinstance(error, NoRoute):
            return error.text
        return redact(_words(error), self._credential().secrets)

    def _place(self, url: str) -> str:
        """Return a URL without parts that may be secret: path, query, signature."""
        parts = urlsplit(urljoin(self._base() + "/", url))
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


class _Keyed(httpx.AsyncBaseTransport):
    """Adds a key to the query after URLs have been logged."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it."""
        credential = request.extensions.get("credential") or Credential()
        if credential.query:
            request = httpx.Request(
                request.method,
                request.url.copy_merge_params(dict(credential.query)),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class DownloadRefused(UpstreamError):
    """The server of a result did not respond with the file."""

    code = "upstream_download"

    def __init__(self, status: int, place: str) -> None:
        super().__init__(_STATUS(place=place, status=status))
        self.status = status


async def _read(answer: httpx.Response) -> bytes:
    data = bytearray()
    async for chunk in answer.aiter_bytes():
        data += chunk
        if len(data) > MAX_ANSWER:
            raise httpx.RemoteProtocolError("the answer is too long")
    return bytes(data)


async def _write(answer: httpx.Response, path: Path) -> int:
    told = answer.headers.get("content-length", "")
    whole = int(told) if told.isdecimal() and len(told) < 20 else None
    size = 0
    with path.open("wb") as file:
        async for chunk in answer.aiter_raw():
            size += len(chunk)
            if size > MAX_VIDEO:
                raise httpx.RemoteProtocolError("the video is too large")
            await asyncio.to_thread(file.write, chunk)
    if whole is not None and size != whole:
        raise httpx.RemoteProtocolError(f"{size} of {whole} bytes came")
    return size


def _words(error: BaseException) -> str:
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "timeout"
    return type(error).__name__ if "://" in str(error) else str(error) or type(error).__name__


_AWAY = Text(
    "Cannot reach {place} ({why}). Trying again.",
    "无法连接 {place}（{why}），将再次尝试。",
)
_BROKEN = Text(
    "The download from {place} was incomplete ({why}). Trying again.",
    "从 {place} 下载的视频不完整（{why}），将重新下载。",
)
_CIRCLES = Text("{place} redirects too many times.", "{place} 重定向次数过多。")
_OTHER_PLACE = Text(
    "The provider's response points to {place}, which is not the provider's own address, so it "
    "was not followed.",
    "服务商的响应指向其他地址 {place}，不予访问。",
)
_NO_ADDRESS = Text(
    "The link to the video is not an http(s) address.", "视频链接不是有效的 http(s) 地址。"
)
_STATUS = Text(
    "{place} did not deliver the video (HTTP {status}).", "{place} 未提供视频（HTTP {status}）。"
)

"""Requests to one gateway over one ``httpx.AsyncClient``, with retries."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx

from .._version import __version__
from ..errors import (
    AnswerUnreadable,
    BadParameter,
    GatewayError,
    GatewayFault,
    GatewayTimeout,
    GatewayUnreachable,
    RateLimited,
)
from ..i18n import Text, current_language
from ..network import Departure, NoRoute, async_client, is_loopback
from ..network.base_url import check_base_url
from ..network.redirects import origin
from ..protocol import Request, parse_json, plain_words, read_error
from ..protocol.polling import RetryPolicy, Spread, Timeouts, retry_delay, system_random
from ..security.redaction import clean, redact, redact_body, redact_headers

# uvicorn closes idle connections after 5 s; one that is about to close must not carry a create.
_KEEPALIVE_S = 3.0
# So many questions at once: each is a millisecond of work, and whatever else the loop has to do
# comes after those that are ready. Uploads and creates take long and have places of their own.
_QUESTIONS = 6
_OTHERS = 12
_PIECE = 64 * 1024

#: The code of an error that is about a certificate or TLS itself: no patience mends that.
NO_TRUST: Final = "no_trust"
#: The code of an error that is about a variable of the environment; nor does it mend that.
BAD_ENVIRONMENT: Final = "bad_environment"
#: Errors that stay as they are, however often a request is sent.
LASTING: Final = frozenset({NO_TRUST, BAD_ENVIRONMENT})

_BAD_TOKEN = Text(
    "The token contains characters that cannot be sent. Copy it again, without line breaks.",
    "令牌包含无法发送的字符，请重新复制，不要包含换行。",
)
_UNSENDABLE = Text(
    "The request contains something that cannot be sent: {reason}.",
    "请求中含有无法发送的内容：{reason}。",
)
_NOBODY = Text(
    "Cannot connect to {place} ({reason}). Check the address and that the server is running.",
    "无法连接 {place}（{reason}）。请检查地址，并确认服务器正在运行。",
)
_NO_HOST = Text("host not found", "找不到该主机名")
_BROKE_OFF = Text(
    "The connection to {place} was lost ({reason}).", "与 {place} 的连接中断（{reason}）。"
)
_UNTRUSTED = Text(
    "The certificate of {place} is not trusted ({reason}). Check the address. If your "
    "organization issued the certificate, set SSL_CERT_FILE to its CA certificate "
    "file.",
    "{place} 的证书不受信任（{reason}）。请检查地址；如果证书由你所在的组织签发，请将 "
    "SSL_CERT_FILE 设为其 CA 证书文件。",
)
_UNTRUSTED_HERE = Text(
    "The certificate of {place} is not trusted ({reason}). The address is on this machine: "
    "use http:// instead.",
    "{place} 的证书不受信任（{reason}）。该地址在本机，请使用它的 http:// 地址。",
)
_NO_TLS = Text(
    "{place} did not respond with TLS as expected ({reason}). Its address may need to start with "
    "http://.",
    "{place} 没有按预期使用 TLS（{reason}）。其地址可能应以 http:// 开头。",
)
_TOO_SLOW = Text(
    "{place} did not respond within {seconds:g} s.", "{place} 在 {seconds:g} 秒内没有响应。"
)
_NOT_JSON = Text(
    "{place} does not speak the video-gen protocol. It responded: {words}",
    "{place} 的响应不符合 video-gen 协议，内容为：{words}",
)

T = TypeVar("T")
E = TypeVar("E", bound=BaseException)
OnProgress = Callable[[int, int | None], object]


def utc_now() -> datetime:
    """Return the current time, time zone aware."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Times:
    """Sources of time and randomness: monotonic clock, wall clock, sleep, jitter."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    now: Callable[[], datetime] = utc_now
    spread: Spread = system_random


class Exchange:
    """Exchanges requests and responses with one gateway.

    Raises (both methods):
        GatewayError or a subclass, with the URL and the response.
    """

    def __init__(
        self,
        base_url: str,
        *,
        token: str | None,
        language: str | None,
        transport: httpx.AsyncBaseTransport | None,
        retry: RetryPolicy,
        timeouts: Timeouts,
        times: Times,
    ) -> None:
        self.url, login = _without_login(check_base_url(base_url))
        self.retry = retry
        self.timeouts = timeouts
        self.times = times
        token = _check_token(token or "") or None
        self._secrets = tuple(s for s in (token, login and login[1]) if s)
        self._authorization = _authorization(token, login)
        self._language = language
        self._questions = asyncio.Semaphore(_QUESTIONS)
        self._others = asyncio.Semaphore(_OTHERS)
        self.http = async_client(
            transport=transport,
            timeout=httpx.Timeout(timeouts.silence_s, connect=timeouts.connect_s),
            limits=httpx.Limits(
                max_connections=2 * (_QUESTIONS + _OTHERS), keepalive_expiry=_KEEPALIVE_S
            ),
            headers={"User-Agent": f"videogen-nb/{__version__}"},
        )

    async def ask(
        self, request: Request, read: Callable[[Any], T], on_progress: OnProgress | None = None
    ) -> T:
        """Send a request, with retries if they help, and return the response parsed by ``read``."""
        failures = 0
        while True:
            try:
                return await self.ask_once(request, read, on_progress)
            except GatewayError as error:
                failures += 1
                refused = request.kind == "upload" and _worded(error)
                delay = None if refused else self.delay_after(error, failures)
                if delay is None:
                    raise
            await self.times.sleep(delay)

    def delay_after(self, error: GatewayError, failures: int) -> float | None:
        """Return the seconds until a repeatable request is retried; None = do not retry."""
        if error.code in LASTING:
            return None
        passing = isinstance(
            error, GatewayUnreachable | GatewayTimeout | GatewayFault | RateLimited
        )
        garbled = isinstance(error, AnswerUnreadable) and failures == 1
        if not (passing or garbled):
            return None
        return retry_delay(self.retry, failures, error.retry_after_s, spread=self.times.spread)

    async def ask_once(
        self, request: Request, read: Callable[[Any], T], on_progress: OnProgress | None = None
    ) -> T:
        """Send a request at most once and return the response parsed by ``read``."""
        async with self._questions if request.kind == "answer" else self._others:
            answer = await self._send(request, on_progress)
        url = self.url + request.path
        body = redact_body(answer.content, self._secrets)
        if not answer.is_success:
            headers = redact_headers(answer.headers, self._secrets)
            raise read_error(answer.status_code, headers, body, url, now=self.times.now())
        try:
            return read(_json(body, url))
        except AnswerUnreadable as error:
            error.url, error.status = url, answer.status_code
            raise

    def headers_for(self, url: str) -> Mapping[str, str]:
        """Return the token, but only for the gateway's own origin."""
        return self._authorization if origin(url) == origin(self.url) else {}

    async def _send(self, request: Request, on_progress: OnProgress | None) -> httpx.Response:
        limit_s = getattr(self.timeouts, f"{request.kind}_s")
        url = self.url + request.path
        departure = Departure()
        built = self._built(request, url, limit_s, on_progress)
        built.extensions["departure"] = departure
        try:
            async with asyncio.timeout(limit_s):
                return await self.http.send(built)
        except (httpx.RequestError, TimeoutError) as error:
            raise self.in_words(error, url, limit_s, departure) from error

    def _built(
        self, request: Request, url: str, limit_s: float, on_progress: OnProgress | None
    ) -> httpx.Request:
        silence_s = limit_s if request.kind != "answer" else self.timeouts.silence_s
        try:
            return self.http.build_request(
                request.method,
                url,
                params=request.params or None,
                json=request.json,
                content=_pieces(request.content, on_progress),
                headers=self._headers(request),
                timeout=httpx.Timeout(silence_s, connect=self.timeouts.connect_s),
            )
        except (ValueError, httpx.InvalidURL) as error:  # such as half a character
            raise BadParameter(_UNSENDABLE(reason=_unsendable(error))) from None

    def in_words(
        self, error: Exception, url: str, limit_s: float, departure: Departure | None = None
    ) -> GatewayError:
        """Convert a transport error; ``sent`` says whether anything may have been sent."""
        told = in_words(error, url, limit_s, reason=_reason(error, self._secrets))
        told.sent = told.sent and (departure is None or departure.sent)
        return told

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {"Accept-Language": self._language or current_language()}
        if request.content is not None:
            headers["Content-Length"] = str(len(request.content))
        return {**headers, **self._authorization, **request.headers}


def _worded(error: GatewayError) -> bool:
    """Return whether an older gateway refuses with 500 and a reason, so a retry is useless."""
    return isinstance(error, GatewayFault) and error.status == 500 and error.detail is not None


def in_words(error: Exception, url: str, limit_s: float, *, reason: Text | str) -> GatewayError:
    """Convert a transport error. Only connection errors certainly happen before sending."""
    where = place(url)
    if isinstance(error, NoRoute) and error.lasting:
        return GatewayUnreachable(error.text, code=BAD_ENVIRONMENT, url=url, sent=False)
    if tls := _tls_error(error):
        told, why = _NO_TLS, tls.reason or reason
        if isinstance(tls, ssl.SSLCertVerificationError):
            here = is_loopback(urlsplit(url).hostname or "")
            told, why = _UNTRUSTED_HERE if here else _UNTRUSTED, tls.verify_message
        text = told(place=where, reason=why)
        return GatewayUnreachable(text, code=NO_TRUST, url=url, sent=False)
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.UnsupportedProtocol):
        return GatewayUnreachable(_NOBODY(place=where, reason=reason), url=url, sent=False)
    if isinstance(error, httpx.PoolTimeout):
        return GatewayTimeout(_TOO_SLOW(place=where, seconds=limit_s), url=url, sent=False)
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return GatewayTimeout(_TOO_SLOW(place=where, seconds=limit_s), url=url)
    if isinstance(error, httpx.DecodingError):
        return AnswerUnreadable(_NOT_JSON(place=where, words=reason), url=url)
    return GatewayUnreachable(_BROKE_OFF(place=where, reason=reason), url=url)


def _tls_error(error: Exception) -> ssl.SSLError | None:
    """Return the TLS error that made connecting fail, if any."""
    return _behind(error, ssl.SSLError) if isinstance(error, httpx.ConnectError) else None


def place(url: str) -> str:
    """Return an address for a message, without password, path or query."""
    parsed = httpx.URL(url)
    return f"{parsed.scheme}://{parsed.netloc.decode('ascii', 'replace')}"


def _without_login(url: str) -> tuple[str, tuple[str, str] | None]:
    """Split a URL into one without credentials, and the credentials (for a header)."""
    parsed = httpx.URL(url)
    if not parsed.userinfo:
        return url, None
    scheme, _, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    bare = f"{scheme}://{place.rpartition('@')[2]}{slash}{path}"
    return bare, (parsed.username, parsed.password)


def _authorization(token: str | None, login: tuple[str, str] | None) -> dict[str, str]:
    if token is not None:
        return {"Authorization": f"Bearer {token}"}
    if login is None:
        return {}
    both = base64.b64encode(":".join(login).encode()).decode("ascii")
    return {"Authorization": f"Basic {both}"}


def _check_token(token: str) -> str:
    token = clean(token)
    if not (token.isascii() and token.isprintable()):
        raise BadParameter(_BAD_TOKEN)
    return token


def _behind(error: BaseException, kind: type[E]) -> E | None:
    """Return the first exception of a type among an error and its causes."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, kind):
        cause = cause.__cause__ or cause.__context__
    return cause


def _reason(error: Exception, secrets: Iterable[str]) -> Text | str:
    if isinstance(error, NoRoute):
        return error.text
    if _behind(error, socket.gaierror):
        return _NO_HOST
    words = redact(str(error).strip(), secrets)
    return words or type(error).__name__


def _unsendable(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):  # its own words quote the whole text
        return repr(error.object[max(0, error.start - 20) : error.end + 20])
    return str(error)[:200]


def _json(body: bytes, url: str) -> Any:
    try:
        return parse_json(body)
    except ValueError:
        words = plain_words(body) or "…"
        raise AnswerUnreadable(_NOT_JSON(place=place(url), words=words), detail=words) from None


def _pieces(
    data: bytes | None, on_progress: OnProgress | None
) -> bytes | AsyncIterator[bytes] | None:
    """Return a body as it is, or in pieces whose sending is reported."""
    if data is None or on_progress is None:
        return data

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(data), _PIECE):
            yield data[start : start + _PIECE]
            on_progress(min(start + _PIECE, len(data)), len(data))

    return pieces()

"""Transports that use proxies from the environment and know whether anything was sent."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx

from ..i18n import Text
from .proxy_selection import Proxy, UnusableVariable, is_loopback, proxy_for
from .trust import trust

_LIMITS: Final = httpx.Limits(max_connections=100, max_keepalive_connections=20)
_CONNECTING: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Departure:
    """Whether the first byte of a request may have been sent; see ``extensions["departure"]``.

    True until a transport of this module knows otherwise.
    """

    __slots__ = ("sent",)

    def __init__(self) -> None:
        self.sent = True


class NoRoute(httpx.ConnectError):
    """The destination cannot be reached, so nothing was sent.

    ``lasting``: a variable must be corrected first, so trying again does not help.
    """

    def __init__(self, text: Text, *, lasting: bool) -> None:
        super().__init__(str(text))
        self.text = text
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class _Way:
    """The route of a request: its proxy and trusted certificates."""

    proxy: Proxy | None
    trusted: ssl.SSLContext | None  # None = no TLS on the way

    def settings(self, limits: httpx.Limits) -> dict[str, Any]:
        proxy = self.proxy and httpx.Proxy(self.proxy.url, ssl_context=self._to_proxy())
        return {
            "verify": self.trusted or False,  # without TLS no certificates are read, 20 ms each
            "trust_env": False,
            "limits": limits,
            "proxy": proxy,
        }

    def _to_proxy(self) -> ssl.SSLContext | None:
        return self.trusted if self.proxy and self.proxy.url.startswith("https:") else None


def _way_to(url: httpx.URL) -> _Way:
    try:
        proxy = proxy_for(url)
        tls = "https" in (url.scheme, proxy and httpx.URL(proxy.url).scheme)
        return _Way(proxy, trust(loopback=is_loopback(url.host)) if tls else None)
    except UnusableVariable as error:
        raise NoRoute(error.text, lasting=True) from None


class _Attempt:
    """The progress of one request, as traced by httpcore."""

    def __init__(self, request: httpx.Request) -> None:
        self._peer = request.extensions.get("peer")
        self._refusal: Exception | None = None
        self.departure = request.extensions.get("departure") or Departure()
        self.departure.sent = False
        self._streams: list[Any] = []

    def goes(self, way: _Way) -> None:
        """Check the peer's address, but not behind a proxy, where only the proxy's is visible."""
        if way.proxy is not None:
            self._peer = None

    def note(self, event: str, facts: dict[str, Any]) -> None:
        """Record what was sent; a CONNECT to a proxy is not part of the request."""
        if event.endswith("connect_tcp.complete"):
            self._streams.append(facts["return_value"])
            self._look_at(facts["return_value"])
        if event.endswith("send_request_headers.started"):
            self.departure.sent |= facts["request"].method != b"CONNECT"

    def _look_at(self, stream: Any) -> None:
        try:
            if self._peer is not None:
                self._peer(stream.get_extra_info("server_addr")[0])
        except Exception as refusal:
            self._refusal = refusal
            raise

    def left_open(self) -> list[Any]:
        """Return connections to close if nothing was sent: httpcore leaks SOCKS ones."""
        return [] if self.departure.sent else self._streams

    @contextmanager
    def told_apart(self, way: _Way) -> Iterator[None]:
        """Turn failures before the first byte was sent into connection errors."""
        try:
            yield
        except Exception as error:
            if self.departure.sent or error is self._refusal:
                raise
            if way.proxy is not None and not _is_about_tls(error):
                named = {"place": way.proxy.place, "variable": way.proxy.variable}
                raise NoRoute(_THROUGH(**named, why=_why(error)), lasting=False) from error
            if isinstance(error, _CONNECTING):
                raise
            slow = isinstance(error, httpx.TimeoutException)
            raise (httpx.ConnectTimeout if slow else httpx.ConnectError)(_why(error)) from error


class AsyncTransport(httpx.AsyncBaseTransport):
    """A transport for ``httpx.AsyncClient`` that reads the environment at each request.

    ``extensions["peer"]`` is called with the address of a new connection before anything is sent;
    it can raise an error to refuse it. It is not called for a proxy.

    Raises:
        NoRoute: a variable is invalid, or the proxy refuses the request.
    """

    def __init__(self, limits: httpx.Limits = _LIMITS) -> None:
        self._limits = limits
        self._wires: dict[_Way, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it."""
        attempt = _Attempt(request)
        way = _way_to(request.url)
        attempt.goes(way)
        if way not in self._wires:
            self._wires[way] = httpx.AsyncHTTPTransport(**way.settings(self._limits))

        async def trace(event: str, facts: dict[str, Any]) -> None:
            attempt.note(event, facts)

        request.extensions["trace"] = trace
        try:
            with attempt.told_apart(way):
                return await self._wires[way].handle_async_request(request)
        except BaseException:
            for stream in attempt.left_open():
                await stream.aclose()
            raise

    async def aclose(self) -> None:
        """Close the connections."""
        for wire in self._wires.values():
            await wire.aclose()
        self._wires.clear()


class Transport(httpx.BaseTransport):
    """A transport for ``httpx.Client``."""

    def __init__(self, limits: httpx.Limits = _LIMITS) -> None:
        self._limits = limits
        self._wires: dict[_Way, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it."""
        attempt = _Attempt(request)
        way = _way_to(request.url)
        attempt.goes(way)
        if way not in self._wires:
            self._wires[way] = httpx.HTTPTransport(**way.settings(self._limits))
        request.extensions["trace"] = attempt.note
        try:
            with attempt.told_apart(way):
                return self._wires[way].handle_request(request)
        except BaseException:
            for stream in attempt.left_open():
                stream.close()
            raise

    def close(self) -> None:
        """Close the connections."""
        for wire in self._wires.values():
            wire.close()
        self._wires.clear()


def async_client(*, limits: httpx.Limits = _LIMITS, **settings: Any) -> httpx.AsyncClient:
    """Return an ``httpx.AsyncClient`` that follows the policy; ``settings`` are passed to it."""
    transport = settings.pop("transport", None) or AsyncTransport(limits)
    return httpx.AsyncClient(transport=transport, trust_env=False, **settings)


def client(**settings: Any) -> httpx.Client:
    """Return an ``httpx.Client`` that follows the policy; ``settings`` are passed to it."""
    return httpx.Client(transport=Transport(), trust_env=False, **settings)


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__


def _is_about_tls(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error is not None


_THROUGH = Text(
    "through the proxy {place}, which is set in {variable}: {why}",
    "经由 {variable} 指定的代理 {place}：{why}",
)

"""Connections through an HTTP or SOCKS5 proxy."""

from __future__ import annotations

import base64
import ssl
from typing import Final
from urllib.parse import unquote

import httpcore
import httpx
from socksio import ProtocolError, SOCKSError, socks5

from ...i18n import Text
from ...network import Proxy, UnusableVariable, is_loopback, trust
from ..refusals import Refusal

_PORTS: Final = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
_Auth = tuple[bytes, bytes]


async def tunnel(proxy: Proxy, host: str, port: int) -> httpcore.AsyncNetworkStream:
    """Open a tunnel to a host through a proxy.

    Raises:
        Refusal: the proxy cannot be reached or refuses; the message names its variable.
    """
    url = httpx.URL(proxy.url)
    try:
        if url.scheme in ("http", "https"):
            return await _connected(url, host, port)
        return await _by_socks(url, host, port)
    except _Refused as refused:
        why: object = refused
    except UnusableVariable as error:
        raise Refusal("url_failed", error.text) from None
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
        why = str(error) or type(error).__name__
    except (ProtocolError, SOCKSError):
        why = "SOCKS5"
    named = {"place": proxy.place, "variable": proxy.variable}
    raise Refusal("url_failed", _THROUGH(**named, why=why))


class _Refused(Exception):
    """The proxy refused, with its reason."""


async def _connected(url: httpx.URL, host: str, port: int) -> httpcore.AsyncNetworkStream:
    """Connect with CONNECT (RFC 9110 §9.3.6), even for plain http, to avoid DNS at the proxy."""
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    headers = [(b"Host", target.encode("ascii"))]
    if auth := _auth(url):
        headers.append((b"Proxy-Authorization", b"Basic " + base64.b64encode(b":".join(auth))))
    place = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=_port(url), target=target.encode("ascii")
    )
    pool = httpcore.AsyncConnectionPool(ssl_context=_trusted(url))
    answer = await pool.handle_async_request(httpcore.Request(b"CONNECT", place, headers=headers))
    if not 200 <= answer.status < 300:
        await pool.aclose()
        raise _Refused(f"HTTP {answer.status}")
    stream = answer.extensions["network_stream"]
    assert isinstance(stream, httpcore.AsyncNetworkStream)
    return stream


async def _by_socks(url: httpx.URL, host: str, port: int) -> httpcore.AsyncNetworkStream:
    """Connect with SOCKS5 (RFC 1928, 1929)."""
    stream = await httpcore.AnyIOBackend().connect_tcp(url.host, _port(url))
    try:
        await _negotiate(stream, _auth(url), host, port)
    except BaseException:
        await stream.aclose()
        raise
    return stream


async def _negotiate(
    stream: httpcore.AsyncNetworkStream, auth: _Auth | None, host: str, port: int
) -> None:
    talk = socks5.SOCKS5Connection()

    async def told() -> object:
        await stream.write(talk.data_to_send())
        data = await stream.read(4096)
        if not data:
            raise _Refused("SOCKS5")
        return talk.receive_data(data)

    methods = socks5.SOCKS5AuthMethod
    wanted = methods.NO_AUTH_REQUIRED if auth is None else methods.USERNAME_PASSWORD
    talk.send(socks5.SOCKS5AuthMethodsRequest([wanted]))
    chosen = await told()
    if not isinstance(chosen, socks5.SOCKS5AuthReply) or chosen.method != wanted:
        raise _Refused("SOCKS5")
    if auth is not None:
        talk.send(socks5.SOCKS5UsernamePasswordRequest(*auth))
        known = await told()
        if not (isinstance(known, socks5.SOCKS5UsernamePasswordReply) and known.success):
            raise _Refused("SOCKS5 407")
    command = socks5.SOCKS5Command.CONNECT
    talk.send(socks5.SOCKS5CommandRequest.from_address(command, (host, port)))
    reply = await told()
    if not isinstance(reply, socks5.SOCKS5Reply):
        raise _Refused("SOCKS5")
    if reply.reply_code is not socks5.SOCKS5ReplyCode.SUCCEEDED:
        raise _Refused(f"SOCKS5 {reply.reply_code.name}")


def _auth(url: httpx.URL) -> _Auth | None:
    if not url.userinfo:
        return None
    name, _, password = url.userinfo.partition(b":")
    return unquote(name.decode()).encode(), unquote(password.decode()).encode()


def _port(url: httpx.URL) -> int:
    return url.port or _PORTS[url.scheme]


def _trusted(url: httpx.URL) -> ssl.SSLContext | None:
    return trust(loopback=is_loopback(url.host)) if url.scheme == "https" else None


_THROUGH = Text(
    "The image could not be downloaded through the proxy {place}, which is set in "
    "{variable} ({why}). Upload the image instead.",
    "无法通过 {variable} 指定的代理 {place} 下载图片（{why}）。请直接上传图片。",
)

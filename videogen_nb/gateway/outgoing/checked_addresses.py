"""Connections for downloads, only to addresses that were checked.

A proxy also receives the checked address, never the name, which it would resolve again, possibly to
another address. Names that only the proxy can resolve are left to it if the gateway's owner allows
this.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final

import httpcore
import httpx

from ...i18n import Text
from ...network import Proxy, UnusableVariable, proxy_for
from ...security.public_addresses import Address, Network, is_inner_name, is_public, is_within
from ..refusals import Refusal
from .tunnel import tunnel

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections only to checked addresses.

    Args:
        resolve: resolves a name.
        allowed: allowed networks that are not public.
        by_proxy: whether a name that cannot be resolved here is left to the proxy.
    """

    def __init__(self, resolve: Resolve, allowed: tuple[Network, ...], *, by_proxy: bool) -> None:
        self._resolve = resolve
        self._allowed = allowed
        self._by_proxy = by_proxy
        self._inner = httpcore.AnyIOBackend()
        self._proxy: Proxy | None = None

    def head_for(self, url: httpx.URL) -> None:
        """Prepare the next connection, through the proxy from the environment, if any.

        Raises:
            Refusal: the environment is invalid.
        """
        try:
            self._proxy = proxy_for(url)
        except UnusableVariable as error:
            raise Refusal("url_failed", error.text) from None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 — the overridden method's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve once, check all addresses, and connect to one of them."""
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for place in await self._places(host, port):
            try:
                if self._proxy is not None:
                    return await tunnel(self._proxy, place, port)
                return await self._inner.connect_tcp(
                    place, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.AsyncNetworkStream:
        """Refuse: no URL refers to a socket file."""
        raise httpcore.UnsupportedProtocol("no socket files")

    async def sleep(self, seconds: float) -> None:
        """Sleep between retries, which are not used."""
        await asyncio.sleep(seconds)

    async def _places(self, host: str, port: int) -> list[str]:
        """Return allowed targets: addresses, or the name if the proxy resolves it."""
        try:
            return [str(address) for address in await self._checked(host, port)]
        except _NotFound:
            if self._proxy is None:
                raise Refusal("url_failed", _UNKNOWN(host=host)) from None
            named = {"host": host, "variable": self._proxy.variable}
            if not self._by_proxy:
                raise Refusal("url_failed", _UNKNOWN_HERE(**named)) from None
        if is_inner_name(host):
            raise Refusal("url_not_public", PRIVATE(host=host))
        return [host]

    async def _checked(self, host: str, port: int) -> list[Address]:
        addresses = [ipaddress.ip_address(found) for found in await self._answers(host, port)]
        for address in addresses:
            if not (is_public(address) or is_within(address, self._allowed)):
                raise Refusal("url_not_public", PRIVATE(host=host))
        return list(dict.fromkeys(addresses))

    async def _answers(self, host: str, port: int) -> Sequence[str]:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            pass
        else:
            return [host]
        try:
            return await self._resolve(host, port)
        except TimeoutError:
            if self._proxy is not None:
                raise _NotFound from None  # a network that only has a proxy may say nothing
            raise Refusal("url_timeout", _SILENT(host=host)) from None
        except (OSError, UnicodeError):
            raise _NotFound from None


class _NotFound(Exception):
    """The name cannot be resolved here."""


PRIVATE: Final = Text(
    "The image URL points to {host}, which has no public address. Download the image "
    "yourself and upload it. (Behind a fake-IP proxy, or for a network of your own, set "
    "VIDEOGEN_ALLOW_NETWORKS where the gateway runs.)",
    "图片链接指向 {host}，其地址不是公网地址。请自行下载图片后上传。"
    "（若使用 fake-IP 代理或自有内网，请在网关的环境中设置 VIDEOGEN_ALLOW_NETWORKS。）",
)
_UNKNOWN = Text(
    "The host {host} in the image URL was not found. Check the URL and the network.",
    "找不到图片链接中的主机 {host}，请检查链接与网络。",
)
_UNKNOWN_HERE = Text(
    "The host {host} in the image URL cannot be looked up where the gateway runs, so the "
    "gateway cannot tell whether its address is public. Download the image yourself and "
    "upload it. (If the proxy in {variable} refuses private addresses itself, add the word "
    "proxy to VIDEOGEN_ALLOW_NETWORKS where the gateway runs.)",
    "网关所在机器查不到图片链接中的主机 {host}，无法确认其地址是否为公网地址。"
    "请自行下载图片后上传。（若 {variable} 指定的代理本身会拒绝内网地址，"
    "可在网关的环境变量 VIDEOGEN_ALLOW_NETWORKS 中加入 proxy。）",
)
_SILENT = Text(
    "Looking up the host {host} in the image URL timed out. Check the URL and the network, or "
    "download the image yourself and upload it.",
    "未能查到图片链接中的主机 {host}：域名服务器没有响应。请检查链接与网络，或自行下载后上传。",
)

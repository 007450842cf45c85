"""Checking the addresses of results, which come from a provider and are not trusted.

A link to this machine or its local network is refused, unless the provider itself is there. The
address of the actual connection is checked, so a changed DNS response makes no difference.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from urllib.parse import unquote, urlsplit

from ..errors import UpstreamGone
from ..i18n import Text
from ..security.public_addresses import is_inner_name, is_odd_number, is_public


def check_path(path: str) -> None:
    """Refuse a path if a provider's task id makes it lead elsewhere.

    Raises:
        UpstreamGone: a segment is ``.`` or ``..``, or it contains ``#`` or a backslash.
    """
    if any(unquote(part) in (".", "..") for part in path.split("/")) or set("#\\") & set(path):
        raise UpstreamGone(_STRAY)


def check_peer(address: str) -> None:
    """Refuse a connection to the local network.

    Raises:
        UpstreamGone: the address is not public.
    """
    try:
        public = is_public(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        public = True  # a name: what it leads to is seen on the connection
    if not public or address.rstrip(".").lower() == "localhost":
        raise UpstreamGone(_INSIDE(address=address))


def check_host(host: str) -> None:
    """Refuse a host that is obviously local, since a proxy would resolve it itself.

    Raises:
        UpstreamGone: it is not public: a local address, even in disguise, or a local name.
    """
    check_peer(host)
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        if is_odd_number(host) or is_inner_name(host):
            raise UpstreamGone(_INSIDE(address=host)) from None


async def lives_inside(url: str) -> bool:
    """Return whether the host of a URL is on this machine or its network."""
    host = urlsplit(url).hostname or ""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        for address in found:
            check_peer(str(address[4][0]))
    except (OSError, UnicodeError):
        return False
    except UpstreamGone:
        return True
    return False


_STRAY = Text(
    "The provider's task id would lead to another address, so it is not used.",
    "服务商返回的任务 ID 会指向其他地址，因此不再查询。",
)
_INSIDE = Text(
    "The link to the video leads to {address}, inside this network, so it was not followed.",
    "视频链接指向内网地址 {address}，不予访问。",
)

"""Deciding which addresses are public, with our own table, independent of the Python version.

Source: the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890 and its updates),
and the address of one cloud's host services, which is not in them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NOT_PUBLIC_4: Final = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT; a cloud's metadata lives here too
        "127.0.0.0/8",
        "168.63.129.16/32",  # host services of a cloud
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, withdrawn
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks; what fake-IP proxies hand out
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_GLOBAL_6: Final = ipaddress.IPv6Network("2000::/3")  # all that has been given out
_NOT_PUBLIC_6: Final = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks …
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: any IPv4 address inside
        "3fff::/20",  # documentation
    )
)
#: Endings of names that mean a place inside wherever they are looked up.
_INNER: Final = (".internal", ".intranet", ".lan", ".local", ".home.arpa", ".corp", ".home")
_MAPPED: Final = ipaddress.IPv6Network("::ffff:0:0/96")
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Return whether an address is on the public internet."""
    address = carried(address)
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    inside = any(address in network for network in _NOT_PUBLIC_6)
    return address in _GLOBAL_6 and not inside


def is_public_host(host: str) -> bool:
    """Return whether the host of a URL may be public: a public address, or a plain name."""
    host = host.strip("[]").rstrip(".").partition("%")[0].lower()
    try:
        return is_public(ipaddress.ip_address(host))
    except ValueError:
        return host != "localhost" and not host.endswith(".localhost")


def is_inner_name(host: str) -> bool:
    """Return whether a name is always local, no matter who resolves it."""
    name = host.rstrip(".").lower()
    return "." not in name or name.endswith((*_INNER, ".localhost"))


def is_odd_number(host: str) -> bool:
    """Return whether a host ends in a number (as in WHATWG URL) but is not plain IPv4."""
    last = host.rstrip(".").rpartition(".")[2]
    if ":" in host or not re.fullmatch(r"[0-9]+|0[xX][0-9A-Fa-f]*", last):
        return False
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return True
    return False


def is_within(address: Address, networks: Iterable[Network]) -> bool:
    """Return whether an address, or the IPv4 address inside it, is in one of the networks."""
    inner = carried(address)
    return any(address in network or inner in network for network in networks)


def carried(address: Address) -> Address:
    """Return the IPv4 address inside an IPv4-mapped or NAT64 one; others unchanged.

    Networks without IPv4 reach it through NAT64 (RFC 6052), so such an address may be public.
    """
    if isinstance(address, ipaddress.IPv6Address) and (address in _MAPPED or address in _NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def read_networks(setting: str) -> tuple[Network, ...]:
    """Return the networks in a comma-separated setting. Raises ValueError for invalid ones."""
    return tuple(ipaddress.ip_network(word.strip()) for word in setting.split(",") if word.strip())

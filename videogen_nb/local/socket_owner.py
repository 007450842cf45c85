"""Finding out which user owns a TCP socket on this machine (Linux only).

Every user of a machine can reach its loopback addresses. ``/proc/net/tcp`` and ``tcp6`` list each
socket with the user who opened it (Linux, ``Documentation/networking/proc_net_tcp.rst``).
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

Endpoint = tuple[str, int]
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_TABLES: Final = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_READS: Final = 3  # a row may be passed over while others come and go
_LISTENS: Final = "0A"
_NOBODYS: Final = "0"  # the inode of a socket that its program has closed


@cache
def can_tell() -> bool:
    """Return whether the system reveals the owner of a socket; checked once with our own."""
    try:
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            socket.create_connection(listener.getsockname(), timeout=1) as near,
        ):
            return connection_owner(near.getsockname(), listener.getsockname()) == os.geteuid()
    except (OSError, AttributeError):  # no /proc; no user ids, on Windows
        return False


def connection_owner(client: Endpoint, server: Endpoint) -> int | None:
    """Return the user id of a connection's client.

    None if unknown: on other systems, for a client on another machine, or after the client has
    closed it.
    """
    wanted = (_address(client[0]), client[1], _address(server[0]), server[1])
    for _ in range(_READS):
        for near, far, _, uid, inode in _rows(f":{client[1]:04X} ", f":{server[1]:04X} "):
            if (*_endpoint(near), *_endpoint(far)) == wanted:
                return None if inode == _NOBODYS else int(uid)
    return None


def listener_owner(port: int) -> int | None:
    """Return the id of the user who listens on a port of this machine; None if unknown."""
    for near, _, state, uid, _ in _rows(f":{port:04X} "):
        if state == _LISTENS and _endpoint(near)[1] == port:
            return int(uid)
    return None


def is_ours(port: int) -> bool:
    """Return whether a program of the current user certainly listens on a port."""
    owner = listener_owner(port)
    return owner is not None and owner == os.geteuid()


def _rows(*ports: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield addresses, state, user and inode of each socket with these ports."""
    for table in _TABLES:
        try:
            lines = table.read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            if all(port in line for port in ports):
                words = line.split()
                yield words[1], words[2], words[3], words[7], words[9]


def _endpoint(words: str) -> tuple[_Address, int]:
    """Parse ``0100007F:1F90`` (127.0.0.1, 8000): four-byte groups in native byte order."""
    digits, _, port = words.partition(":")
    raw = bytes.fromhex(digits)
    if sys.byteorder == "little":
        raw = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
    return _address(raw), int(port, 16)


def _address(given: str | bytes) -> _Address:
    """Return an address; an IPv4-mapped IPv6 address becomes IPv4."""
    address = ipaddress.ip_address(given.partition("%")[0] if isinstance(given, str) else given)
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return inner or address

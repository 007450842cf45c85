"""Proxies on loopback that lead every host to one port, or misbehave; they note what was asked."""

from __future__ import annotations

import contextlib
import ipaddress
import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import trustme


@dataclass
class Proxy:
    """A running one. ``asked`` are the targets, as ``host:port``."""

    address: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def proxy(kind: str, port: int = 0) -> Iterator[Proxy]:
    """One that speaks ``http`` or ``socks5``, or is ``mute``, ``rude`` or ``garbled``.

    Args:
        port: on loopback, where all that is asked of it leads.
    """
    running = Proxy()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with (
                contextlib.suppress(OSError),  # whom it serves may go at any time
                socket.create_connection(("127.0.0.1", port)) if port else socket.socket() as out,
            ):
                _SERVE[kind](self.request, out, running)

    with _running(Handler) as found:
        running.address = f"127.0.0.1:{found}"
        yield running


@contextmanager
def speaking_tls(certificate: trustme.LeafCert, port: int) -> Iterator[int]:
    """A port that speaks TLS and leads to one that does not."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", port)) as out,
                context.wrap_socket(self.request, server_side=True) as inner,
            ):
                _pass_on(inner, out)

    with _running(Handler) as found:
        yield found


@contextmanager
def _running(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def _http(client: Any, out: socket.socket, running: Proxy) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(65536)
    method, target, _ = head.split(b" ", 2)
    running.asked.append(target.decode())
    if method == b"CONNECT":
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        _pass_on(client, out)
        return
    place = target[: target.index(b"/", len(b"http://"))]
    out.sendall(head.replace(b" " + place, b" ", 1))
    _pass_on(client, out, b" " + place)


def _socks5(client: Any, out: socket.socket, running: Proxy) -> None:
    client.recv(262)
    client.sendall(b"\x05\x00")
    asked = client.recv(262)
    if asked[3] == 3:  # a name
        host, port = asked[5 : 5 + asked[4]].decode(), asked[5 + asked[4] :]
    else:
        host, port = str(ipaddress.ip_address(asked[4:-2])), asked[-2:]
    running.asked.append(f"{host}:{int.from_bytes(port)}")
    client.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50")
    _pass_on(client, out)


def _mute(client: Any, out: socket.socket, running: Proxy) -> None:
    running.asked.append("?")
    client.settimeout(20)
    while client.recv(65536):
        pass


def _rude(client: Any, out: socket.socket, running: Proxy) -> None:
    running.asked.append("?")
    client.recv(65536)
    client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")


def _garbled(client: Any, out: socket.socket, running: Proxy) -> None:
    running.asked.append("?")
    client.recv(65536)
    client.sendall(b"\x00\xff what?\r\n\r\n")


def _pass_on(one: Any, other: socket.socket, place: bytes = b"") -> None:
    ways = {one: other, other: one}
    while True:
        for ready in select.select(list(ways), [], [], 20)[0] or [one]:
            data = ready.recv(65536)
            if not data:
                return
            ways[ready].sendall(data.replace(place, b" ") if place else data)


_SERVE = {"http": _http, "socks5": _socks5, "mute": _mute, "rude": _rude, "garbled": _garbled}

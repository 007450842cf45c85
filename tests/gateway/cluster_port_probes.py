"""What the ports of a cluster say to those who have no certificate, or another's.

``python -m tests.gateway.cluster_port_probes HOST OWN OTHER PORT…`` prints it as JSON.
"""

from __future__ import annotations

import json
import socket
import ssl
import sys
from pathlib import Path
from typing import Final

import psutil

PATIENCE_S: Final = 250.0

#: Whether a port answers to plain text, to TLS without a certificate, to one of another authority,
#: and to one of its own.
ONLY_WITH_ONES_OWN: Final = [False, False, False, True]


def listening(pid: int) -> set[int]:
    """The ports that a process listens on."""
    connections = psutil.Process(pid).net_connections("inet")
    return {c.laddr.port for c in connections if c.status == psutil.CONN_LISTEN}


def answers(host: str, port: int, own: Path, other: Path) -> list[bool]:
    """Whether a port says anything, as in :data:`ONLY_WITH_ONES_OWN`."""
    ca = own / "ca.pem"
    ways = (None, _tls(ca, None), _tls(ca, other), _tls(ca, own))
    return [_answered(host, port, way) != b"" for way in ways]


def _tls(ca: Path, folder: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca))
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # as Python 3.13 and newer do by themselves
    if folder is not None:
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def _answered(host: str, port: int, context: ssl.SSLContext | None) -> bytes:
    """The first bytes that a server says to somebody who says nothing but who they are."""
    with socket.create_connection((host, port), timeout=PATIENCE_S) as plain:
        try:
            if context is None:
                plain.sendall(b"GET / HTTP/1.1\r\n\r\n" + bytes(1000))
                return plain.recv(1)
            with context.wrap_socket(plain) as encrypted:
                return encrypted.recv(1)
        except (ssl.SSLError, ConnectionError):
            return b""


if __name__ == "__main__":
    host, own, other, *ports = sys.argv[1:]
    told = {port: answers(host, int(port), Path(own), Path(other)) for port in ports}
    print(json.dumps(told))

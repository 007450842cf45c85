"""HTTP clients that respect proxies and certificates from the environment.

This machine (loopback) is always reached directly. For other machines, ``http_proxy``,
``https_proxy``, ``all_proxy`` and ``no_proxy`` select the proxy, ``SSL_CERT_FILE`` and
``SSL_CERT_DIR`` the trusted certificates. They are read at each request.
"""

from __future__ import annotations

from .diagnosis import Report, report
from .proxy_selection import Proxy, UnusableVariable, is_loopback, path_at, proxy_for
from .proxy_transport import AsyncTransport, Departure, NoRoute, Transport, async_client, client
from .third_party_clients import client_of
from .trust import trust

__all__ = [
    "AsyncTransport",
    "Departure",
    "NoRoute",
    "Proxy",
    "Report",
    "Transport",
    "UnusableVariable",
    "async_client",
    "client",
    "client_of",
    "is_loopback",
    "path_at",
    "proxy_for",
    "report",
    "trust",
]

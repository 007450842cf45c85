"""HTTP as the environment asks for it: one policy for every client that is made here.

This machine (loopback) is always asked directly. Elsewhere ``http_proxy``, ``https_proxy``,
``all_proxy`` and ``no_proxy`` decide about the way, ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` about
trust. They are read at each request.
"""

from __future__ import annotations

from .bridge import client_of
from .diagnosis import Report, report
from .environment import Proxy, UnusableVariable, is_loopback, path_at, proxy_for
from .transports import (
    AsyncTransport,
    Departure,
    NoRoute,
    Transport,
    async_client,
    client,
)
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

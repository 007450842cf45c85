"""Guarded connection pools for requests to untrusted URLs."""

from __future__ import annotations

import ssl
from functools import partial

import httpcore
import httpx

from ...errors import BadParameter
from ...i18n import Text
from ...network import UnusableVariable, trust
from ...security.public_addresses import Network, read_networks
from ..refusals import Refusal
from .checked_addresses import GuardedBackend
from .resolver import Lookup, Resolver, system_lookup

_PROXY = "proxy"


class Guarded:
    """Creates guarded connections, to public addresses and to ``allow_networks``.

    With the word ``proxy`` among them, names that cannot be resolved here are left to the proxy.

    Raises:
        BadParameter: ``allow_networks`` is invalid (when created).
    """

    def __init__(self, allow_networks: str = "", *, lookup: Lookup = system_lookup) -> None:
        try:
            self._allowed, self._by_proxy = _allowed(allow_networks)
        except ValueError as error:
            raise BadParameter(_NETWORKS(why=error)) from None
        self._resolver = Resolver(lookup)

    def pool(self, owner: str) -> tuple[httpcore.AsyncConnectionPool, GuardedBackend]:
        """Return a pool for one person's requests, and its guard, which needs each target.

        Raises:
            Refusal: the certificates from the environment cannot be used.
        """
        resolve = partial(self._resolver.resolve, owner)
        backend = GuardedBackend(resolve, self._allowed, by_proxy=self._by_proxy)
        pool = httpcore.AsyncConnectionPool(ssl_context=_trusted(), network_backend=backend)
        return pool, backend


def httpcore_url(url: httpx.URL) -> httpcore.URL:
    """Return the URL as an object of httpcore."""
    return httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )


def _allowed(setting: str) -> tuple[tuple[Network, ...], bool]:
    words = [word.strip() for word in setting.split(",")]
    networks = ",".join(word for word in words if word.lower() != _PROXY)
    return read_networks(networks), _PROXY in map(str.lower, words)


def _trusted() -> ssl.SSLContext:
    try:
        return trust()
    except UnusableVariable as error:
        raise Refusal("url_failed", error.text) from None


_NETWORKS = Text(
    "Invalid VIDEOGEN_ALLOW_NETWORKS: {why}. Use networks such as 198.18.0.0/15, or proxy.",
    "VIDEOGEN_ALLOW_NETWORKS 应为网段列表，例如 198.18.0.0/15，或 proxy：{why}。",
)

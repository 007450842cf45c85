"""Selecting the proxy for a request from ``*_proxy`` and ``no_proxy``, as curl does."""

from __future__ import annotations

import ipaddress
import os
import re
import urllib.request
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final
from urllib.parse import urlsplit

import httpx

from ..i18n import Text
from ..security.redaction import url_words

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

SCHEMES: Final = ("http", "https", "all")
_KINDS: Final = ("http", "https", "socks5", "socks5h")
_SYSTEM: Final = "system"  # macOS and Windows have settings of their own for this
_LONGEST: Final = 80


class UnusableVariable(ValueError):
    """A variable has an invalid value; ``text`` says which and what to do."""

    def __init__(self, variable: str, text: Text) -> None:
        super().__init__(variable)
        self.variable = variable
        self.text = text

    def __str__(self) -> str:
        return self.text.render()


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy and its variable. The URL may contain a password."""

    url: str
    variable: str

    @property
    def place(self) -> str:
        """The address for messages, without user name and password."""
        parsed = httpx.URL(self.url)
        return f"{parsed.scheme}://{parsed.netloc.decode('ascii', 'replace')}"

    def __repr__(self) -> str:
        return f"Proxy({self.place!r}, {self.variable!r})"


def proxy_for(url: httpx.URL) -> Proxy | None:
    """Return the proxy for requests to ``url``; None = direct.

    Raises:
        UnusableVariable: a relevant variable is invalid.
    """
    if is_loopback(url.host):
        return None
    named = named_proxy(url.scheme) or named_proxy("all")
    if named is None or _is_excepted(url):
        return None
    return named


def named_proxy(scheme: str) -> Proxy | None:
    """Return the proxy for a scheme from a ``*_proxy`` variable or the system's settings.

    Raises:
        UnusableVariable: it is not a usable proxy.
    """
    found = variable(scheme) or _of_the_system(scheme)
    if found is None or not found[1]:
        return None
    name, value = found
    full = value if "://" in value else f"http://{value}"
    kind, _, rest = full.partition("://")
    kind = {"socks": "socks5"}.get(kind.lower(), kind.lower())
    if kind not in _KINDS:
        raise _unusable(_PROXY(variable=name, value=_shown(value), why=_KIND(kind=kind[:20])))
    try:
        parsed = httpx.URL(f"{kind}://{rest}")
        good = bool(parsed.host and re.fullmatch(r"[^\s\x00-\x20\x7f]+", value))
        good = good and (parsed.port is None or 1 <= parsed.port <= 65535)
    except (httpx.InvalidURL, ValueError):
        good = False
    if not good:
        raise _unusable(_PROXY(variable=name, value=_shown(value), why=_NO_ADDRESS))
    return Proxy(str(parsed), name)


def variable(scheme: str) -> tuple[str, str] | None:
    """Return the name and value of a ``*_proxy`` variable; the lower-case one takes precedence.

    An empty lower-case one disables the other. In a CGI program, ``HTTP_PROXY`` is not a setting
    but a request header.
    """
    lower = f"{scheme}_proxy"
    names = sorted((n for n in os.environ if n.lower() == lower), key=lambda n: n != lower)
    if scheme == "http" and "REQUEST_METHOD" in os.environ:
        names = [n for n in names if n == lower]
    return (names[0], os.environ[names[0]].strip()) if names else None


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine, judging only by its name or address."""
    name = host.lower().strip("[]").rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(name)
    return address is not None and (address.is_loopback or address.is_unspecified)


def path_at(url: str, base: str) -> str | None:
    """Return a URL's path under ``base``, whatever name of this machine it uses, or None."""
    try:
        asked, own = urlsplit(url), urlsplit(base)
        host, same_port = asked.hostname or "", asked.port == own.port
    except ValueError:  # no address at all, or a port that is none
        return None
    here = same_port and (host == own.hostname or is_loopback(host))
    below = here and not asked.username and asked.path.startswith(own.path)
    return asked.path.removeprefix(own.path) if below else None


def check_exceptions() -> None:
    """Validate ``no_proxy``.

    Raises:
        UnusableVariable: an entry is not a host, address or network.
    """
    _is_excepted(httpx.URL("http://[100::]"))


def _is_excepted(url: httpx.URL) -> bool:
    """Return whether ``no_proxy`` or the system's settings exclude a URL."""
    found = variable("no")
    if found is None:
        hosts_by_system = not any(variable(scheme) for scheme in SCHEMES)
        return hosts_by_system and bool(urllib.request.proxy_bypass(url.host))
    hosts = {url.host.lower().rstrip("."), url.raw_host.decode("ascii", "replace").rstrip(".")}
    port = url.port or {"http": 80, "https": 443}.get(url.scheme)
    entries = [entry for entry in re.split(r"[\s,;]+", found[1]) if entry]
    return any([_fits(entry.lower(), hosts, port, found[0]) for entry in entries])  # noqa: C419 — all are read, so that a mistake is told whatever comes first


def _fits(entry: str, hosts: set[str], port: int | None, name: str) -> bool:
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", entry).rstrip("/")
    addresses = {address for host in hosts if (address := _address(host))}
    if "/" in bare:
        try:
            network = ipaddress.ip_network(bare.replace("[", "").replace("]", ""), strict=False)
        except ValueError:
            raise _unusable(_NETWORK(variable=name, entry=entry[:_LONGEST])) from None
        return any(address in network for address in addresses)
    if bare.count(":") > 1 and not bare.startswith("["):
        host, told = bare, ""
    else:
        split = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?", bare)
        if split is None:
            raise _unusable(_NETWORK(variable=name, entry=entry[:_LONGEST]))
        host, told = split[1].strip("[]"), split[2] or ""
    if told and int(told) != port:
        return False
    if address := _address(host):
        return address in addresses
    if ":" in host:
        raise _unusable(_NETWORK(variable=name, entry=entry[:_LONGEST]))
    if "*" in host:
        return any(fnmatchcase(one, host) or f"*.{one}" == host for one in hosts)
    domain = host.strip(".")
    return any(one == domain or one.endswith(f".{domain}") for one in hosts) if domain else False


def _address(host: str) -> Address | None:
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def _of_the_system(scheme: str) -> tuple[str, str] | None:
    """Return a proxy from the system's settings (macOS and Windows only)."""
    if any(variable(known) for known in SCHEMES):
        return None
    value = urllib.request.getproxies().get(scheme)
    return (_SYSTEM, value.strip()) if value else None


def _unusable(text: Text) -> UnusableVariable:
    return UnusableVariable(str(text.values["variable"]), text)


def _shown(value: str) -> str:
    return url_words(value)[:_LONGEST]


_PROXY = Text(
    "{variable} is {value!r}, which cannot be used as a proxy ({why}). Set it to an "
    "address such as http://127.0.0.1:7890 or socks5://127.0.0.1:7890, or unset it.",
    "{variable} 的值 {value!r} 不是可用的代理（{why}）。请改为 http://127.0.0.1:7890 或 "
    "socks5://127.0.0.1:7890 这样的地址，或取消设置。",
)
_KIND = Text(
    "{kind}:// is not one of http, https, socks5, socks5h",
    "不支持 {kind}://，可用 http、https、socks5、socks5h",
)
_NO_ADDRESS = Text("it is not an address", "它不是有效的地址")
_NETWORK = Text(
    "{variable} contains {entry!r}, which is not a host, address or network such as "
    "example.com, 10.0.0.0/8 or fd00::/8. Correct or remove it.",
    "{variable} 中的 {entry!r} 不是主机名、地址或网段（如 example.com、10.0.0.0/8、fd00::/8），"
    "请修正或删除。",
)

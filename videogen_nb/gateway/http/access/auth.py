"""Access checks: host name, web origin, token.

All of them run before the handlers and before any body is read. The host name check stops DNS
rebinding, where a foreign page reaches a local server under its own name; the origin check stops
foreign pages that send requests without being able to read the response.
"""

from __future__ import annotations

import ipaddress
import re
from contextvars import ContextVar
from dataclasses import replace
from functools import lru_cache
from typing import Final, Protocol
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ....i18n import current_language, from_accept_language
from ....people.lookup import People
from ....people.person import Person
from ....settings import Settings
from ...refusals import Refusal
from ...requester import LOOPBACK
from ..errors import respond

_SOME_ORIGIN: Final = "https://lab.example"  # named where a browser does not say which it was
PERSON: Final = "videogen.person"  # in a scope: who asks
UNSPECIFIED: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 — compared with, not bound to

#: What needs no token and may be shown inside other pages: GET only, no names to be guessed.
_SHOWN: Final = re.compile(r"/api/video-gen/videos/[^/]+|/samples/[^/]+")
#: Pages for people. They tell nothing of this gateway, and a link from anywhere may open them.
_PAGES: Final = frozenset({"/", "/docs", "/engines"})
OPEN: Final = re.compile(
    rf"{_SHOWN.pattern}|/|/healthz|/livez|/readyz|/docs|/engines|/openapi\.json"
)

#: For the log: the name of the person whose request is being answered.
asking: ContextVar[str] = ContextVar("asking", default="")


def language_of(headers: Headers) -> str:
    """Return the language of a request, or the gateway's own by default."""
    wanted = headers.get("accept-language")
    return _read_language(wanted) if wanted else current_language()


class Guard:
    """Refuses host names and web origins that are not this gateway's (403)."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._hosts = LOOPBACK | names(settings.allowed_hosts) | ({settings.host} - UNSPECIFIED)
        self._origins = names(settings.allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it (ASGI)."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})  # there are none here
            return
        try:
            self._check(Request(scope))
        except Refusal as refusal:
            language = language_of(Headers(scope=scope))
            await respond(refusal, language, scope["path"])(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _check(self, request: Request) -> None:
        hosts = request.headers.getlist("host")
        host = hosts[0] if len(hosts) == 1 else ""
        if not self._answers_to(host_name(host), request):
            raise Refusal("host_not_allowed", host=host[:100])
        origin = request.headers.get("origin")
        if origin is None and _from_another_site(request):
            raise Refusal("origin_not_allowed", origin=_SOME_ORIGIN)
        if origin is not None and not self._allows(origin, host):
            raise Refusal("origin_not_allowed", origin=origin[:100])

    def _allows(self, origin: str, host: str) -> bool:
        return origin.lower() in self._origins or _same_origin(origin, host)

    def _answers_to(self, name: str, request: Request) -> bool:
        if name in self._hosts:
            return True
        server = (request.scope.get("server") or ("",))[0]
        # An address cannot be rebound, so the one that was connected to is a name of ours.
        return name == server and _is_address(name)


class Known(Protocol):
    """Another source of tokens: a hub."""

    async def of_token(self, token: str, /) -> Person | None:
        """Return the token's person, or None. Raises Refusal."""


class TokenGate:
    """Requires a bearer token (401), and records its person."""

    def __init__(self, app: ASGIApp, people: People, hub: Known | None = None) -> None:
        self._app = app
        self._people = people
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it (ASGI)."""
        if scope["type"] == "http" and not OPEN.fullmatch(scope["path"]):
            headers = Headers(scope=scope)
            try:
                scope[PERSON] = await self._person(headers)
            except Refusal as refusal:
                await respond(refusal, language_of(headers), scope["path"])(scope, receive, send)
                return
            asking.set(scope[PERSON].name)
        await self._app(scope, receive, send)

    async def _person(self, headers: Headers) -> Person:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        token = given.strip()
        if token and scheme.lower() == "bearer":
            person = self._people.of_token(token)
            if person is None and self._hub is not None:
                told = await self._hub.of_token(token)
                # Their limits, where the file of people names them, hold all the same.
                person = told and replace(
                    self._people.named(told.name), role=told.role, revoked=False
                )
            if person is not None:
                return person
        raise Refusal("token_required")


def names(setting: str) -> frozenset[str]:
    """Return the names in a comma-separated setting, in lower case."""
    return frozenset(
        word.strip().rstrip("/").lower() for word in setting.split(",") if word.strip()
    )


def host_name(host: str) -> str:
    """Return the name in a Host header, without port, brackets and final dot, or ""."""
    match = re.fullmatch(
        r"\[([0-9A-Fa-f:.]+)\](?::\d{1,5})?|([^\s:/@\[\]]+?)\.?(?::\d{1,5})?", host
    )
    return (match[1] or match[2]).lower() if match else ""


def _same_origin(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower() != ""


def _from_another_site(request: Request) -> bool:
    if request.headers.get("sec-fetch-site") not in ("cross-site", "same-site"):
        return False
    # A video may be shown in a notebook, which is another origin, and a link may open a page.
    shown = _SHOWN.fullmatch(request.url.path) or _follows_a_link(request)
    return request.method not in ("GET", "HEAD") or not shown


def _follows_a_link(request: Request) -> bool:
    """Return whether it opens one of our pages in a window, which its opener cannot read."""
    sent = request.headers
    opens = (sent.get("sec-fetch-mode"), sent.get("sec-fetch-dest")) == ("navigate", "document")
    return opens and request.url.path in _PAGES


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


#: Askers send the same few headers again and again.
_read_language = lru_cache(256)(from_accept_language)

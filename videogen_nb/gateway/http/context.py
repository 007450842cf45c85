"""The context of a request: the gateway, and the sender."""

from __future__ import annotations

from fastapi import Request

from ...people.person import Person
from ..requester import Requester
from ..service.gateway import Gateway
from .access.auth import PERSON, language_of
from .prefix import PREFIX


def gateway_of(request: Request) -> Gateway:
    """Return the gateway of this app."""
    gateway: Gateway = request.app.state.gateway
    return gateway


def person_of(request: Request) -> Person:
    """Return the person recorded by the access check; there is no default."""
    person: Person = request.scope[PERSON]
    return person


def owner_of(request: Request) -> str:
    """Return the owner name of a person's tasks and images."""
    return person_of(request).name


def requester_of(request: Request) -> Requester:
    """Return the sender of a request."""
    return Requester(
        person=person_of(request),
        language=language_of(request.headers),
        says_language="accept-language" in request.headers,
        base=f"{_scheme(request)}://{request.headers['host']}{request.scope.get(PREFIX, '')}",
    )


def _scheme(request: Request) -> str:
    """Return the scheme from a TLS proxy; only links in the sender's responses depend on it."""
    told = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    return told if told in ("http", "https") else str(request.scope["scheme"])

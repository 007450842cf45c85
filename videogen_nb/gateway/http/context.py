"""What a request comes with: the gateway behind it, and who asks."""

from __future__ import annotations

from fastapi import Request

from ...people.person import Person
from ..asker import Asker
from ..service.gateway import Gateway
from .auth import PERSON, language_of
from .prefix import PREFIX


def gateway_of(request: Request) -> Gateway:
    """Return the gateway behind this app."""
    gateway: Gateway = request.app.state.gateway
    return gateway


def person_of(request: Request) -> Person:
    """Whose request it is, as those noted who let it in: there is nobody to fall back on."""
    person: Person = request.scope[PERSON]
    return person


def owner_of(request: Request) -> str:
    """The name by which a person's tasks and images are kept."""
    return person_of(request).name


def asker_of(request: Request) -> Asker:
    """Who asks."""
    return Asker(
        person=person_of(request),
        language=language_of(request.headers),
        says_language="accept-language" in request.headers,
        base=f"{_scheme(request)}://{request.headers['host']}{request.scope.get(PREFIX, '')}",
    )


def _scheme(request: Request) -> str:
    """What the asker said, where a TLS proxy tells; only the asker's own links depend on it."""
    told = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    return told if told in ("http", "https") else str(request.scope["scheme"])

"""Without a token, a gateway serves only the user who runs it.

Every user of a machine can reach its loopback addresses, and a request may use the owner's API key.
"""

from __future__ import annotations

import os
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ....engines.registry import Registry
from ....engines.remote import RemoteEngine
from ....errors import EngineError, LocalGatewayError
from ....i18n import Text
from ....local.socket_owner import Endpoint, can_tell, connection_owner
from ....people.person import OWNER
from ...refusals import Refusal
from ...threads import in_thread
from ..errors import respond
from .auth import OPEN, PERSON, language_of

PEER: Final = "videogen.peer"  # in the ``state`` of a scope
_ROOT: Final = 0  # may become anybody


class Peer:
    """The other end of a connection; its user is looked up once."""

    def __init__(self, client: Endpoint, server: Endpoint) -> None:
        self._ends = (client, server)
        self._asked = False
        self._uid: int | None = None

    async def uid(self) -> int | None:
        """Return the user id of the other end; None if unknown."""
        if not self._asked:
            self._uid = await in_thread(connection_owner, *self._ends)
            self._asked = True
        return self._uid


class LocalUsers:
    """Refuses other users of this machine (403).

    If the system does not reveal the user, everyone is refused as soon as an engine has a key.

    A request without a socket, as in tests, has no peer and is accepted.
    """

    def __init__(self, app: ASGIApp, registry: Registry) -> None:
        self._app = app
        self._registry = registry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it (ASGI)."""
        peer = scope.get("state", {}).get(PEER)
        if scope["type"] == "http" and peer is not None and not OPEN.fullmatch(scope["path"]):
            refusal = await self._objection(peer)
            if refusal is not None:
                language = language_of(Headers(scope=scope))
                await respond(refusal, language, scope["path"])(scope, receive, send)
                return
        scope[PERSON] = OWNER
        await self._app(scope, receive, send)

    async def _objection(self, peer: Peer) -> Refusal | None:
        if not can_tell():
            return Refusal("token_needed") if has_key(self._registry) else None
        known = await peer.uid() in (os.geteuid(), _ROOT)
        return None if known else Refusal("other_user")


def check_token_needed(registry: Registry) -> None:
    """Raise LocalGatewayError if anyone on this machine could use a key without a token."""
    if not can_tell() and has_key(registry):
        raise LocalGatewayError(_TOKEN_NEEDED, code="token_needed")


def has_key(registry: Registry) -> bool:
    """Return whether any engine has a key."""
    return any(
        isinstance(engine, RemoteEngine) and _key(engine) for engine in registry.engines.values()
    )


def _key(engine: RemoteEngine) -> bool:
    try:
        return engine.key() is not None
    except EngineError:
        return False  # there is one, and it is not used: others can read it


_TOKEN_NEEDED = Text(
    "An engine has a key, and this system cannot tell which user a request comes from: "
    "anybody on this machine could use the key. Pass --token or set VIDEOGEN_TOKEN.",
    "有引擎配置了密钥，而本系统无法识别请求来自哪个用户：本机上的任何人都可能使用该密钥。"
    "请加上 --token 或设置 VIDEOGEN_TOKEN。",
)

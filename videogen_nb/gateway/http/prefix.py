"""Support for a proxy that serves the gateway under a path prefix."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from ...errors import BadParameter
from ...i18n import Text

PREFIX: Final = "videogen.prefix"  # in a scope: not `root_path`, which routes take off once more


class Prefix:
    """Removes a prefix from a request's path, and records it for links in responses.

    Requests without it, from programs on this machine, are accepted, too.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on without the prefix (ASGI)."""
        path = scope.get("path", "")
        if self._prefix and f"{path}/".startswith(f"{self._prefix}/"):
            raw: bytes = scope.get("raw_path") or path.encode()
            scope = {
                **scope,
                PREFIX: self._prefix,
                "path": path[len(self._prefix) :] or "/",
                "raw_path": raw[len(self._prefix) :] or b"/",
            }
        await self._app(scope, receive, send)


def check_prefix(prefix: str) -> str:
    """Return a prefix without a trailing slash; "" = none.

    Raises:
        BadParameter: it does not begin with a slash, or contains characters that need quoting.
    """
    plain = prefix.rstrip("/")
    if plain and not (plain.startswith("/") and _PLAIN.issuperset(plain)):
        raise BadParameter(_BAD(prefix=prefix[:100]), code="bad_prefix")
    return plain


_PLAIN: Final = frozenset("/-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_BAD: Final = Text(
    "Invalid prefix {prefix!r}: use a path such as /services/videogen.",
    "前缀 {prefix!r} 无效，请使用类似 /services/videogen 的路径。",
)

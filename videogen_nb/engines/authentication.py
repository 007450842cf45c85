"""How a key is sent to a provider: in a header, in the query, or as a signed token."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ..errors import EngineError
from ..i18n import Text

_VALID_S: Final = 1800  # of a signed token …
_SLACK_S: Final = 5  # … from a little before, since clocks differ


@dataclass(frozen=True, slots=True)
class Credential:
    """The credentials for one request; ``secrets`` must never be shown."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Scheme:
    """How to send a key.

    ``value`` is the value of ``header``; ``query`` names a query parameter to use instead. With
    ``signed``, the key is ``ACCESS:SECRET``, and a JSON Web Token (HS256) is sent.
    """

    header: str = "Authorization"
    value: str = "Bearer {key}"
    query: str | None = None
    signed: bool = False

    def credential(self, key: str | None, now: float | None = None) -> Credential:
        """Return the credentials for a request; none without a key.

        Raises:
            EngineError: the key cannot be used for signing.
        """
        if not key:
            return Credential()
        token = key
        secrets: tuple[str, ...] = (key,)
        if self.signed:
            access, secret = _halves(key)
            token = _token(access, secret, time.time() if now is None else now)
            secrets = (key, secret, token)
        if self.query is not None:
            return Credential(query={self.query: token}, secrets=secrets)
        return Credential({self.header: self.value.replace("{key}", token)}, {}, secrets)


def _halves(key: str) -> tuple[str, str]:
    access, colon, secret = key.partition(":")
    if not (access and colon and secret):
        raise EngineError(_HALVES, code="bad_key")
    return access, secret


def _token(access: str, secret: str, now: float) -> str:
    """Return a JSON Web Token (RFC 7519) with the access key and an expiry time."""
    claims = {"iss": access, "exp": int(now) + _VALID_S, "nbf": int(now) - _SLACK_S}
    parts = [{"alg": "HS256", "typ": "JWT"}, claims]
    signed = ".".join(_base64(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    mark = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_base64(mark)}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


_HALVES = Text(
    "The key must have two parts joined by a colon: ACCESS_KEY:SECRET_KEY. Save it again.",
    "密钥应为“AccessKey:SecretKey”的形式（中间用英文冒号连接），请重新保存。",
)

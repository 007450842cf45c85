"""Tokens: creating them, their minimum length, and the digests stored in their place."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

MIN_LENGTH: Final = 16
_BYTES: Final = 32
_PREFIX: Final = "sha256:"
_DIGEST: Final = re.compile(rf"{_PREFIX}[0-9a-f]{{64}}")


def new_token() -> str:
    """Return a new token, in characters that need no quoting in a URL."""
    return secrets.token_urlsafe(_BYTES)


def digest_of(token: str) -> str:
    """Return the digest of a token, which is stored instead of the token."""
    return _PREFIX + hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def is_digest(value: object) -> bool:
    """Return whether a value has the form of a digest."""
    return _DIGEST.fullmatch(str(value)) is not None

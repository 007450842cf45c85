"""Whose token is whose: a file of the people who share a gateway."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ...errors import LocalGatewayError
from ...i18n import Text
from ...security.private_files import is_private
from ...security.redaction import clean
from ...settings import Settings
from ...text.encoding import read_config

MIN_TOKEN: Final = 16
_LINE: Final = re.compile(r"([^\s#]{1,64})[ \t]+([!-~]+)")

#: The owner of what the gateway's own token makes, and of everything where there is no token.
NOBODY: Final = ""


class Tokens:
    """Owners by their tokens. Only digests are kept, so no fault can tell a token."""

    def __init__(self, owners: Mapping[str, str]) -> None:
        self._owners = [(_digest(token), owner) for token, owner in owners.items()]

    def __bool__(self) -> bool:
        return bool(self._owners)

    def owner_of(self, given: str) -> str | None:
        """Whose token this is; None where it is nobody's. Takes as long for each."""
        digest = _digest(given)
        found = None
        for known, owner in self._owners:
            if hmac.compare_digest(digest, known):
                found = owner
        return found


def own_token(settings: Settings) -> str | None:
    """Return the token of a gateway that is served: the one that was set.

    Beside a file of people's tokens there is always one, made up if need be: notebooks on this
    machine get in by it, since the info file tells it.
    """
    if settings.token is None and settings.tokens_file is not None:
        return secrets.token_urlsafe(32)
    return settings.token


def read_tokens(token: str | None, file: Path | None) -> Tokens:
    """Return the gateway's own token and those of a file: a line for each person, ``name token``.

    Empty lines and those that begin with ``#`` are passed over. A name may have several tokens.

    Raises:
        LocalGatewayError: the file cannot be read, others can read it, or a line is no name and
            token; the text says which line, and never what stands there.
    """
    owners = {token: NOBODY} if token else {}
    if file is None:
        return Tokens(owners)
    try:
        if not is_private(file.expanduser()):
            raise LocalGatewayError(_OPEN(file=file), code="tokens_unsafe")
        lines = read_config(file.expanduser()).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LocalGatewayError(_UNREADABLE(file=file, reason=reason)) from None
    for number, line in enumerate(lines, 1):
        words = clean(line)
        if not words or words.startswith("#"):
            continue
        match = _LINE.fullmatch(words)
        if match is None or len(match[2]) < MIN_TOKEN or match[2] in owners:
            raise LocalGatewayError(_BAD_LINE(file=file, number=number, least=MIN_TOKEN))
        owners[match[2]] = match[1]
    return Tokens(owners)


def _digest(token: str) -> bytes:
    # Digests have one length, so the comparison tells nothing about the token's.
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


_UNREADABLE = Text(
    "Cannot read the tokens file {file}: {reason}. VIDEOGEN_TOKENS_FILE points to it.",
    "无法读取令牌文件 {file}：{reason}。该文件由 VIDEOGEN_TOKENS_FILE 指定。",
)
_OPEN = Text(
    "The tokens file {file} can be read by other users of this machine, or belongs to one "
    "of them. Run: chmod 600 {file}",
    "令牌文件 {file} 可被本机其他用户读取，或属于其他用户。请运行：chmod 600 {file}",
)
_BAD_LINE = Text(
    "Line {number} of the tokens file {file} is invalid. Write a name, a space and a unique "
    "token of at least {least} characters.",
    "令牌文件 {file} 第 {number} 行格式不对：应为名称、空格和令牌；"
    "令牌至少 {least} 个字符且不可重复。",
)

"""Cleaning secrets on input, and removing them from output.

External text is redacted after decoding and before it is shortened or quoted: a provider may repeat
a key JSON- or HTML-escaped, percent- or base64-encoded, in UTF-16, or masked.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from html import unescape
from html.entities import codepoint2name
from typing import Any, Final
from urllib.parse import unquote

from ..text.encoding import decode

HIDDEN: Final = "***"

_SHORT: Final = 8  # a secret of fewer characters may be a word: it counts as a whole one only
_SPELT: Final = 256  # so much of a secret is looked for letter by letter …
_CODED: Final = 64  # … and so much of it in base64 and hexadecimal: enough to know it again
_PIECE: Final = 12  # nothing as long as this may be left of it
_BLANKS: Final = "\ufeff\ufffe\u200b\u200c\u200d\u2060\x00\xa0\ufffd"  # nobody sees them
_PORT: Final = r"\d{1,5}(?:[/?#\s.,;:)\]}]|[^\x00-\x7f]|$)"
_USERINFO: Final = re.compile(  # a password may hold /, ? or # that nobody escaped
    rf"(?<=//)(?:[^\s/?#\"'<>\\:@\[]*:(?!{_PORT})[^\s\"'<>]{{0,512}}|[^\s/?#\"'<>\\]+)@"
)
_MASK: Final = re.compile(r"\*{2,}|\.{3,}|…|•{2,}|x{4,}|X{4,}|#{3,}")
_MASKS: Final = 10_000  # so many in one text are no sentence
_MASK_SIGNS: Final = ("**", "...", "…", "••", "xxxx", "XXXX", "###")
_WORD: Final = re.compile(r"[!-~]*")
_WORD_BEFORE: Final = re.compile(r"[!-~]*\Z")
_AROUND: Final = 48  # characters on each side in which an end of a secret is looked for
_ESCAPED: Final = re.compile(r"\\+(?:u00|x)([0-9a-fA-F]{2})")
_BETWEEN: Final = dict.fromkeys(map(ord, " \t\r\n\x00\ufffd\ufeff\\"))
_DEPTH: Final = 4  # so often may an echo be escaped over and over


def clean(secret: str) -> str:
    """Return a token or key without surrounding whitespace and byte order marks."""
    before = None
    while secret != before:
        before, secret = secret, secret.strip().strip(_BLANKS)
    return secret


def without_passwords(text: str) -> str:
    """Remove user names and passwords from URLs in a text: ``https://***@host/…``."""
    return _USERINFO.sub(f"{HIDDEN}@", text) if "@" in text else text


def url_words(url: str) -> str:
    """Return a URL for a message, without anything before its ``@``.

    It may be invalid, because of a space in the password, for example.
    """
    login, at, host = url.rpartition("@")
    scheme = re.match(r"[^:@]*://", login)
    return f"{scheme[0] if scheme else ''}{HIDDEN}@{host}" if at else url


def redact(text: str, secrets: Iterable[str]) -> str:
    """Remove secrets from a text, whatever their encoding.

    If one cannot be cut out, the whole text is removed.
    """
    for secret in filter(None, secrets):
        if _holds(text, _forms(secret)):
            text = _pattern(secret).sub(HIDDEN, text)
            if _holds(text, _pieces(secret)):
                text = HIDDEN
        text = _without_masked(text, secret)
    return text


def redact_body(body: bytes, secrets: Iterable[str]) -> bytes:
    """Redact a response body: each string in JSON, otherwise the text. UTF-8 if changed."""
    known = tuple(secrets)
    text = decode(body)
    if redact(text, known) == text and redact(unescape(text), known) == unescape(text):
        return body
    try:
        tree = _mapped(json.loads(text), lambda words: redact(words, known))
    except (ValueError, RecursionError):
        return redact(unescape(text), known).encode("utf-8", "replace")
    return redact(json.dumps(tree, ensure_ascii=False), known).encode("utf-8", "replace")


def redact_headers(headers: Mapping[str, str], secrets: Iterable[str]) -> dict[str, str]:
    """Redact the headers of a response."""
    known = tuple(secrets)
    return {name: redact(value, known) for name, value in headers.items()}


def _holds(text: str, wanted: frozenset[str]) -> bool:
    """Return quickly whether a text may contain a secret, escaped or not."""
    for _ in range(_DEPTH):
        bare = text.translate(_BETWEEN).lower()
        if any(form in bare for form in wanted):
            return True
        plain = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), unquote(unescape(text)))
        if plain == text:
            return False
        text = plain
    return False


@lru_cache(maxsize=32)
def _forms(secret: str) -> frozenset[str]:
    head = secret[:_CODED]
    coded = {*_base64_cores(head), *_hexed(head)} if len(secret) >= _SHORT else set()
    return frozenset(form.translate(_BETWEEN).lower() for form in (head, *coded))


@lru_cache(maxsize=32)
def _pieces(secret: str) -> frozenset[str]:
    if len(secret) < _SHORT:
        return frozenset()
    bare = secret.translate(_BETWEEN).lower()
    starts = range(0, max(1, len(bare) - _PIECE + 1), _PIECE)
    return _forms(secret) | {bare[n : n + _PIECE] for n in starts}


@lru_cache(maxsize=32)
def _pattern(secret: str) -> re.Pattern[str]:
    if len(secret) < _SHORT:
        return re.compile(rf"(?<![A-Za-z0-9]){_spelt(secret)}(?![A-Za-z0-9])")
    whole = _spelt(secret[:_SPELT]) + (r"[!-~]*" if len(secret) > _SPELT else "")
    head = secret[:_CODED]
    forms = [_spelt(form) for form in (*_base64_cores(head), *_hexed(head))]
    rests = [form + r"[A-Za-z0-9+/_=\-]*" for form in forms]
    return re.compile("|".join([whole, *rests]), re.IGNORECASE)


def _without_masked(text: str, secret: str) -> str:
    """Remove a partly masked secret, such as ``sk-ab****yz``."""
    if len(secret) < _SHORT or not any(mask in text for mask in _MASK_SIGNS):
        return text
    parts, at, n = [], 0, 0
    for n, mask in enumerate(_MASK.finditer(text), 1):
        if n > _MASKS:
            return HIDDEN
        before = _WORD_BEFORE.search(text, max(at, mask.start() - _AROUND), mask.start())
        after = _WORD.match(text, mask.end(), mask.end() + _AROUND)
        assert before is not None
        assert after is not None  # both match nothing as well
        if secret[:3] in before[0] or secret[-3:] in after[0]:
            parts += [text[at : before.start()], HIDDEN]
            at = after.end()
    return "".join(parts) + text[at:]


def _spelt(text: str) -> str:
    """Return a pattern for a text with any characters escaped and whitespace in between."""
    return r"[\s\x00\ufffd\ufeff]{0,4}".join(_character(c) for c in text)


def _character(c: str) -> str:
    n = ord(c)
    ways = [re.escape(c), rf"%(?:25)*{n:02x}", rf"&(?:amp;)*#0*{n};", rf"&(?:amp;)*#x0*{n:x};"]
    if name := codepoint2name.get(n):
        ways.append(rf"&(?:amp;)*{name};")
    return rf"(?:\\*(?:{'|'.join(ways)})|\\+u00{n:02x}|\\+x{n:02x})"


def _base64_cores(secret: str) -> set[str]:
    """Return the part of a secret's base64 encoding that does not depend on its context."""
    cores: set[str] = set()
    for code in ("utf-8", "utf-16-le"):
        data = secret.encode(code)
        for before in range(3):
            whole = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
            last = (before + len(data)) % 3
            core = whole[(0, 2, 3)[before] : len(whole) - (1 if last else 0)]
            cores |= {core, core.replace("+", "-").replace("/", "_")}
    return cores


def _hexed(secret: str) -> set[str]:
    return {secret.encode(code).hex() for code in ("utf-8", "utf-16-le")}


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    if isinstance(value, dict):
        return {change(key): _mapped(item, change) for key, item in value.items()}
    if isinstance(value, bool | None):
        return value
    return HIDDEN if change(str(value)) != str(value) else value

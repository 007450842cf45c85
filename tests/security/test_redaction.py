"""Secrets are struck out of whatever comes from outside, in every encoding."""

import base64
import html
import json
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videogen_nb.security.redaction import (
    HIDDEN,
    clean,
    redact,
    redact_body,
    url_words,
    without_passwords,
)

KEY = 'sk-proj-Ab3/d+e&f"9<xYz>Q=='
LONG = "".join(f"{n:03}" for n in range(400))
SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=90)

ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda s: s,
    "json": json.dumps,
    "json escapes": lambda s: "".join(f"\\u{ord(c):04x}" for c in s),
    "json in json": lambda s: json.dumps(json.dumps(s)),
    "hex escapes": lambda s: "".join(f"\\x{ord(c):02X}" for c in s),
    "html": html.escape,
    "html numbers": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "html hex": lambda s: "".join(f"&#x{ord(c):X};" for c in s),
    "html of json": lambda s: html.escape(json.dumps(s)),
    "percent": lambda s: quote(s, safe=""),
    "percent, all": lambda s: "".join(f"%{ord(c):02x}" for c in s),
    "percent twice": lambda s: quote(quote(s, safe=""), safe=""),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 for URLs": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "a login": lambda s: base64.b64encode(f"me:{s}".encode()).decode(),
    "a header in base64": lambda s: base64.b64encode(f"Bearer {s}\r\n".encode()).decode(),
    "base64 in a URL": lambda s: quote(base64.b64encode(f"Bearer {s}".encode()).decode(), safe=""),
    "base64 of UTF-16": lambda s: base64.b64encode(s.encode("utf-16-le")).decode(),
    "hex": lambda s: s.encode().hex(),
    "UTF-16 read as UTF-8": lambda s: s.encode("utf-16-le").decode("utf-8"),
    "in capitals": str.upper,
    "broken over lines": lambda s: "\r\n".join(s[n : n + 5] for n in range(0, len(s), 5)),
}


def tells(text: str, secret: str) -> bool:
    """Whether a text tells five characters of a secret in a row, in any of the encodings."""
    parts = {secret[n : n + 5] for n in range(len(secret) - 4)}
    for _ in range(4):
        bare = "".join(text.split()).replace("\x00", "")
        if any(part.lower() in bare.lower() for part in parts):
            return True
        text = html.unescape(text)
    return False


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("key", [KEY, "0123456789abcdef", LONG[:90]])
def test_a_secret_is_struck_out_in_every_encoding(name, key):
    said = redact(f"Wrong key: {ENCODINGS[name](key)} given.", [key])
    assert HIDDEN in said
    assert said.startswith("Wrong key: ")
    assert not tells(said, key)
    assert said != redact(said, ["other-secret"]) or "given" in said


@settings(deadline=None)  # a pattern is made for each secret
@given(SECRETS, st.sampled_from(sorted(ENCODINGS)), st.text(max_size=20), st.text(max_size=20))
def test_whatever_the_secret_and_what_stands_around_it(secret, name, before, after):
    said = redact(f"{before} {ENCODINGS[name](secret)} {after}", [secret])
    assert ENCODINGS[name](secret) not in said
    assert secret not in said


@pytest.mark.parametrize(
    "masked",
    ["sk-proj-****", "sk-p***Q==", "sk-proj...", "sk-…Q==", "****************Q==", "sk-xxxxxxxxQ==",
     "••••YZ>Q==", "sk-proj-########"],
)  # fmt: skip
def test_so_is_one_of_which_only_the_ends_are_told(masked):
    said = redact(f"Incorrect API key provided: {masked}. Find it at https://a.example.", [KEY])
    assert "sk-" not in said
    assert "Q==" not in said
    assert said.startswith("Incorrect API key provided: ***")


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("name", ENCODINGS)
def test_an_answer_is_redacted_after_decoding_and_stays_json(name, code):
    document = {"error": {"message": f"Wrong: {ENCODINGS[name](KEY)}", KEY: [1, None]}, "n": 1.5}
    body = redact_body(json.dumps(document).encode(code), [KEY])
    read = json.loads(body)
    assert read["n"] == 1.5
    assert read["error"]["***"] == [1, None]
    assert read["error"]["message"].startswith("Wrong: ")
    assert not tells(body.decode(), KEY)


def test_a_key_that_is_a_number_leaves_json_as_well():
    body = redact_body(b'{"key": 1234567890, "other": 5}', ["1234567890"])
    assert json.loads(body) == {"key": "***", "other": 5}


def test_what_holds_none_is_left_as_it_came():
    body = b'{"detail": "caf\\u00e9 &amp; so on ..."}'
    assert redact_body(body, [KEY]) is body
    assert redact_body(b"\xff\xfe\x00", []) == b"\xff\xfe\x00"


def test_a_short_secret_counts_as_a_word_only():
    assert redact("abc, abcd, (abc)", ["abc"]) == "***, abcd, (***)"


@pytest.mark.parametrize(
    "flood", ["a", "*", "sk-", "sk-*", "&amp;", "\\u0073", "%73", "s\x00", "x", "."]
)
def test_a_flood_is_read_in_time(flood):
    began = time.monotonic()
    redact(flood * ((1 << 20) // len(flood)), [KEY])
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "given", ["{}", " {}\t", "{}\r\n", "\ufeff{}", "\ufeff {}\u200b\n\x00", "\xa0{}\n\n"]
)
def test_what_stands_around_a_token_is_taken_off(given):
    assert clean(given.format(KEY)) == KEY


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://me:pw@host/x", "http://***@host/x"),
        ("at https://me:p@ss@host:1.", "at https://***@host:1."),
        ("socks5://token@host", "socks5://***@host"),
        ("http://me:p/a?s#s@w@host:1/x", "http://***@host:1/x"),
        ("'http://me:p#w@host', 'http://h'", "'http://***@host', 'http://h'"),
        ("http://host/@me", "http://host/@me"),
        ("http://host:8000/@me", "http://host:8000/@me"),
        ("http://[::1]:8000/@me", "http://[::1]:8000/@me"),
        ("在 http://host:8000。请问 me@host", "在 http://host:8000。请问 me@host"),
        ("http://host:8000, me@example.com", "http://host:8000, me@example.com"),
        ("me@example.com", "me@example.com"),
    ],
)
def test_a_url_is_shown_without_its_password(text, shown):
    assert without_passwords(text) == shown


def test_a_flood_of_addresses_is_read_in_time():
    began = time.monotonic()
    without_passwords("@" + "//a:" * (1 << 16))
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("http://me:p w@host:1", "http://***@host:1"),
        ("me:p://w@host", "***@host"),
        (" ftp://me:p@w@host/", " ftp://***@host/"),
        ("http://host", "http://host"),
    ],
)
def test_what_is_no_address_is_shown_without_its_password_as_well(given, shown):
    assert url_words(given) == shown

"""Reading ``people.toml``: people, tokens and limits."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..errors import LocalGatewayError
from ..i18n import Text
from ..security.private_files import is_private
from ..text.encoding import read_config
from .person import LIMITS, NO_LIMITS, ROLES, Limits, Person
from .tokens import is_digest

FILE: Final = "people.toml"
#: A name that is also the name of a folder in a zip, and no filter's word for everybody.
NAME: Final = re.compile(r"(?![._])[^\s\x00-\x1f\x7f#*/\\\"']{1,64}")
_OF_ALL: Final = ("queued", "videos_per_day", "spend_per_day", "spend_total")
_WHOLE: Final = ("running", "queued", "videos_per_day")


@dataclass(frozen=True, slots=True)
class Roster:
    """The contents of the file. ``tokens``: names by the digest of their tokens.

    ``total`` limits everyone together, ``defaults`` each student without individual limits.
    ``blank``: there is no file, or nothing in it, as while an editor saves it.
    """

    people: Mapping[str, Person] = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=dict)
    defaults: Limits = NO_LIMITS
    total: Limits = NO_LIMITS
    blank: bool = True


def read_roster(path: Path) -> Roster:
    """Read the file.

    Raises:
        LocalGatewayError: it cannot be read, others can read it, or it is invalid; the message
            names the entry but never a token.
    """
    try:
        if not is_private(path):
            raise LocalGatewayError(_OPEN(file=path), code="people_unsafe")
        text = read_config(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LocalGatewayError(_UNREADABLE(file=path, reason=reason)) from None
    try:
        return parse_roster(text)
    except ValueError as error:
        what = error.args[0] if isinstance(error.args[0], Text) else Text.same(str(error))
        raise LocalGatewayError(_INVALID(file=path, what=what), code="people_invalid") from None


def parse_roster(text: str) -> Roster:
    """Parse the file's text. Raises ValueError with a ``Text`` or string."""
    told = tomllib.loads(text)
    _known("", told, ("defaults", "total", "people"))
    defaults = _limits("defaults", _table("defaults", told.get("defaults", {})))
    total = _limits("total", _table("total", told.get("total", {})), _OF_ALL)
    people: dict[str, Person] = {}
    tokens: dict[str, str] = {}
    for name, entry in _table("people", told.get("people", {})).items():
        people[name], digests = _person(name, _table(f"people.{name}", entry), defaults)
        for digest in digests:
            if digest in tokens:
                raise ValueError(_TWICE(name=name, other=tokens[digest]))
            tokens[digest] = name
    return Roster(people, tokens, defaults, total, blank=not text.strip())


def _person(name: str, entry: Mapping[str, Any], defaults: Limits) -> tuple[Person, list[str]]:
    place = f"people.{name}"
    if not NAME.fullmatch(name):
        raise ValueError(_BAD_NAME(name=name[:80]))
    _known(place, entry, ("role", "tokens", *LIMITS))
    role = entry.get("role", "student")
    if role not in ROLES:
        raise ValueError(_ROLE(place=place, known=", ".join(ROLES)))
    digests = entry.get("tokens", [])
    if not isinstance(digests, list) or not all(map(is_digest, digests)):
        raise ValueError(_TOKENS(place=place))
    limits = _limits(place, {key: entry[key] for key in LIMITS if key in entry})
    limits = limits.over(defaults) if role == "student" else limits
    return Person(name, role, limits, revoked=not digests), digests


def _limits(place: str, told: Mapping[str, Any], known: tuple[str, ...] = LIMITS) -> Limits:
    _known(place, told, known)
    return Limits(**{key: _limit(f"{place}.{key}", key, value) for key, value in told.items()})


def _limit(place: str, key: str, value: Any) -> Any:
    if key.startswith("spend_"):
        if isinstance(value, dict) and all(_is_amount(one) for one in value.values()):
            return dict(value)
        raise ValueError(_SPEND(place=place, key=key))
    if not _is_amount(value) or (key in _WHOLE and not isinstance(value, int)):
        raise ValueError(_NUMBER(place=place))
    return value


def _is_amount(value: Any) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and 0 <= value < float("inf")


def _table(place: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(_NO_TABLE(place=place))
    return value


def _known(place: str, told: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in told:
        if key not in known:
            where = f"{place}.{key}" if place else key
            raise ValueError(_UNKNOWN(place=where[:160], known=", ".join(known)))


#: Said of an empty file, which a running gateway does not follow: editors empty it to save it.
BLANK: Final = Text(
    "{file} is empty. To let nobody in, write [people] into it.",
    "{file} 是空的。如需拒绝所有人，请在其中写入 [people]。",
)
_UNREADABLE = Text("Cannot read {file}: {reason}.", "无法读取 {file}：{reason}。")
_OPEN = Text(
    "{file} can be read by other users of this machine, or belongs to one of them. Run: "
    "chmod 600 {file}",
    "{file} 可被本机其他用户读取，或属于其他用户。请运行：chmod 600 {file}",
)
_INVALID = Text("{file} is invalid. {what}", "{file} 内容有误。{what}")
_TWICE = Text(
    "{name} and {other} have the same token. Give each person a token of their own.",
    "{name} 与 {other} 的令牌相同，每人应使用自己的令牌。",
)
_BAD_NAME = Text(
    "{name!r} cannot be a person's name: use up to 64 characters without spaces, quotes, "
    "slashes, # or *, and do not begin with a dot or an underscore.",
    "{name!r} 不能用作名称：最多 64 个字符，不含空格、引号、斜杠、# 和 *，且不以点或下划线开头。",
)
_ROLE = Text("{place}.role must be one of {known}.", "{place}.role 应为 {known} 之一。")
_TOKENS = Text(
    "{place}.tokens must be a list of digests (sha256:…), as `videogen-nb people add` writes them.",
    "{place}.tokens 应为摘要（sha256:…）的列表，由 `videogen-nb people add` 写入。",
)
_SPEND = Text(
    "{place} must name currencies: {key} = {{ USD = 5 }}.",
    "{place} 应写明货币：{key} = {{ USD = 5 }}。",
)
_NUMBER = Text("{place} must be a number, 0 or more.", "{place} 应为不小于 0 的数字。")
_NO_TABLE = Text("{place} must be a table: [{place}].", "{place} 应为表：[{place}]。")
_UNKNOWN = Text("Unknown entry {place}. Available: {known}.", "没有设置项 {place}。可用：{known}。")

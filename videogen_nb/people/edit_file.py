"""Editing ``people.toml`` while preserving manual changes and comments."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import tomlkit
from tomlkit.items import InlineTable, Table

from ..errors import BadParameter, LocalGatewayError
from ..i18n import Text
from ..security.private_files import is_private, private_folder
from ..security.redaction import clean
from ..text.encoding import read_config
from .people_file import parse_roster, read_roster
from .person import Role
from .tokens import MIN_LENGTH, digest_of, new_token

Changes = Mapping[str, Any]

_LINE: Final = re.compile(r"(\S+)[ \t]+([!-~]+)")
_OTHERS_S: Final = 5.0  # how long another change may take
_HEAD: Final = (
    "The people who share this gateway. `videogen-nb people` edits this file, and so may you:",
    "changes count at once. Tokens are kept as digests. Limits of all students without their own",
    "go under [defaults], limits of everyone together under [total].",
)


def add_person(file: Path, name: str, role: Role | None, limits: Changes) -> str:
    """Add a person, or readmit a revoked one; return the new token.

    Args:
        role: None = student, or the role they had.

    Raises:
        BadParameter: they already have a token, or the name or limits are invalid.
        LocalGatewayError: the file cannot be read or written.
    """
    token = new_token()
    with _edited(file) as document:
        people = _people(document)
        if name in people and people[name].get("tokens"):
            raise BadParameter(_KNOWN(name=name), code="person_known")
        if name not in people:
            people[name] = tomlkit.table()
        entry = people[name]
        entry["role"] = role or entry.get("role", "student")
        entry["tokens"] = [digest_of(token)]
        _set(entry, limits)
    return token


def revoke_person(file: Path, name: str) -> bool:
    """Remove a person's tokens; limits and tasks are kept. Return False if they had none.

    Raises:
        BadParameter: the person does not exist. LocalGatewayError: see :func:`add_person`.
    """
    with _edited(file) as document:
        entry = _person(document, name)
        had = bool(entry.get("tokens"))
        entry["tokens"] = []
    return had


def limit_person(file: Path, name: str, limits: Changes) -> None:
    """Change the limits of a person, ``defaults`` or ``total``; None removes one.

    Raises:
        BadParameter: the person does not exist, or a limit is invalid.
        LocalGatewayError: see :func:`add_person`.
    """
    with _edited(file) as document:
        if name in ("defaults", "total"):
            _set(document.setdefault(name, tomlkit.table()), limits)
        else:
            _set(_person(document, name), limits)


def import_tokens(file: Path, source: Path, role: Role = "student") -> list[str]:
    """Import people from a tokens file of earlier versions (lines ``name token``).

    Return the names that were added; existing tokens are skipped.

    Raises:
        LocalGatewayError: a line is invalid, and nothing was changed; or see :func:`add_person`.
    """
    added = _read_tokens(source)
    with _edited(file) as document:
        people = _people(document)
        known = {digest for entry in people.values() for digest in entry.get("tokens", [])}
        names = []
        for name, token in added:
            if digest_of(token) in known:
                continue
            if name not in people:
                people[name] = tomlkit.table()
                people[name]["role"] = role
            people[name]["tokens"] = [*people[name].get("tokens", []), digest_of(token)]
            names.append(name)
    return list(dict.fromkeys(names))


def _read_tokens(source: Path) -> list[tuple[str, str]]:
    try:
        if not is_private(source):
            raise LocalGatewayError(_OPEN(file=source), code="people_unsafe")
        lines = read_config(source).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LocalGatewayError(_UNREADABLE(file=source, reason=reason)) from None
    found: list[tuple[str, str]] = []
    for number, line in enumerate(lines, 1):
        words = clean(line)
        if not words or words.startswith("#"):
            continue
        match = _LINE.fullmatch(words)
        if match is None or len(match[2]) < MIN_LENGTH or match[2] in dict(found).values():
            raise LocalGatewayError(_BAD_LINE(file=source, number=number, least=MIN_LENGTH))
        found.append((match[1], match[2]))
    return found


@contextmanager
def _edited(file: Path) -> Iterator[tomlkit.TOMLDocument]:
    """Yield the file's document; write it back if the block succeeds and the result is valid."""
    private_folder(file.parent)
    draft = file.with_name(f"{file.name}.new")
    with _only_one(draft) as target:
        if file.exists():
            read_roster(file)  # a mistake in it is told as it stands, before anything is added
            document = tomlkit.parse(read_config(file))
        else:
            document = tomlkit.document()
            for line in _HEAD:
                document.add(tomlkit.comment(line))
        yield document
        text = tomlkit.dumps(document)
        try:
            parse_roster(text)
        except ValueError as error:
            raise BadParameter(error.args[0], code="people_invalid") from None
        target.write(text.encode())
        target.flush()
        os.fsync(target.fileno())
        target.close()
        draft.replace(file)


@contextmanager
def _only_one(draft: Path) -> Iterator[BinaryIO]:
    """Yield the new file, which also serves as a lock while it exists."""
    deadline = time.monotonic() + _OTHERS_S
    while True:
        try:
            target = os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
            break
        except FileExistsError:
            if time.monotonic() > deadline:
                raise LocalGatewayError(_BUSY(file=draft), code="people_busy") from None
            time.sleep(0.02)
        except OSError as error:
            raise LocalGatewayError(_UNREADABLE(file=draft, reason=error.strerror)) from None
    try:
        yield target
    except BaseException:
        draft.unlink(missing_ok=True)  # not otherwise: it has become the file, and another's begins
        raise
    finally:
        target.close()


def _people(document: tomlkit.TOMLDocument) -> Any:
    if "people" not in document:
        document["people"] = tomlkit.table(is_super_table=True)
    return document["people"]


def _person(document: tomlkit.TOMLDocument, name: str) -> Any:
    people = _people(document)
    if name not in people:
        known = ", ".join(people) or "—"
        raise BadParameter(_NOBODY(name=name[:80], known=known), code="person_unknown")
    return people[name]


def _set(entry: Table, limits: Changes) -> None:
    for key, value in limits.items():
        if value is None:
            entry.pop(key, None)
        else:
            entry[key] = _inline(value) if isinstance(value, Mapping) else value


def _inline(amounts: Mapping[str, float]) -> InlineTable:
    table = tomlkit.inline_table()
    table.update(amounts)
    return table


_KNOWN = Text(
    "{name} already has a token. To replace it, run `videogen-nb people revoke {name}` first.",
    "{name} 已有令牌。如需更换，请先运行 `videogen-nb people revoke {name}`。",
)
_NOBODY = Text(
    "No one is named {name!r}. Existing names: {known}.", "名单中没有 {name!r}。现有：{known}。"
)
_BUSY = Text(
    "Another command is editing the list of people. If none is, delete {file} and try again.",
    "另一个命令正在修改名单。如果没有其他命令在运行，请删除 {file} 后重试。",
)
_UNREADABLE = Text("Cannot use {file}: {reason}.", "无法使用 {file}：{reason}。")
_OPEN = Text(
    "The tokens in {file} can be read by other users of this machine. Run: chmod 600 {file}",
    "{file} 中的令牌可被本机其他用户读取。请运行：chmod 600 {file}",
)
_BAD_LINE = Text(
    "Line {number} of {file} is invalid. Write a name, a space and a unique token of at least "
    "{least} characters. Nothing was imported.",
    "{file} 第 {number} 行格式不对：应为名称、空格和令牌；令牌至少 {least} 个字符且不可重复。"
    "未导入任何内容。",
)

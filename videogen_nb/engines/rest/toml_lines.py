"""Lines of values in TOML text, which the parser does not report, and its words for types."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

_HEADER: Final = re.compile(r"^\s*\[(\[)?\s*([^\]]+?)\s*\]")

_TYPES: Final = re.compile(r"(?i)\b(tuple)\b|\bdictionary( or instance of \w+| or object.*)?")


def in_toml_words(what: str) -> str:
    """Return a pydantic message in TOML's terms: a list, a table."""
    return _TYPES.sub(lambda found: "list" if found[1] else "table", what)


def line_of(source: str, path: Sequence[Any]) -> int:
    """Return the line, from 1, of the value at a path, or of its container."""
    found, depth, table = 0, 0, list[str]()
    counts: dict[str, int] = {}
    lines = source.splitlines()
    for number, line in enumerate(lines, 1):
        if header := _HEADER.match(line):
            table = [part.strip().strip("\"'") for part in header[2].split(".")]
            if header[1]:
                counts[".".join(table)] = counts.get(".".join(table), -1) + 1
        elif not (name := _key(line)):
            continue
        where = _placed([*table, *([] if header else [name])], counts)
        if list(path[: len(where)]) == where and where:
            found, depth = number, len(where)
            if depth == len(path):
                break
    return _of_item(lines, found, path[depth:])


def _of_item(lines: list[str], found: int, rest: Sequence[Any]) -> int:
    """Return the line of a list's item, if each item is on its own line."""
    if not (found and rest and isinstance(rest[0], int)) or "{" in lines[found - 1]:
        return found
    items = [n for n, line in enumerate(lines[found:], found + 1) if line.lstrip().startswith("{")]
    return items[rest[0]] if rest[0] < len(items) else found


def _key(line: str) -> str:
    name, equals, _ = line.partition("=")
    return name.strip().strip("\"'") if equals and not line.lstrip().startswith("#") else ""


def _placed(names: list[str], counts: dict[str, int]) -> list[Any]:
    """Return a path with indices: the second ``[[create]]`` is ``create``, 1."""
    placed: list[Any] = []
    for length, name in enumerate(names, 1):
        dotted = ".".join(names[:length])
        placed += [name, counts[dotted]] if dotted in counts else [name]
    return placed

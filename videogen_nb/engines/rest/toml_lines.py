"""Finding the line of a value in TOML text, which the parser does not report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

_HEADER: Final = re.compile(r"^\s*\[(\[)?\s*([^\]]+?)\s*\]")


def line_of(source: str, path: Sequence[Any]) -> int:
    """Return the line, from 1, of the value at a path, or of its container."""
    found, table = 0, list[str]()
    counts: dict[str, int] = {}
    for number, line in enumerate(source.splitlines(), 1):
        if header := _HEADER.match(line):
            table = [part.strip().strip("\"'") for part in header[2].split(".")]
            if header[1]:
                counts[table[0]] = counts.get(table[0], -1) + 1
        elif not (name := _key(line)):
            continue
        where = _placed([*table, *([] if header else [name])], counts)
        if list(path[: len(where)]) == where and where:
            found = number
            if len(where) == len(path):
                break
    return found


def _key(line: str) -> str:
    name, equals, _ = line.partition("=")
    return name.strip().strip("\"'") if equals and not line.lstrip().startswith("#") else ""


def _placed(names: list[str], counts: dict[str, int]) -> list[Any]:
    """Return a path with indices: the second ``[[create]]`` is ``create``, 1."""
    head = names[0] if names else ""
    return [head, counts[head], *names[1:]] if head in counts else list(names)

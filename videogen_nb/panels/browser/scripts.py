"""Bundling the panels' scripts at import, without a build step or npm.

anywidget loads a script from a blob, where relative imports do not work. So each file in
``static/`` is a plain ES module, tested as such, and is wrapped here in a function that returns its
exports. Unsupported forms are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Final

Reader = Callable[[str], str]

_STATIC: Final = files("videogen_nb.panels").joinpath("static")

_IMPORT: Final = re.compile(
    r'^import \{\s*([\w,\s]+?),?\s*\} from "\./([\w-]+)\.js";$', re.MULTILINE
)
_EXPORT: Final = re.compile(
    r"^export (?=(?:async )?(?:function\*?|const|class) (\w+))", re.MULTILINE
)
_DEFAULT: Final = "export default "
_ANY: Final = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)


class CannotJoin(ValueError):
    """A script uses an unsupported form of import or export."""


@cache
def joined(entry: str = "main") -> str:
    """Return the module ``entry`` of ``static/`` with all its imports as one ES module.

    Raises:
        CannotJoin: modules import each other in a circle, or use a form other than
            ``import { a, b as c } from "./name.js";`` and ``export function|const|class``.
    """
    return join(entry, lambda name: _STATIC.joinpath(f"{name}.js").read_text("utf-8"))


@cache
def stylesheet() -> str:
    """Return the style sheet of all panels."""
    return _STATIC.joinpath("panels.css").read_text("utf-8")


def join(entry: str, read: Reader) -> str:
    """Like ``joined``, for modules whose text ``read(name)`` returns."""
    order: list[str] = []
    _visit(entry, read, order, ())
    parts = [_wrapped(name, read(name)) for name in order[:-1]]
    return "\n".join([*parts, _bodied(entry, read(entry))])


def _visit(name: str, read: Reader, order: list[str], above: tuple[str, ...]) -> None:
    if name in above:
        raise CannotJoin(f"modules import each other: {' → '.join([*above, name])}")
    if name in order:
        return
    for _, needed in _IMPORT.findall(read(name)):
        _visit(needed, read, order, (*above, name))
    order.append(name)


def _wrapped(name: str, text: str) -> str:
    """Wrap a module in an immediately called function, so that private names do not clash."""
    if _DEFAULT in text:
        raise CannotJoin(f"{name}.js: only the entry may have a default export")
    exported = ", ".join(_EXPORT.findall(text))
    body = _EXPORT.sub("", _bodied(name, text))
    return f"const {_variable(name)} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();"


def _bodied(name: str, text: str) -> str:
    """Return the text with its imports as constants."""
    body = _IMPORT.sub(_constants, text)
    for left in _ANY.findall(body):
        if not left.startswith(_DEFAULT) and not _EXPORT.match(left):
            raise CannotJoin(f"{name}.js: {left!r} cannot be joined")
    return body


def _constants(found: re.Match[str]) -> str:
    names = ", ".join(one.strip().replace(" as ", ": ") for one in found[1].split(","))
    return f"const {{ {names} }} = {_variable(found[2])};"


def _variable(name: str) -> str:
    return f"module_{name.replace('-', '_')}"

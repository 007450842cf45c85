"""JMESPath expressions in a provider's table, for parsing responses and building requests.

Only the table's own text is evaluated: a prompt and other contents of a request are data. The
language works on JSON values and has no loops or file access, so every expression terminates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

import jmespath
from jmespath.exceptions import JMESPathError

from ...protocol.urls import is_web_url

_VARIABLE: Final = re.compile(r"\{(\+?)([a-z_]+)\}")
#: Nodes whose further children look at what the first one has found, not at the whole.
_INWARD: Final = frozenset(
    {"subexpression", "pipe", "index_expression", "projection", "filter_projection"}
    | {"value_projection", "flatten"}
)


class Expression:
    """One compiled expression.

    Raises:
        ValueError: it is invalid (when created).
    """

    def __init__(self, source: str) -> None:
        self.source = source
        try:
            self._compiled = jmespath.compile(source)
        except JMESPathError as error:
            raise ValueError(" ".join(str(error).split())[:200]) from None

    def read(self, value: Any) -> Any:
        """Evaluate it on a JSON value; return None if nothing is found."""
        try:
            return self._compiled.search(value)
        except (JMESPathError, ArithmeticError, ValueError):  # such as of a value that is missing
            return None

    @property
    def names(self) -> set[str]:
        """Return the top-level names that it uses."""
        return set(_names(self._compiled.parsed))

    @property
    def keys(self) -> set[str]:
        """Return the keys of the objects that it builds."""
        return set(_keys(self._compiled.parsed))


class Template:
    """A path with ``{name}`` (one quoted segment) and ``{+name}`` (an unchanged path or URL).

    Raises:
        ValueError: braces contain something else (when created).
    """

    def __init__(self, source: str) -> None:
        self.source = source
        if set("{}") & set(_VARIABLE.sub("", source)):
            raise ValueError("use {name} or {+name}, with lowercase letters and _")
        self.names = {found[2] for found in _VARIABLE.finditer(source)}

    def render(self, values: Mapping[str, Any]) -> str:
        """Return it as part of a URL.

        Raises:
            KeyError: one of the values is missing.
        """

        def value(found: re.Match[str]) -> str:
            told = str(values[found[2]])
            if found[1] and is_web_url(told):
                return told
            return quote(told, safe="/:@" if found[1] else "")

        return _VARIABLE.sub(value, self.source)

    def fill(self, values: Mapping[str, Any]) -> str:
        """Return it as text. Raises KeyError like :meth:`render`."""
        return _VARIABLE.sub(lambda found: str(values[found[2]]), self.source)


class Tree:
    """JSON values in which strings that begin with ``=`` are expressions.

    Raises:
        ValueError: an expression is invalid (when created); its path is in ``args[1]``.
    """

    def __init__(self, source: Any) -> None:
        self.source = source
        self._compiled = _compiled(source, ())

    def render(self, context: Mapping[str, Any]) -> Any:
        """Evaluate the values in a context, leaving out null values of objects."""
        return _rendered(self._compiled, context)

    def expressions(self) -> Iterator[tuple[tuple[Any, ...], Expression]]:
        """Yield each expression with its path."""
        yield from _expressions(self._compiled, ())


def _compiled(value: Any, path: tuple[Any, ...]) -> Any:
    if isinstance(value, dict):
        return {name: _compiled(inner, (*path, name)) for name, inner in value.items()}
    if isinstance(value, list):
        return [_compiled(inner, (*path, n)) for n, inner in enumerate(value)]
    if isinstance(value, str) and value.startswith("="):
        try:
            return Expression(value[1:])
        except ValueError as error:
            raise ValueError(str(error), path) from None
    return value


def _rendered(value: Any, context: Mapping[str, Any]) -> Any:
    if isinstance(value, Expression):
        return _without_nulls(value.read(context))
    if isinstance(value, dict):
        pairs = ((name, _rendered(inner, context)) for name, inner in value.items())
        return {name: inner for name, inner in pairs if inner is not None}
    if isinstance(value, list):
        return [_rendered(inner, context) for inner in value]
    return value


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(v) for name, v in value.items() if v is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value


def _expressions(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Expression]]:
    if isinstance(value, Expression):
        yield path, value
    elif isinstance(value, dict | list):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _expressions(inner, (*path, name))


def _names(node: Mapping[str, Any]) -> Iterator[str]:
    if node["type"] == "field":
        yield node["value"]
    children = node["children"]
    for child in children[:1] if node["type"] in _INWARD else children:
        if child["type"] != "expref":
            yield from _names(child)


def _keys(node: Mapping[str, Any]) -> Iterator[str]:
    if node["type"] == "key_val_pair":
        yield node["value"]
    for child in node["children"]:
        yield from _keys(child)

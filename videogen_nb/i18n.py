"""Texts in two languages.

A message for users is a :class:`Text`, with English and Chinese side by side in the source. It is
rendered as late as possible, so that a gateway can store it once and respond in each client's
language.
"""

from __future__ import annotations

import locale
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from string import Formatter
from typing import Any, Final

from .security.redaction import without_passwords
from .text.console import quoted, shortened, visible

LANGUAGES: Final = ("en", "zh")

_chosen: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A message in both languages, with named values for its ``{fields}``.

    ``text(name="x")`` binds values and returns a new Text; ``text.render("zh")`` returns the
    string. A value may itself be a Text. ``{n:video|videos}`` selects singular or plural. Braces
    inside values are never interpreted. Values are not trusted: control characters are escaped,
    passwords in URLs are removed, and long quoted values (``{name!r}``) are cut.
    """

    en: str
    zh: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, **values: Any) -> Text:
        """Return the same message with more values bound."""
        return Text(self.en, self.zh, {**self.values, **values})

    def render(self, language: str | None = None) -> str:
        """Return the message in ``language`` ("en" or "zh"; None = the user's)."""
        language = language or current_language()
        template = self.zh if language == "zh" else self.en
        if not self.values:
            return template
        values = {
            k: v.render(language) if isinstance(v, Text) else v for k, v in self.values.items()
        }
        return _FORMATTER.vformat(template, (), values)

    def __str__(self) -> str:
        return self.render()

    def to_json(self) -> dict[str, str]:
        """Return both renderings, for storing: ``{"en": …, "zh": …}``."""
        return {language: self.render(language) for language in LANGUAGES}

    @classmethod
    def from_json(cls, data: Mapping[str, str]) -> Text:
        """Return the inverse of :meth:`to_json` (with values already filled in)."""
        return cls(data["en"], data["zh"])

    @classmethod
    def same(cls, words: str) -> Text:
        """Return a text that needs no translation, such as a name or a provider's message."""
        words = _harmless(words)
        return cls(words, words)


class _Formatter(Formatter):
    """Formats values in messages."""

    def convert_field(self, value: Any, conversion: Any) -> Any:
        """Quote user input for ``!r``."""
        if conversion == "r":
            if isinstance(value, str):
                return quoted(without_passwords(value))
            return shortened(without_passwords(repr(value)))
        return super().convert_field(value, conversion)

    def format_field(self, value: Any, format_spec: str) -> str:
        """Format numbers as usual, text safely, and ``one|many`` by number."""
        one, bar, many = format_spec.partition("|")
        if bar:
            return one if value == 1 else many
        if isinstance(value, str | PurePath | BaseException):
            value = _harmless(str(value))
        return str(super().format_field(value, format_spec))


_FORMATTER: Final = _Formatter()


def _harmless(words: str) -> str:
    return visible(without_passwords(words))


def set_language(language: str | None) -> None:
    """Set the language of this process; None = ``VIDEOGEN_LANG``, or else the locale."""
    global _chosen
    if language is not None and language not in LANGUAGES:
        raise ValueError(f"language must be one of {LANGUAGES}, not {language!r}")
    _chosen = language


def current_language() -> str:
    """Return the user's language: as set, or else from ``VIDEOGEN_LANG`` or the locale."""
    if _chosen:
        return _chosen
    named = os.environ.get("VIDEOGEN_LANG")
    if named:
        return _nearest(named)
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return _nearest(value)
    return _nearest(locale.getlocale()[0] or "en")


def from_accept_language(header: str | None) -> str:
    """Return the best language for an ``Accept-Language`` header (RFC 9110 §12.5.4)."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate((header or "").split(",")[:32]):
        match = re.fullmatch(r"\s*([A-Za-z*-]{1,20})\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*", part)
        if match and match[1][:2].lower() in LANGUAGES:
            ranked.append((-float(match[2] or 1), place, match[1][:2].lower()))
    return min(ranked)[2] if ranked else "en"


def _nearest(tag: str) -> str:
    return "zh" if tag.lower().startswith(("zh", "chinese")) else "en"

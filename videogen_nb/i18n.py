"""Two languages, side by side where a sentence is said.

A sentence meant for people is a :class:`Text`: its English and its Chinese stand together in the
source, and it is rendered as late as possible, so that a gateway can store it once and answer
each asker in their own language.
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
    """One sentence in both languages, with named values for its ``{fields}``.

    ``text(name="x")`` binds values and gives a new Text; ``text.render("zh")`` gives the string.
    A value may itself be a Text. ``{n:video|videos}`` is the word that fits the number. Braces
    inside values are never interpreted. Values come from anywhere, so what acts on a terminal is
    written out, passwords in URLs are struck out, and what is quoted (``{name!r}``) is cut where it
    is long.
    """

    en: str
    zh: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, **values: Any) -> Text:
        """Return the same sentence with more values bound."""
        return Text(self.en, self.zh, {**self.values, **values})

    def render(self, language: str | None = None) -> str:
        """Return the sentence in ``language`` ("en" or "zh"; None = the person's own)."""
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
        """Return the inverse of :meth:`to_json` (values are already in place)."""
        return cls(data["en"], data["zh"])

    @classmethod
    def same(cls, words: str) -> Text:
        """Words that need no translation, such as a name or an upstream's own message."""
        words = _harmless(words)
        return cls(words, words)


class _Formatter(Formatter):
    """Puts values into sentences."""

    def convert_field(self, value: Any, conversion: Any) -> Any:
        """``!r`` quotes what a person gave."""
        if conversion == "r":
            if isinstance(value, str):
                return quoted(without_passwords(value))
            return shortened(without_passwords(repr(value)))
        return super().convert_field(value, conversion)

    def format_field(self, value: Any, format_spec: str) -> str:
        """Numbers as they are; all that holds words without what does harm; ``one|many``."""
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
    """Choose "en" or "zh" for this process; None = follow ``VIDEOGEN_LANG``, else the locale."""
    global _chosen
    if language is not None and language not in LANGUAGES:
        raise ValueError(f"language must be one of {LANGUAGES}, not {language!r}")
    _chosen = language


def current_language() -> str:
    """Return the person's language: what was chosen, else ``VIDEOGEN_LANG``, else the locale."""
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
    """Return the best of our languages for an ``Accept-Language`` header (RFC 9110 §12.5.4)."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate((header or "").split(",")[:32]):
        match = re.fullmatch(r"\s*([A-Za-z*-]{1,20})\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*", part)
        if match and match[1][:2].lower() in LANGUAGES:
            ranked.append((-float(match[2] or 1), place, match[1][:2].lower()))
    return min(ranked)[2] if ranked else "en"


def _nearest(tag: str) -> str:
    return "zh" if tag.lower().startswith(("zh", "chinese")) else "en"

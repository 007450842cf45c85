"""Finding known phrases in English or Chinese: the longest match, with negated ones marked."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from ....i18n import Text

_TABLES: Final = ("words.toml", "nouns.toml")
_NO_ZH: Final = re.compile(r"(?:不要有?|没有|并非|不|没|无|别|去掉)$")
_NO_EN: Final = re.compile(r"\b(?:no|not|without|never|don'?t|do not)(?: (?:a|any|the))? $")


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the tables: phrases for one thing, its name, and its tags."""

    tags: tuple[str, ...]
    phrases: tuple[str, ...]
    name: Text


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase found in a prompt: its wording there, its entry, and its position."""

    words: str
    entry: Entry
    start: int
    negated: bool = False

    @property
    def tags(self) -> tuple[str, ...]:
        return self.entry.tags

    @property
    def end(self) -> int:
        return self.start + len(self.words)


class Phrasebook:
    """Entries prepared for searching. If two share a phrase, the later one wins."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = {phrase: entry for entry in entries for phrase in entry.phrases}
        longest_first = sorted(self._entries, key=len, reverse=True)
        latin = [re.escape(p) for p in longest_first if p.isascii()]
        others = [re.escape(p) for p in longest_first if not p.isascii()]
        self._pattern = re.compile(
            rf"(?<![a-z0-9])(?P<latin>{'|'.join(latin)})(?:e?s)?(?![a-z0-9])|{'|'.join(others)}"
        )

    def find(self, prompt: str) -> Iterator[Found]:
        """Return the phrases in a normalised ``prompt``, excluding tagless and negated ones."""
        return (found for found in self.find_all(prompt) if found.tags and not found.negated)

    def find_all(self, prompt: str) -> Iterator[Found]:
        """Yield all phrases in a normalised ``prompt``."""
        for match in self._pattern.finditer(prompt):
            entry = self._entries[match["latin"] or match[0]]
            before = prompt[: match.start()]
            negated = bool(_NO_ZH.search(before) or _NO_EN.search(before))
            yield Found(match[0], entry, match.start(), negated)


def vocabulary(section: str) -> list[Entry]:
    """Return the entries of one section of the tables."""
    rows = _tables()[section]
    if section == "nouns":
        return [_noun(row["tags"], line) for row in rows for line in row["words"].splitlines()]
    mark = "mood " if section == "moods" else ""
    return [
        _entry(mark * bool(row["tags"]) + row["tags"], _split(row.get("en")), _split(row.get("zh")))
        for row in rows
    ]


def _noun(tags: str, line: str) -> Entry:
    """Parse one line of nouns; capitalised names are searched for in lower case."""
    english, chinese = line.split(" = ")
    return _entry(f"noun {tags}", _split(english), _split(chinese))


def _entry(tags: str, english: list[str], chinese: list[str]) -> Entry:
    """Build an entry; without a name in one language, use the name in the other."""
    name = Text((english or chinese)[0], (chinese or english)[0])
    return Entry(tuple(tags.split()), (*map(str.casefold, english), *chinese), name)


def _split(words: str | None) -> list[str]:
    return re.split(r",\s*", words.strip()) if words else []


@cache
def book(*sections: str) -> Phrasebook:
    """Return the phrases of some sections of the tables."""
    return Phrasebook(entry for section in sections for entry in vocabulary(section))


@cache
def plain_words() -> tuple[frozenset[str], str]:
    """Return English words that name nothing, and Chinese characters no name begins with."""
    plain = _tables()["plain"]
    return frozenset(plain["en"].split()), plain["zh_starts"]


@cache
def _tables() -> dict[str, Any]:
    texts = (files(__package__).joinpath(name).read_text("utf-8") for name in _TABLES)
    tables = {name: rows for text in texts for name, rows in tomllib.loads(text).items()}
    plain = tables["plain"]
    return {**tables, "fillers": [{"tags": "", "en": plain["en_phrases"], "zh": plain["zh"]}]}


def normalised(prompt: str) -> str:
    """Normalise text for searching: NFKC, lower case, single spaces."""
    folded = unicodedata.normalize("NFKC", prompt).casefold().replace("’", "'")
    return re.sub(r"\s+", " ", folded).strip()

"""Finding known phrases in a sentence, English or Chinese: the longest win, negated ones do not."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

_NO_ZH: Final = re.compile(r"(?:不要有?|没有|并非|不|没|无|别|去掉)$")
_NO_EN: Final = re.compile(r"\b(?:no|not|without|never|don'?t|do not)(?: (?:a|any|the))? $")


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase that stands in a prompt: as it is written there, its tags, and where it begins."""

    words: str
    tags: tuple[str, ...]
    start: int


class Phrasebook:
    """A table of ``(tags, phrases)``, ready for searching."""

    def __init__(self, table: Iterable[tuple[str, Sequence[str]]]) -> None:
        self._tags = {phrase: tuple(tags.split()) for tags, phrases in table for phrase in phrases}
        longest_first = sorted(self._tags, key=len, reverse=True)
        latin = [re.escape(p) for p in longest_first if p.isascii()]
        others = [re.escape(p) for p in longest_first if not p.isascii()]
        self._pattern = re.compile(
            rf"(?<![a-z0-9])(?P<latin>{'|'.join(latin)})(?:e?s)?(?![a-z0-9])|{'|'.join(others)}"
        )

    def find(self, prompt: str) -> Iterator[Found]:
        """The phrases in ``prompt``, which is normalised; tagless and negated ones left out."""
        for match in self._pattern.finditer(prompt):
            tags = self._tags[match["latin"] or match[0]]
            if tags and not _negated(prompt[: match.start()]):
                yield Found(match[0], tags, match.start())


def vocabulary(section: str) -> list[tuple[str, list[str]]]:
    """The ``(tags, phrases)`` of a section of ``words.toml``, English first."""
    rows = _words()[section]
    said = (", ".join(row[k].strip() for k in ("en", "zh") if k in row) for row in rows)
    return [(row["tags"], re.split(r",\s*", words)) for row, words in zip(rows, said, strict=True)]


@cache
def book(*sections: str) -> Phrasebook:
    """The phrases of some sections of ``words.toml``."""
    return Phrasebook(row for section in sections for row in vocabulary(section))


@cache
def _words() -> dict[str, list[dict[str, str]]]:
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))


def normalised(prompt: str) -> str:
    """Full-width forms folded, lower case, single spaces: what phrases are looked for in."""
    folded = unicodedata.normalize("NFKC", prompt).casefold().replace("’", "'")
    return re.sub(r"\s+", " ", folded).strip()


def _negated(before: str) -> bool:
    return bool(_NO_ZH.search(before) or _NO_EN.search(before))

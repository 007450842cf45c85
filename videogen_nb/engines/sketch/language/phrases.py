"""Finding known phrases in a sentence, English or Chinese: the longest win, negated ones do not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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
    """A table of ``(tags, phrases separated by |)``, ready for searching."""

    def __init__(self, table: Iterable[tuple[str, str]]) -> None:
        self._tags: dict[str, tuple[str, ...]] = {}
        for tags, phrases in table:
            for phrase in phrases.split("|"):
                self._tags[phrase.strip()] = tuple(tags.split())
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


def normalised(prompt: str) -> str:
    """Full-width forms folded, lower case, single spaces: what phrases are looked for in."""
    folded = unicodedata.normalize("NFKC", prompt).casefold().replace("’", "'")
    return re.sub(r"\s+", " ", folded).strip()


def _negated(before: str) -> bool:
    return bool(_NO_ZH.search(before) or _NO_EN.search(before))

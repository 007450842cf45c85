"""The things that a prompt mentions, and which of them a scene shows.

Unknown things are named in the prompt's own words: whatever remains between known phrases,
function words, verbs and punctuation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Final

from ....i18n import Text
from ..catalogue import OVER_IMAGES, SCENES, Mood
from .phrases import Found, book, normalised, plain_words
from .prompt import MEASURES

_BOOKS: Final = ("fillers", "scenes", "moods", "nouns")
_HAN: Final = r"\u3400-\u9fff"
_TOKEN: Final = re.compile(
    rf"(?P<han>[{_HAN}]+)|(?<!\d)[^\W\d_{_HAN}][^\W_{_HAN}]*(?:['-][^\W{_HAN}]+)*"
)
_VERBAL: Final = re.compile(r".{3,}(?:ing|ly)")
_MOST: Final = 8  # names in a list; a prompt may have 4,000 characters
_LONGEST: Final = 40
_STEM: Final = 4  # letters
#: Moods that a scene has by default, so they are never reported as missing.
_UNMISSED: Final = frozenset({"calm", "day"})
#: Accompanying tags that do not identify a thing: a starry night is not the same as the stars.
_BESIDE: Final = frozenset({"day", "night", "wind", "mist", "flowers"})


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that a prompt mentions: its name, its wording in the prompt, and its position."""

    name: Text
    words: str
    start: int
    tags: tuple[str, ...] = ("noun",)

    @property
    def told(self) -> Text:
        """Return its name; in the prompt's own language, use the prompt's wording."""
        latin = self.words.isascii()
        return Text(*((self.words, self.name.zh) if latin else (self.name.en, self.words)))


@dataclass(frozen=True, slots=True)
class Contents:
    """The things in a prompt that are drawn, and those that are not."""

    drawn: tuple[Text, ...]
    missing: tuple[Thing, ...]


def contents(prompt: str, shown: Collection[str]) -> Contents:
    """Split what ``prompt`` mentions into drawn (its tag or noun is in ``shown``) and missing."""
    drawn: dict[str, Text] = {}
    missing: dict[str, Thing] = {}
    for thing in sorted(things(prompt), key=lambda thing: thing.start):
        if thing.name.en in shown or _is_drawn(thing.tags, shown):
            drawn.setdefault(thing.name.en, thing.name)
        elif not _UNMISSED & set(thing.tags):
            missing.setdefault(thing.name.en.casefold(), thing)
    return Contents(tuple(drawn.values())[:_MOST], tuple(missing.values())[:_MOST])


def once(names: Iterable[Text]) -> list[Text]:
    """Drop names that are the beginning of a longer one: "city" next to "city lights"."""
    longest: dict[str, Text] = {}
    for name in names:
        stem = name.en.casefold()[:_STEM]
        longest[stem] = max(longest.get(stem, name), name, key=lambda text: len(text.en))
    return [*longest.values()]


def shown_by(scene: str, mood: Mood) -> set[str]:
    """Return what a scene shows in this mood, as tags and noun names."""
    entry = SCENES[scene]
    always = (item.partition("@") for item in entry.shows)
    seen = {scene, *(name for name, _, time in always if time in ("", mood.time))}
    tags = {*seen, *(f"~{name}" for name in seen & {*SCENES})}
    for name, value in asdict(mood).items():
        if value and (name in entry.understands or name in OVER_IMAGES):
            tags.add(value if isinstance(value, str) else name)
    wintry = mood.snow or mood.season == "winter"
    return tags | {"snowy", "winter"} if wintry else tags


def over_image(weather: Collection[str]) -> set[str]:
    """Return what is drawn over an image, as tags."""
    leaves = {"leaves"} if {"leaf_fall", "petal_fall"} & {*weather} else set()
    return {*weather, *leaves}


def has_subject_for(prompt: str, scene: str) -> bool:
    """Return whether anything beyond a mood word suggests a scene."""
    tagged = (set(thing.tags) for thing in things(prompt))
    return any({scene, f"~{scene}"} & tags and "mood" not in tags for tags in tagged)


def names_scene(prompt: str, scene: str) -> bool:
    """Return whether a prompt names a scene outright rather than only hinting at it."""
    return any(scene in thing.tags and "noun" not in thing.tags for thing in things(prompt))


def _is_drawn(tags: tuple[str, ...], shown: Collection[str]) -> bool:
    if "noun" in tags or ("storm" in tags and "storm" not in shown):
        return False
    told = set(tags) if {"mood", "dusk"} & set(tags) else set(tags) - _BESIDE
    return any(tag in shown for tag in told)


@lru_cache(16)
def things(prompt: str) -> tuple[Thing, ...]:
    """Return everything that a prompt mentions, except what it excludes.

    Cached, because planning calls it several times.
    """
    words = normalised(prompt)
    found = list(book(*_BOOKS).find_all(words))
    told = [
        Thing(one.entry.name, _as_written(one.words, prompt), one.start, one.tags)
        for one in found
        if one.tags and not one.negated
    ]
    known = [(f.start, f.end) for f in (*found, *_directions(words))]
    known += [match.span() for pattern in MEASURES for match in pattern.finditer(words)]
    for start, own in _left_over(_without(words, known)):
        written = _as_written(own, prompt)
        told.append(Thing(Text.same(written), written, start))
    return tuple(told)


def _directions(words: str) -> Iterator[Found]:
    """Yield camera moves, aspect ratios, and mentions of falling snow, rain, leaves or petals."""
    yield from book("moves", "ratios", "falling").find_all(words)


def _without(words: str, spans: list[tuple[int, int]]) -> str:
    """Return the text with each of ``spans`` replaced by line feeds."""
    letters = list(words)
    for start, end in spans:
        letters[start:end] = "\n" * (end - start)
    return "".join(letters)


def _left_over(words: str) -> Iterator[tuple[int, str]]:
    """Yield runs of adjacent words that are neither plain words nor verbs, with their positions."""
    plain, starts = plain_words()
    start = end = -1
    for token in _TOKEN.finditer(words):
        word, joined = token[0], end >= 0 and words[end : token.start()] == " "
        names = not token["han"] and word not in plain and not _VERBAL.fullmatch(word)
        if start >= 0 and not (joined and names):
            yield start, words[start:end]
            start = end = -1
        if names:
            start, end = (start if start >= 0 else token.start()), token.end()
        elif token["han"] and (own := _stripped(word, starts)):
            yield token.start(), own
    if start >= 0:
        yield start, words[start:end]


def _stripped(han: str, starts: str) -> str:
    """Strip leading characters no name begins with; a single character is seldom a name."""
    while len(han) > 2 and han[0] in starts:
        han = han[1:]
    return han if len(han) > 1 and han.strip(starts) else ""


def _as_written(own: str, prompt: str) -> str:
    """Return the words in the prompt's own case, shortened if they are long."""
    pattern = re.escape(own).replace(r"\ ", r"\s+")
    match = re.search(pattern, unicodedata.normalize("NFKC", prompt), re.IGNORECASE)
    written = " ".join(match[0].split()) if match else own
    return written if len(written) <= _LONGEST else written[: _LONGEST - 1] + "…"

"""Parsing a prompt: scene, mood, camera move, duration and aspect ratio.

Pure functions. The result, a :class:`Reading`, includes the words it is based on; ``notes.py``
holds the texts about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ..catalogue import OVER_IMAGES, SCENE_NAMES, SCENES, Daytime, Mood, Season
from .phrases import Found, book, normalised

#: Scenes by priority: an explicit "abstract" first; then subjects that dominate whatever surrounds
#: them; then places; then the sky; then weather, which can occur anywhere.
_RANKS: Final = (
    ("abstract",),
    ("aurora", "fire", "leaves"),
    ("stars", "city", "sea", "mountains"),
    ("clouds",),
    ("snow", "rain"),
)
_RANK: Final = {name: rank for rank, names in enumerate(_RANKS) for name in names}
_WEATHER: Final = ("snow", "rain", "mist", "wind", "flowers", "noon", "storm", "calm")
_SEASONS: Final[tuple[Season, ...]] = ("spring", "summer", "autumn", "winter")
_TIMES: Final[tuple[Daytime, ...]] = ("night", "dusk", "day")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a prompt asks for. None means that it does not say.

    ``scene_words`` and ``move_words`` are the words of the prompt behind each choice; both are
    empty if nothing was recognised (the scene is then ``abstract``). ``sure`` is False if a word
    only hints at the scene. ``falling`` names the weather that falls over an image. ``move`` may be
    ``pan``: sideways in either direction.
    """

    scene: str
    scene_words: tuple[str, ...]
    sure: bool
    mood: Mood
    falling: tuple[str, ...]
    move: str | None
    move_words: tuple[str, ...]
    duration_s: float | None
    ratio: str | None
    resolution: str | None


def read(prompt: str) -> Reading:
    """Read a prompt in English, Chinese or both."""
    words = normalised(prompt)
    found = list(book("scenes", "moods", "nouns").find(words))
    scene, sure = _scene(found)
    mood = _mood(scene, found, prompt)
    moves = list(book("moves").find(words))
    return Reading(
        scene=scene,
        scene_words=_that_led_to(scene, mood, found),
        sure=sure,
        mood=mood,
        falling=_falling([*found, *book("falling").find(words)]),
        move=moves[0].tags[0] if moves else None,
        move_words=_unique(m.words for m in moves if m.tags == moves[0].tags),
        duration_s=duration(words),
        ratio=_ratio(words),
        resolution=_resolution(words),
    )


def _scene(found: list[Found]) -> tuple[str, bool]:
    """Return the scene that the words name, else the one they hint at, else the abstract one.

    Hints rank in this order: visible things, a sky or a season, a mood.
    """
    things = [f for f in found if "noun" in f.tags]
    seen = [f for f in found if "mood" not in f.tags]
    for mark, those in (("", found), ("~", things), ("~", seen), ("~", found)):
        named = [(_RANK[name], f) for f in those for name in _scenes(f, mark)]
        if named:
            best = min(rank for rank, _ in named)
            return _head([f for rank, f in named if rank == best], mark), mark == ""
    return "abstract", False


def _head(found: list[Found], mark: str) -> str:
    """Choose among equals: Chinese puts the subject last (星空下的城市), English first."""
    last = any(not f.words.isascii() for f in found)
    chosen = found[-1] if last else found[0]
    best = min(_RANK[n] for n in _scenes(chosen, mark))
    return next(n for n in _scenes(chosen, mark) if _RANK[n] == best)


def _scenes(found: Found, mark: str) -> list[str]:
    return [name for name in SCENE_NAMES if mark + name in found.tags]


def _mood(scene: str, found: list[Found], prompt: str) -> Mood:
    tags = {tag for f in found for tag in f.tags}
    understands = SCENES[scene].understands
    if "snowy" in tags and "snow" in understands:
        tags.add("snow")
    if scene == "snow":
        tags.add("snow")
    return Mood(
        time=_time(scene, found),
        season=next((season for season in _SEASONS if season in tags), None),
        prompt=prompt,
        **{name: name in tags for name in _WEATHER},
    )


def _falling(found: list[Found]) -> tuple[str, ...]:
    """Return the weather said to fall, not snow that already lies in an image."""
    tags = {tag for f in found for tag in f.tags}
    return tuple(name for name in OVER_IMAGES if name in tags)


def _time(scene: str, found: list[Found]) -> Daytime | None:
    """Return the time of day. An explicit mention beats what the scene's own word implies."""
    said = {tag for f in found if scene not in f.tags for tag in f.tags}
    implied = {tag for f in found for tag in f.tags}
    return next((t for tags in (said, implied) for t in _TIMES if t in tags), None)


def _that_led_to(scene: str, mood: Mood, found: list[Found]) -> tuple[str, ...]:
    """Return the words of the prompt that named the scene or part of its mood."""
    used = {scene, f"~{scene}", *(name for name in _WEATHER if getattr(mood, name))}
    if mood.time:
        used.add(mood.time)
    if mood.snow:
        used.add("snowy")
    return _unique(f.words for f in found if used & set(f.tags))


def _unique(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


# Durations -------------------------------------------------------------------------------------

_ONES: Final = dict(zip("零一二三四五六七八九", range(10), strict=True)) | {"两": 2, "半": 0.5}
_ENGLISH: Final = dict(
    zip(
        (
            *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
            *("eleven", "twelve", "thirteen", "fourteen", "fifteen"),
        ),
        range(1, 16),
        strict=True,
    )
) | {"a": 1, "an": 1, "half a": 0.5, "a half": 0.5, "twenty": 20, "thirty": 30, "sixty": 60}
_NUMBER: Final = r"\d{1,4}(?:\.\d+)?"
_CHINESE_NUMBER: Final = "[一二两三四五六七八九十半]{1,3}"
_SAID: Final = "|".join(sorted(_ENGLISH, key=len, reverse=True))
#: "5s" is a duration only up to 19 s: 80s and 90s are decades.
_DURATION: Final = re.compile(
    rf"(?<![\d.])(?P<n>{_NUMBER})[ -]?(?P<unit>seconds?|secs?|minutes?|mins?)(?![a-z])"
    rf"|(?<![\d.a-z])(?P<s>1?\d(?:\.\d+)?) ?s(?![a-z])"
    rf"|(?<![a-z])(?P<word>{_SAID})[ -](?P<wunit>seconds?|minutes?)(?![a-z])"
    rf"|(?<![第每前后\d.])(?P<zh>{_NUMBER}|{_CHINESE_NUMBER}) ?个?(?P<zunit>秒钟?|分钟)"
    r"(?P<half>半)?(?![后前内])"
)


def duration(words: str) -> float | None:
    """Return the duration in seconds, unclamped: 5秒, 十秒, a 10-second, half a minute."""
    match = _DURATION.search(words)
    if match is None:
        return None
    if match["s"]:
        return float(match["s"])
    if match["word"]:
        return _ENGLISH[match["word"]] * (60 if match["wunit"].startswith("min") else 1)
    if match["zh"]:
        minute = 60 if match["zunit"] == "分钟" else 1
        return (_chinese(match["zh"]) + (0.5 if match["half"] else 0)) * minute
    return float(match["n"]) * (60 if match["unit"].startswith("min") else 1)


def _chinese(numeral: str) -> float:
    """Parse 一 to 九十九, 两, 半, or plain digits."""
    if numeral[0].isdecimal():
        return float(numeral)
    tens, ten, ones = numeral.rpartition("十")
    return (_ONES[tens] if tens else 1) * 10 * bool(ten) + (_ONES[ones[-1]] if ones else 0)


# Frame -----------------------------------------------------------------------------------------

_RATIO: Final = re.compile(r"(?<!\d)(16|9|1|4|3)\s?[:比x×]\s?(16|9|1|4|3)(?!\d)")
_LINES: Final = re.compile(r"(?<!\d)(480|540|720|1080) ?p(?![a-z])")
_RATE: Final = re.compile(r"(?<!\d)\d\d ?(?:fps(?![a-z])|帧)")
#: Parts of a prompt that describe a duration or the frame, not what is seen.
MEASURES: Final = (_DURATION, _RATIO, _LINES, _RATE)


def _ratio(words: str) -> str | None:
    if match := _RATIO.search(words):
        return f"{match[1]}:{match[2]}"
    return next((found.tags[0] for found in book("ratios").find(words)), None)


def _resolution(words: str) -> str | None:
    match = _LINES.search(words)
    return f"{match[1]}p" if match else None

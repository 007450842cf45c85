"""Choosing how to show a prompt: a scene, a scene with a caption, or a card.

A card is used if only hints or the mood suggest a scene, or if the scene would omit too much.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ...i18n import Text
from ..base import Drawn
from .camera.moves import MOVES
from .catalogue import ABSTRACT, CARD, DURATIONS, SCENES
from .language.contents import (
    contents,
    has_subject_for,
    names_scene,
    once,
    over_image,
    shown_by,
)
from .language.prompt import Reading, read


@dataclass(frozen=True, slots=True)
class Subject:
    """What a video shows of a prompt: ``scene`` may be ``CARD``; ``caption`` may be empty."""

    scene: str
    drawn: Drawn
    caption: str = ""


def of_prompt(reading: Reading, asked: str | None = None, caption: bool = True) -> Subject:
    """Return how to show a prompt.

    Args:
        asked: the scene requested by parameter, or None.
        caption: whether captions and cards are allowed.
    """
    prompt = reading.mood.prompt
    scene = asked or reading.scene
    if caption and asked is None and _needs_card(prompt, reading):
        scene = CARD
    found = contents(prompt, set() if scene == CARD else shown_by(scene, reading.mood))
    known = (*_too_long(reading), _KNOWN)
    if scene == CARD:
        missing = [thing.told for thing in found.missing if "mood" not in thing.tags]
        return Subject(CARD, _told((), missing or [_cut(prompt)], _SCENE, _CARD, *known))
    missing = [thing.told for thing in found.missing]
    shown = once(_scene_shown(scene, prompt, found.drawn))
    absent = found.missing if caption and scene != ABSTRACT else ()
    words = " · ".join(thing.words for thing in absent)
    lettered = (_LETTERED,) if words else ()
    return Subject(scene, _told(shown, missing, _SCENE, *lettered, *known), words)


def of_image(reading: Reading, move: str | None) -> Drawn:
    """Return what a video made from an image shows of its prompt; ``move`` None means any move."""
    found = contents(reading.mood.prompt, over_image(reading.falling))
    moved = _SOME_MOVE if move is None else MOVES[move].title if move in MOVES else _DISSOLVE
    missing = [thing.told for thing in found.missing if "mood" not in thing.tags]
    return _told([moved, *once(found.drawn)], missing, _IMAGE, *_too_long(reading))


@lru_cache(16)
def preview(prompt: str, from_image: bool = False, caption: bool = True) -> Drawn | None:
    """Return what the engine would show of a prompt, or None if the prompt is empty."""
    if not prompt.strip():
        return None
    reading = read(prompt)
    if from_image:
        move = reading.move if reading.move in MOVES else None
        return of_image(reading, move)
    return of_prompt(reading, caption=caption).drawn


def _too_long(reading: Reading) -> tuple[Text, ...]:
    """Return a note on the maximum duration if the prompt asks for a longer video."""
    return (_LONGEST_S,) if (reading.duration_s or 0) > DURATIONS[1] else ()


def _needs_card(prompt: str, reading: Reading) -> bool:
    found = contents(prompt, shown_by(reading.scene, reading.mood))
    if reading.scene == ABSTRACT:
        return not reading.sure
    if reading.sure:
        return len(found.missing) > max(3, 2 * len(found.drawn))
    return len(found.missing) > (1 if has_subject_for(prompt, reading.scene) else 0)


def _scene_shown(scene: str, prompt: str, drawn: Sequence[Text]) -> Iterable[Text]:
    """Yield what is shown, beginning with the scene's title if the prompt does not name it."""
    if not names_scene(prompt, scene):
        title = SCENES[scene].title
        yield Text(title.en.lower(), title.zh)
    yield from drawn


def _told(
    shown: Sequence[Text], missing: Sequence[Text], tenses: Sequence[Tense], *also: Text
) -> Drawn:
    line, ahead = (
        _joined(*(said(things=_listed(them)) for said, them in named if them), *also)
        for named in (zip(tense, (shown, missing), strict=True) for tense in tenses)
    )
    return Drawn(tuple(shown), tuple(missing), line, ahead)


def _listed(texts: Iterable[Text]) -> Text:
    texts = list(texts)
    return Text(", ".join(t.en for t in texts), "、".join(t.zh for t in texts))


def _joined(*texts: Text) -> Text:
    named = {f"part{i}": text for i, text in enumerate(texts)}
    fields = [f"{{{name}}}" for name in named]
    return Text(" ".join(fields), "".join(fields))(**named)


def _cut(prompt: str) -> Text:
    words = " ".join(prompt.split())
    return Text.same(words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…")


_LONGEST: Final = 40
_SOME_MOVE: Final = Text("one that suits the image", "适合该图片的运镜")
_DISSOLVE: Final = Text("from the first image to the last", "从首帧过渡到尾帧")
#: Sentences about what is shown and about what is missing.
Tense = tuple[Text, Text]
_SCENE: Final[tuple[Tense, Tense]] = (
    (
        Text("Drawn: {things}.", "已绘制：{things}。"),
        Text("Not drawn: {things}.", "未绘制：{things}。"),
    ),
    (
        Text("Will draw: {things}.", "将绘制：{things}。"),
        Text("Won't draw: {things}.", "不会绘制：{things}。"),
    ),
)
_CARD: Final = Text("The prompt is shown as a card instead.", "因此以文字卡片呈现提示词。")
_LETTERED: Final = Text("A caption names what is missing.", "缺少的内容以说明文字注明。")
_KNOWN: Final = Text(
    "The built-in engine knows {count} scenes and draws one in each video.",
    "内置引擎会画 {count} 种场景，每段视频画一种。",
)(count=len(SCENES))
_LONGEST_S: Final = Text("Videos last at most {s} s.", "视频最长 {s} 秒。")(s=DURATIONS[1])
_MOVED: Final = Text("Camera move: {things}.", "运镜：{things}。")
_AS_IT_IS: Final = Text(
    "The built-in engine moves the camera over the image and does not change what is in it.",
    "内置引擎只让图片动起来，不改变图中的内容。",
)
#: What the prompt names may already be in the image, so it is not reported as missing.
_IMAGE: Final[tuple[Tense, Tense]] = ((_MOVED, _AS_IT_IS), (_MOVED, _AS_IT_IS))

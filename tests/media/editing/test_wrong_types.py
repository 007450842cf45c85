"""What is given as something else than it should be is told in a sentence, or understood."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.old_and_new_gateway import our_world
from videogen_nb import Shot, Storyboard, clip, join, music, provenance, timeline, title
from videogen_nb.errors import BadInput, BadParameter, VideogenError
from videogen_nb.media.probe import probe
from videogen_nb.media.video import VideoFile
from videogen_nb.testing import testcard

WRONG: tuple[Any, ...] = (
    None,
    7,
    True,
    float("nan"),
    "",
    b"x",
    [None],
    [7],
    {"a": 1},
    {"x"},
    object(),
)
SMALL: dict[str, Any] = {"size": (64, 64), "fps": 4, "loudness": None}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("card.mp4").write_bytes(testcard.video())


def card() -> VideoFile:
    return VideoFile(Path("card.mp4"), probe(Path("card.mp4")))


def board() -> Storyboard:
    return Storyboard(["a", "b"], "board.json")


def _titled(**given: Any) -> None:
    join([title(**{"text": "a", "seconds": 0.25, **given})], path="a.mp4", **SMALL)


TAKERS: dict[str, Callable[[Any], object]] = {
    **{
        f"Shot {name}": lambda value, name=name: Shot(**{"prompt": "a", name: value})  # type: ignore[misc]
        for name in ("prompt", "seconds", "engine", "first", "last", "link", "parameters", "take")
    },
    "shots": lambda value: Storyboard(value, "b.json").states(),
    "a shot": lambda value: Storyboard([value], "b.json").states(),
    "storyboard": lambda value: Storyboard(["a"], value),
    "references": lambda value: Storyboard(["a"], "b.json", references=value).keys(),
    "add": lambda value: board().add(value),
    "edit": lambda value: board().edit(value, prompt="c"),
    "move": lambda value: board().move(1, value),
    "remove": lambda value: board().remove(value),
    "make": lambda value: asyncio.run(board().make(value or 0)),
    "takes": lambda value: board().takes(value),
    "text": lambda value: _titled(text=value),
    "below": lambda value: _titled(below=value),
    "colour": lambda value: _titled(colour=value),
    "background": lambda value: _titled(background=value),
    "clip": lambda value: join([clip(value)], path="a.mp4"),
    "music": music,
    "provenance": provenance,
    "cover": lambda value: card().cover(value),
    "gif": lambda value: card().gif(value, width=16),
    "export": lambda value: card().export(value, size=(64, 64)),
    "timeline": lambda value: timeline([title("a")], value),
    "parts of a timeline": lambda value: timeline(value, "a.otio"),
    **{
        f"join {name}": lambda value, name=name: join(  # type: ignore[misc]
            **{"parts": [title("a", 0.25)], "path": "a.mp4", **SMALL, name: value}
        )
        for name in ("parts", "path", "transition", "seconds", "audio", "narration", "subtitles")
    },
}  # fmt: skip


@pytest.mark.parametrize("taker", TAKERS)
def test_it_is_told_or_understood(taker: str) -> None:
    refused = list(_refused(TAKERS[taker]))
    assert refused
    assert all("Traceback" not in str(error) for error in refused)


def _refused(take: Callable[[Any], object]) -> Iterable[VideogenError]:
    """The errors in sentences; any other fails the test."""
    for value in WRONG:
        try:
            take(value)
        except VideogenError as error:
            yield error


def test_one_is_taken_for_a_list_of_one() -> None:
    assert Storyboard("a calm sea", "a.json").shots == [Shot("a calm sea")]
    assert Storyboard(["a", Shot("b")], "b.json").shots == [Shot("a"), Shot("b")]
    with pytest.raises(BadInput, match="not 7"):
        Storyboard([7], "c.json")  # type: ignore[list-item]  # a slip
    assert join("card.mp4", path="a.mp4", loudness=None).facts.frames == card().facts.frames
    assert title(2026).text == "2026"  # type: ignore[arg-type]  # a number is text enough


async def test_the_same_is_true_of_what_a_gateway_is_asked() -> None:
    async with our_world() as videos:
        takers: tuple[Callable[[Any], Any], ...] = (
            lambda value: videos.annotate("1", starred=value, title=value, labels=value),
            lambda value: videos.batch([{"prompt": "a"}], "n", path=value, dry_run=True),
            lambda value: videos.batch([{"prompt": "a"}], "n", notify=value, dry_run=True),
            lambda value: videos.variations(value, 0),
            lambda value: videos.prune(older_than="1d", dry_run=value),
            lambda value: videos.generate("a", path=value, duration=-1),
        )
        for take in takers:
            for value in (7, b"x", {"a": 1}, object()):
                with pytest.raises(VideogenError):
                    await take(value)
        with pytest.raises(BadParameter, match="no values"):
            await videos.variations("a", engine=[])
        with pytest.raises(BadParameter, match="Nothing was deleted"):
            await videos.prune(older_than="1d", keep="stared")  # type: ignore[arg-type]  # a slip

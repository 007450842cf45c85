"""Names of files that a person gives: what cannot be read or written is told in a sentence."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from videogen_nb import join, timeline
from videogen_nb.errors import BadInput, EditError
from videogen_nb.media.editing.export import export
from videogen_nb.media.editing.frames.animation import gif, webp
from videogen_nb.media.editing.sound.mixing import music, sound_file
from videogen_nb.media.probe import probe
from videogen_nb.media.provenance import provenance
from videogen_nb.media.video import VideoFile
from videogen_nb.storyboard import Shot, Storyboard

from .clips import make_clip

#: All that takes the name of a file; the clip is a video that can be read.
TAKERS: dict[str, Callable[[Path, str], object]] = {
    "part": lambda clip, name: join([f"{name}.mp4"], path="out.mp4"),
    "join": lambda clip, name: join([clip], path=f"{name}.mp4"),
    "subtitles": lambda clip, name: join([clip], subtitles=f"{name}.srt", path="out.mp4"),
    "sound": lambda clip, name: sound_file(f"{name}.mp3"),
    "music": lambda clip, name: music(f"{name}.mp3"),
    "timeline": lambda clip, name: timeline([clip], f"{name}.otio"),
    "music of a timeline": lambda clip, name: timeline([clip], "a.otio", audio=f"{name}.mp3"),
    "export": lambda clip, name: export(clip, f"{name}.mp4"),
    "gif": lambda clip, name: gif(clip, Path(f"{name}.gif")),
    "webp": lambda clip, name: webp(clip, Path(f"{name}.webp")),
    "cover": lambda clip, name: VideoFile(clip, probe(clip)).cover(f"{name}.jpg"),
    "provenance": lambda clip, name: provenance(f"{name}.mp4"),
    "storyboard": lambda clip, name: Storyboard([Shot("sea")], f"{name}.json"),
    "reference": lambda clip, name: Storyboard([Shot("sea")], references=[f"{name}.jpg"]).keys(),
}
WRITERS = ("join", "timeline", "export", "gif", "webp", "cover", "storyboard")


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", 4)


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("taker", TAKERS)
@pytest.mark.parametrize("name", ["长" * 100, "a\0b"], ids=["long", "null"])
def test_a_name_that_no_file_can_have_is_told(clip, name, taker):
    with pytest.raises((BadInput, EditError), match=r"Cannot (read|write)|not found|No video"):
        TAKERS[taker](clip, name)
    assert [one.name for one in Path().iterdir()] in ([], ["storyboard.json"])


@pytest.mark.parametrize("taker", TAKERS)
def test_a_working_folder_that_is_gone_is_told(clip, taker, tmp_path, monkeypatch):
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    place.rmdir()
    with pytest.raises((BadInput, EditError)) as caught:
        TAKERS[taker](clip, "a")
    monkeypatch.chdir(tmp_path)
    assert "{" not in str(caught.value)


@pytest.mark.skipif(os.name != "posix", reason="names are text there")
@pytest.mark.parametrize("taker", WRITERS)
def test_a_name_that_is_no_text_is_written(clip, taker):
    name = os.fsdecode(b"a\xff")
    try:
        Path(name).touch()
    except OSError:
        pytest.skip("the file system wants text")
    TAKERS[taker](clip, name)
    assert list(Path().glob(f"{name}.*"))
    if taker == "storyboard":
        assert Storyboard(None, f"{name}.json").shots == [Shot("sea")]


def test_a_storyboard_that_an_editor_saved_with_a_mark_is_read():
    Storyboard([Shot("大海")])
    file = Path("storyboard.json")
    file.write_text(file.read_text("utf-8"), "utf-16")
    assert Storyboard().shots == [Shot("大海")]

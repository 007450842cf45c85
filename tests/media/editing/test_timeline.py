"""Timelines for editing programs, read with their own library; the media lie beside them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from videogen_nb import clip, join, timeline, title
from videogen_nb.errors import BadInput
from videogen_nb.media.probe import probe

from .clips import make_clip

otio = pytest.importorskip("opentimelineio", reason="it has no wheels for this Python")


@pytest.fixture
def one(tmp_path):
    return make_clip(tmp_path / "one clip.mp4", tone=300)


@pytest.fixture
def two(tmp_path):
    return make_clip(tmp_path / "two.mp4")


def tracks_of(path):
    return otio.adapters.read_from_file(str(path)).tracks


def test_it_is_as_long_as_what_join_makes_and_its_media_lie_beside_it(one, two, tmp_path):
    parts = [one, title("Advert", 1), clip(two, 0.5, 1.5)]
    how: Any = {"transition": ["crossfade", "cut"], "seconds": 0.5}
    path = timeline(parts, tmp_path / "out" / "advert.otio", **how)
    joined = join(parts, path=tmp_path / "all.mp4", **how)
    video = tracks_of(path)[0]
    rate = video[0].source_range.duration.rate
    assert video.duration().to_frames() == joined.facts.frames
    assert rate == joined.facts.fps
    clips = [item for item in video if isinstance(item, otio.schema.Clip)]
    assert [type(item).__name__ for item in video] == ["Clip", "Transition", "Clip", "Clip"]
    for one_clip in clips:
        url = unquote(one_clip.media_reference.target_url)
        assert url.startswith("advert media/")
        media = probe(path.parent / url)
        reach = one_clip.media_reference.available_range
        assert media.frames == reach.duration.to_frames()
        used = one_clip.source_range
        assert reach.start_time <= used.start_time
        assert used.end_time_exclusive() <= reach.end_time_exclusive()
    assert clips[2].source_range.start_time.to_seconds() == 0.5
    assert (path.parent / "advert media" / "01-one clip.mp4").read_bytes() == one.read_bytes()


def test_a_transition_reaches_into_what_was_cut_off(one, two, tmp_path):
    path = timeline([one, two], tmp_path / "a.otio", transition="crossfade", seconds=0.5)
    first, dissolve, second = tracks_of(path)[0]
    assert dissolve.transition_type == otio.schema.TransitionTypes.SMPTE_Dissolve
    end = first.source_range.end_time_exclusive() + dissolve.out_offset
    assert end == first.media_reference.available_range.end_time_exclusive()
    assert second.source_range.start_time == dissolve.in_offset


def test_sound_and_music_have_tracks(one, tmp_path):
    tune = tmp_path / "tune.wav"
    tune.write_bytes(b"RIFF")  # it is copied, not read
    path = timeline([title("x", 1), one], tmp_path / "a.otio", audio=tune)
    video, sound, music = tracks_of(path)
    assert [track.kind for track in (video, sound, music)] == ["Video", "Audio", "Audio"]
    assert [type(item).__name__ for item in sound] == ["Gap", "Clip"]
    assert sound.duration() == video.duration() == music.duration()
    assert (tmp_path / "a media" / "tune.wav").is_file()


def test_the_same_parts_give_the_same_file_and_it_may_be_written_again(one, tmp_path):
    path = timeline([one], tmp_path / "a.otio")
    before = path.read_bytes()
    assert timeline([one], path).read_bytes() == before
    assert json.loads(before)["OTIO_SCHEMA"] == "Timeline.1"
    again = timeline([tmp_path / "a media" / "01-one clip.mp4"], tmp_path / "b.otio")
    assert again.is_file()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param({"path": "a.mp4"}, r"ends in \.otio", id="suffix"),
        pytest.param({"audio": "gone.mp3"}, r"gone\.mp3", id="music"),
        pytest.param({"parts": []}, "nothing to join", id="nothing"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_is_written(arguments, words, one, tmp_path):
    given = {"parts": [one], "path": "a.otio", **arguments}
    given["path"] = tmp_path / given["path"]
    with pytest.raises(BadInput, match=words):
        timeline(given.pop("parts"), given.pop("path"), **given)
    assert [path.name for path in tmp_path.iterdir()] == [one.name]

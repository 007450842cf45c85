"""Subtitles: read from lists and files, kept as a track, drawn into the frames."""

import av
import pytest

from videogen_nb.errors import BadInput
from videogen_nb.media.editing.join import join
from videogen_nb.media.editing.titles_and_subtitles.subtitles import Cue, read_cues, soft_track
from videogen_nb.media.editing.titles_and_subtitles.typesetting import set_text

from .clips import grey, make_clip, numbers

SRT = """1
00:00:00,500 --> 00:00:01,000
Hello, <i>world</i>

2
00:00:01,250 --> 00:00:02,000
第一行
第二行
"""


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    return make_clip(tmp_path_factory.mktemp("clips") / "one.mp4", 24, first=1, tone=440)


def track(path):
    """The subtitles of a file: start and end in seconds, text."""
    with av.open(str(path)) as container:
        stream = container.streams.subtitles[0]
        return [
            (
                float(packet.pts * packet.time_base),
                float((packet.pts + (packet.duration or 0)) * packet.time_base),
                bytes(packet)[2:].decode(),
            )
            for packet in container.demux(stream)
            if packet.pts is not None and len(bytes(packet)) > 2
        ]


def test_a_list_becomes_a_track(one, tmp_path):
    given = [(1.0, 1.5, "你好"), (0.25, 0.75, "Hello")]
    joined = join([one], subtitles=given, path=tmp_path / "all.mp4")
    assert track(joined.path) == [(0.25, 0.75, "Hello"), (1.0, 1.5, "你好")]
    assert numbers(joined.path) == [*range(1, 25)]


@pytest.mark.parametrize("code", ["utf-8-sig", "utf-16"])
def test_a_file_becomes_a_track(one, tmp_path, code):
    (tmp_path / "words.srt").write_text(SRT, code)
    joined = join([one], subtitles=tmp_path / "words.srt", path=tmp_path / "all.mp4")
    assert track(joined.path) == [(0.5, 1.0, "Hello, world"), (1.25, 2.0, "第一行\n第二行")]


def test_they_are_drawn_while_they_last(one, tmp_path):
    plain = join([one], path=tmp_path / "plain.mp4")
    joined = join([one], subtitles=[(0.5, 1.0, "Hello")], burn_in=True, path=tmp_path / "all.mp4")
    with av.open(str(joined.path)) as container:
        assert not container.streams.subtitles
    changed = [
        abs(a.astype(int) - b)[70:].max() > 60
        for a, b in zip(grey(plain.path), grey(joined.path), strict=True)
    ]
    assert [n for n, is_changed in enumerate(changed) if is_changed] == [*range(6, 12)]
    assert numbers(joined.path) == [*range(1, 25)]


def test_what_overlaps_or_lies_behind_the_end():
    cues = [Cue(0, 2, "a"), Cue(1, 3, "b"), Cue(3.5, 9, "c"), Cue(8, 9, "d")]
    assert [(start, length) for start, length, _ in soft_track(cues, 4.0)] == [
        (0, 1000), (1000, 2000), (3500, 500),
    ]  # fmt: skip


def test_a_file_that_holds_none_is_told(tmp_path):
    (tmp_path / "words.srt").write_bytes(b"\xff\xfe\x00 no subtitles")
    with pytest.raises(BadInput, match=r"words\.srt"):
        read_cues(tmp_path / "words.srt")


def test_words_get_smaller_until_they_fit():
    large = set_text("山雨欲来", 400, 100, 40)
    assert (large.lines, large.face.size) == (("山雨欲来",), 40)
    small = set_text("a very long subtitle that goes on and on " * 6, 400, 100, 40)
    assert small.height <= 100
    assert small.face.size < 40
    assert set_text("one\ntwo", 400, 100, 20).lines == ("one", "two")


def test_what_fits_at_no_size_ends_in_an_ellipsis():
    block = set_text("a very long subtitle that goes on and on " * 20, 120, 30, 40)
    assert block.height <= 30
    assert block.lines[-1].endswith("…")
    assert all(block.face(line) <= 120 for line in block.lines)
    paragraphs = set_text("\n".join(f"line {n}" for n in range(700)), 400, 100, 20)
    assert paragraphs.lines[-1].endswith("…")

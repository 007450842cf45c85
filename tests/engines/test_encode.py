"""Frames to a file: tags, order, metadata, progress, cancelling, and the same bytes each time."""

import threading

import av
import numpy as np
import pytest

from videogen_nb.engines.rendering.encode import Reel, encode
from videogen_nb.errors import EngineCancelled, EngineError
from videogen_nb.media.provenance import metadata, provenance
from videogen_nb.media.yuv import plane, tagged

REEL = Reel(160, 120, 24, 30)


def draw(index):
    """A frame whose brightness tells its number."""
    frame = av.VideoFrame(REEL.width, REEL.height, "yuv420p")
    plane(frame, 0)[:] = 40 + 5 * index
    for k in (1, 2):
        plane(frame, k)[:] = 128
    return tagged(frame)


def write(path, draw=draw, reel=REEL, facts=None, on_frame=lambda done: None, cancelled=None):
    encode(
        draw,
        reel,
        path,
        metadata=facts or {},
        on_frame=on_frame,
        cancelled=cancelled or (lambda: False),
    )
    return path


def frames_of(path):
    with av.open(str(path)) as container:
        return [plane(frame, 0).copy() for frame in container.decode(video=0)]


def test_it_is_h264_tagged_as_browsers_expect(tmp_path):
    with av.open(str(write(tmp_path / "video.mp4"))) as container:
        stream = container.streams.video[0]
        frame = next(container.decode(stream))
        assert stream.codec_context.name == "h264"
        assert (stream.width, stream.height) == (160, 120)
        assert stream.average_rate == 24
        assert frame.format.name == "yuv420p"
        assert (frame.colorspace, frame.color_range) == (1, 1)  # BT.709, limited
        context = stream.codec_context
        assert (context.color_primaries, context.color_trc) == (1, 1)
        assert stream.frames == REEL.frames
        assert (container.duration or 0) / 1e6 == pytest.approx(30 / 24)


def test_the_index_stands_before_the_frames(tmp_path):
    data = write(tmp_path / "video.mp4").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_all_frames_arrive_in_order(tmp_path):
    levels = [float(luma.mean()) for luma in frames_of(write(tmp_path / "video.mp4"))]
    assert levels == pytest.approx([40 + 5 * i for i in range(30)], abs=1.5)


def test_the_same_frames_give_the_same_bytes(tmp_path):
    one, other = (write(tmp_path / name).read_bytes() for name in ("a.mp4", "b.mp4"))
    assert one == other


def test_metadata_comes_back_exactly(tmp_path):
    facts = {
        "prompt": "海边日落 🌅\n第二行 “quoted” \\ {braces}",
        "seed": 2**53,
        "notes": [{"zh": "雪"}],
    }
    path = write(tmp_path / "video.mp4", facts=metadata(facts))
    assert provenance(path) == {**facts, "made_by": "videogen-nb"}
    with av.open(str(path)) as container:
        assert container.metadata["title"] == "海边日落 🌅 第二行 “quoted” \\ {braces}"


def test_each_frame_is_reported(tmp_path):
    seen: list[int] = []
    write(tmp_path / "video.mp4", on_frame=seen.append)
    assert seen == list(range(1, 31))


def test_cancelling_stops_at_once_and_leaves_nothing(tmp_path):
    done: list[int] = []
    with pytest.raises(EngineCancelled):
        write(tmp_path / "video.mp4", on_frame=done.append, cancelled=lambda: len(done) >= 5)
    assert done == [1, 2, 3, 4, 5]
    assert list(tmp_path.iterdir()) == []


def test_no_more_than_a_few_frames_are_drawn_ahead(tmp_path):
    drawn, encoded = [], []

    def counting(index):
        drawn.append(index)
        return draw(index)

    def check(done):
        encoded.append(done)
        assert len(drawn) - done <= 7  # waiting ones, and one in each drawing thread

    write(tmp_path / "video.mp4", draw=counting, on_frame=check)
    assert sorted(drawn) == list(range(30))


def test_two_threads_draw(tmp_path):
    """Each waits for the other once: with a single drawing thread this would not end."""
    both = threading.Barrier(2)

    def meeting(index):
        if index < 2:
            both.wait(timeout=30)
        return draw(index)

    assert len(frames_of(write(tmp_path / "video.mp4", draw=meeting))) == 30


def test_an_error_while_drawing_comes_out_and_leaves_nothing(tmp_path):
    def failing(index):
        if index == 9:
            raise ZeroDivisionError
        return draw(index)

    with pytest.raises(ZeroDivisionError):
        write(tmp_path / "video.mp4", draw=failing)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(EngineError, match="could not be written"):
        write(tmp_path / "no such folder" / "video.mp4")


@pytest.mark.parametrize("size", [(854, 480), (480, 854), (160, 90), (90, 160)])
def test_sizes_that_are_no_multiple_of_a_block(tmp_path, size):
    reel = Reel(size[0], size[1], 12, 3)

    def gray(index):
        frame = av.VideoFrame(size[0], size[1], "yuv420p")
        for k in range(3):
            plane(frame, k)[:] = 120
        return tagged(frame)

    shown = frames_of(write(tmp_path / "video.mp4", draw=gray, reel=reel))
    assert [luma.shape for luma in shown] == [size[::-1]] * 3
    assert np.abs(shown[0].astype(int) - 120).max() <= 1

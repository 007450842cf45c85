"""Looking at video files: good ones, cut ones, and things that are no videos."""

import io

import av
import numpy as np
import pytest
from PIL import Image

from videogen_nb.errors import NotAVideo
from videogen_nb.media.probe import VideoFacts, fit_jpeg, open_media, poster_jpeg, probe


def make_video(path, frames=48, size=(320, 180), codec="libx264", comment=""):
    """A video of noise that brightens: it has some size in bytes, and a known middle."""
    dice = np.random.default_rng(3)
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        container.metadata["comment"] = comment
        stream = container.add_stream(codec, rate=24)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for i in range(frames):
            noise = dice.integers(0, 60, (size[1], size[0], 3)) + round(150 * i / frames)
            frame = av.VideoFrame.from_ndarray(noise.astype(np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    return make_video(tmp_path_factory.mktemp("videos") / "video.mp4")


def test_probe_tells_what_it_is(video):
    assert probe(video) == VideoFacts(320, 180, 24.0, 48, 2.0, "h264")
    assert probe(str(video)).frames == 48


def test_other_codecs_are_videos_too(tmp_path):
    assert probe(make_video(tmp_path / "video.mp4", 5, codec="mpeg4")).codec == "mpeg4"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_video_cut_short_is_told(video, tmp_path, share):
    data = video.read_bytes()
    short = tmp_path / "short.mp4"
    short.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(NotAVideo, match=r"short\.mp4"):
        probe(short)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<html>404</html>", id="html"),
        pytest.param(b"\x00\x00\x00\x20ftypisom" + bytes(400), id="only-a-beginning"),
    ],
)
def test_what_is_no_video_is_told(tmp_path, content):
    path = tmp_path / "thing.mp4"
    path.write_bytes(content)
    for look in (probe, poster_jpeg):
        with pytest.raises(NotAVideo, match=r"thing\.mp4"):
            look(path)


def test_metadata_that_is_not_utf8_is_no_reason_to_refuse(tmp_path):
    path = make_video(tmp_path / "video.mp4", 3, comment="caf\u00e9")
    path.write_bytes(path.read_bytes().replace("caf\u00e9".encode(), b"caf\xe9\xe9"))
    with open_media(path) as container:
        assert container.metadata["comment"] == "caf\udce9\udce9"
    assert probe(path).frames == 3
    assert poster_jpeg(path)


def test_sound_alone_is_no_video(tmp_path):
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        sound = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
        sound.rate = 44100
        container.mux(stream.encode(sound))
        container.mux(stream.encode(None))
    with pytest.raises(NotAVideo, match="no video stream"):
        probe(path)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(NotAVideo, match="No such file"):
        probe(tmp_path / "video.mp4")


def test_the_poster_keeps_its_limits(video):
    data = poster_jpeg(video)
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.size) == ("JPEG", (320, 180))
    assert len(data) <= 30_000
    small = poster_jpeg(video, max_bytes=4_000, max_side=200)
    assert len(small) <= 4_000
    assert max(Image.open(io.BytesIO(small)).size) <= 200


def test_the_poster_is_from_two_fifths_into_the_video(video):
    image = np.asarray(Image.open(io.BytesIO(poster_jpeg(video))).convert("RGB"), float)
    assert image.mean() == pytest.approx(30 + 150 * 0.4, abs=12)


def test_a_jpeg_gives_up_quality_before_size():
    noise = np.random.default_rng(1).integers(0, 255, (200, 300, 3), np.uint8)
    image = Image.fromarray(noise)
    best = fit_jpeg(image, max_bytes=10**6, max_side=300)
    tight = fit_jpeg(image, max_bytes=len(best) // 2, max_side=300)
    tiny = fit_jpeg(image, max_bytes=900, max_side=300)
    assert Image.open(io.BytesIO(tight)).size == (300, 200)
    assert len(tight) <= len(best) // 2
    assert len(tiny) <= 900

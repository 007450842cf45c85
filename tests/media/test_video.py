"""A video in a cell."""

import os
from pathlib import Path

import av
import pytest

from videogen_nb.media.probe import probe
from videogen_nb.media.video import Video
from videogen_nb.protocol.models import VideoTask
from videogen_nb.testing import testcard


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "videos" / "x-876543.mp4"
    path.parent.mkdir()
    path.write_bytes(testcard.video())
    task = VideoTask.model_validate(
        {
            "conversation_id": "1",
            "message_id": "98765432109876543",
            "status": "completed",
            "prompt": "<script>alert(1)</script> 海",
        }
    )
    return Video(path, probe(path), task)


def test_it_shows_itself_as_its_receipt(video, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = video._repr_mimebundle_()
    assert 'src="videos/x-876543.mp4"' in shown["text/html"]
    assert "<script>" not in shown["text/html"]
    assert "videos/x-876543.mp4" in shown["text/plain"]


def test_it_stands_in_for_its_path(video):
    assert os.fspath(video) == str(video.path)
    assert Path(video).read_bytes() == testcard.video()


def test_it_does_not_change(video):
    with pytest.raises(AttributeError):
        video.path = "elsewhere"


def test_in_a_list_it_is_one_short_line(video):
    assert repr([video]).endswith("x-876543.mp4', 1.0 s, 320×180, task 1-98765432109876543>]")


def test_it_is_decoded_once_however_often_it_is_shown(video, monkeypatch):
    opened = []
    real = av.open

    def counted(*arguments, **options):
        opened.append(arguments)
        return real(*arguments, **options)

    monkeypatch.setattr(av, "open", counted)
    pages = {video._repr_mimebundle_()["text/html"] for _ in range(3)}
    assert len(pages) == 1
    assert len(opened) == 1, "the poster, once"
    video.path.write_bytes(testcard.video() + b"\0" * 8)  # another file of this name
    video._repr_mimebundle_()
    assert len(opened) == 2

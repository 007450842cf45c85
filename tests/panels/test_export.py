"""Exporting a video from its panel."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.media.editing.clips import make_clip
from tests.panels.conftest import Page, press, type_into, until
from videogen_nb.errors import BadInput
from videogen_nb.media.editing.edit_provenance import _BOXES
from videogen_nb.media.probe import probe
from videogen_nb.media.video import Video
from videogen_nb.panels.results.export import ExportPanel
from videogen_nb.protocol.models import TaskStatus, VideoTask


@pytest.fixture
def panel(tmp_path: Path):
    path = make_clip(tmp_path / "lake.mp4", 6)
    done = TaskStatus.COMPLETED
    task = VideoTask(conversation_id="1", message_id="2", status=done, prompt="a lake")
    panel = ExportPanel(Video(path, probe(path), task))
    yield panel
    panel.close()


def test_a_video_is_exported_beside_it_and_taken_to_the_browser(panel):
    page = Page(panel)
    assert ["square feed posts, 1:1", "square"] in panel.view()["targets"]
    for target, name in [("square", "lake-square.mp4"), ("gif", "lake.gif"), ("jpg", "lake.jpg")]:
        type_into(panel, "target", target)
        press(panel, "export")
        until(lambda: name in panel.view()["said"])  # noqa: B023  # called within its turn
        assert (panel.video.path.parent / name).stat().st_size > 100
        saves = [message for message, _ in page.answers if message["op"] == "save"]
        assert saves[-1] == {"op": "save", "key": name, "name": name, "to": "/"}
        answer, _ = page.send({"op": "pull", "key": name, "offset": 0})
        assert answer["op"] == "piece"
    assert probe(panel.video.path.with_name("lake-square.mp4")).width == 1080
    assert panel.view()["share"] is None


def test_what_is_lost_is_told(panel):
    body = next(iter(_BOXES))
    with panel.video.path.open("ab") as file:
        file.write((8 + len(body)).to_bytes(4, "big") + b"uuid" + body)
    panel.target = "square"
    panel.export().result(60)
    assert "which re-encoding does not preserve" in panel.view()["said"]


def test_a_target_that_is_none_is_told(panel):
    panel.target = "vine"
    with pytest.raises(BadInput, match="vine"):
        panel.export().result(60)
    assert "vine" in panel.error
    assert not panel.busy

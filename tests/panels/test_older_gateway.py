"""The panels on an older gateway: it tells less, and all of them work all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.panels.conftest import make_image, until
from videogen_nb import Connection, VideoClient
from videogen_nb.panels import GalleryPanel, Studio
from videogen_nb.panels.gateway_link import Link
from videogen_nb.protocol.polling import PollingPolicy
from videogen_nb.testing import OlderGateway

SPEED = 600


@pytest.fixture
def older(tmp_path: Path) -> Iterator[Link]:
    """A link to an older gateway whose clock runs fast."""
    with OlderGateway(SPEED, link_life_s=1e9).serve() as url:
        polling = PollingPolicy().sped_up(SPEED)
        connection = Connection(lambda: VideoClient(url, polling=polling, output=tmp_path))
        yield Link(connection)
        connection.close()


def test_an_image_becomes_a_video(older):
    studio = Studio("image", older)
    studio.restored.result(20)
    until(lambda: older.engines)
    assert studio.prompt.error == ""
    studio.upload.load(make_image(), "lake.png")
    studio.prompt.value = "将这张图片生成视频"
    task = studio.start().result(20)
    panel = studio.videos.find(task)
    assert panel is not None
    assert not panel.progress.view()["can_cancel"]
    assert panel.progress.view()["progress"] is None
    assert studio.video(task).result(60).path.is_file()
    assert panel.video is not None
    assert not panel.video.view()["can_delete"], "it has no such route"
    assert not older.capabilities.retry
    studio.close()


def test_its_tasks_stand_in_the_gallery(older):
    studio = Studio("text", older)
    studio.prompt.value = "生成星空视频"
    video = studio.video(studio.start().result(20)).result(60)
    gallery = GalleryPanel(older)
    until(lambda: gallery.tasks)
    assert gallery.view()["items"][0]["id"] == str(video.task.id)
    assert gallery.view()["items"][0]["thumbnail"] == ""
    for action in ("offers_delete", "offers_marks"):
        assert not gallery.view()[action], "it has no such route"
    gallery.close()
    studio.close()

"""The gallery: all tasks, found, opened, compared, taken along."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

from tests.panels.conftest import shown, until, words
from videogen_nb.panels import ComparePanel, GalleryPanel
from videogen_nb.panels.export import tasks_csv

SHORT = {"duration": 1, "resolution": "480p"}


@pytest.fixture(scope="module")
def group() -> str:
    return "gallery-test"


@pytest.fixture
def finished(videos, group):
    """Two finished tasks of a group (made once, found again)."""
    page = videos.list_tasks().result(20)
    tasks = [t for t in page.tasks if t.group == group and t.status == "completed"]
    for prompt in ("gallery sea <b>lights</b>", "gallery 海边")[len(tasks) :]:
        made = videos.create_task(prompt, group=group, **SHORT).result(20)
        tasks.append(videos.wait(made).result(60))
    return tasks


@pytest.fixture
def gallery(finished, link):
    gallery = GalleryPanel(link)
    until(lambda: {t.id for t in finished} <= {t.id for t in gallery.tasks})
    yield gallery
    gallery.close()


def test_search_and_filter(gallery, finished):
    gallery.query = "gallery-test 海边"
    assert [t.prompt for t in gallery.shown] == ["gallery 海边"]
    gallery.status = "running"
    assert gallery.shown == []
    assert shown(gallery._empty)
    assert "None of" in words(gallery.widget)
    gallery.status, gallery.query = "", str(finished[0].id)
    assert [t.id for t in gallery.shown] == [finished[0].id]


def test_thumbnails_come(gallery, finished):
    key = str(finished[0].id)
    until(lambda: any(i["id"] == key and i["thumb"] == key for i in gallery.grid.items))
    asked = gallery.grid._outbox.hear({"op": "pull", "key": key, "ticket": "t"})
    assert asked[1][0].startswith(b"\xff\xd8")


def test_opening_a_card(gallery, finished):
    gallery.grid._handle_custom_msg({"op": "open", "id": str(finished[0].id)}, [])
    assert gallery.value.wait(60).task.id == finished[0].id
    assert shown(gallery._detail_box)
    gallery.close_detail()
    assert gallery.value is None


def test_attaching_to_a_running_one(gallery, videos):
    task = videos.create_task("gallery running sea", duration=15, resolution="1080p").result(20)
    panel = gallery.open(task.id)
    assert panel.busy
    panel.cancel().result(20)


def test_side_by_side(gallery, finished):
    gallery.chosen = [str(t.id) for t in finished[:2]]
    until(lambda: not gallery._compare_button.disabled)
    compared = gallery.compare().result(60)
    assert [video.task.id for video in compared] == [t.id for t in finished[:2]]
    assert isinstance(gallery._detail, ComparePanel)
    assert len(gallery._detail.player.videos) == 2


def test_the_zip_holds_it_all(gallery, finished):
    gallery.chosen = [str(t.id) for t in finished[:2]]
    path = gallery.save_zip().result(60)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        rows = list(csv.DictReader(io.StringIO(archive.read("tasks.csv").decode("utf-8-sig"))))
        page = archive.read("index.html").decode()
        sizes = {name: archive.getinfo(name).file_size for name in names}
    assert [row["task"] for row in rows] == [str(t.id) for t in finished[:2]]
    for row in rows:
        assert sizes[row["video"]] > 1000
        assert sizes[row["poster"]] > 1000
        assert f'src="{row["video"]}"' in page
    assert "<b>lights" not in page
    assert "&lt;b&gt;lights" in page


def test_nothing_chosen_is_told(gallery):
    gallery.chosen = []
    assert gallery._zip_button.disabled
    with pytest.raises(Exception, match="Choose finished finished first"):
        gallery.save_zip().result(20)


def test_a_spreadsheet_runs_no_formula(finished, videos):
    video = videos.download(finished[0]).result(20)
    task = video.task.model_copy(update={"prompt": "=HYPERLINK(1)"})
    told = tasks_csv([type(video)(video.path, task, video.facts)], ["01"])
    assert "'=HYPERLINK(1)" in told

"""The gallery: all tasks, found, opened, compared, taken along."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.panels.conftest import Page, press, type_into, until
from videogen_nb.client import VideoClient
from videogen_nb.media.video import Video
from videogen_nb.panels import ComparePanel, GalleryPanel
from videogen_nb.panels.results import listing
from videogen_nb.panels.results.cards import Search
from videogen_nb.panels.results.zip import _names, tasks_csv
from videogen_nb.protocol.models import TaskPage, TaskStatus, VideoTask

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
    type_into(gallery, "query", "gallery-test 海边")
    assert [t.prompt for t in gallery.shown] == ["gallery 海边"]
    type_into(gallery, "status", "running")
    assert gallery.shown == []
    assert "tasks match" in gallery.view()["empty"]
    gallery.status, gallery.query = "", str(finished[0].id)
    assert [t.id for t in gallery.shown] == [finished[0].id]


def test_what_is_selected_stays_in_sight(gallery, finished):
    """Else one would be asked whether to delete a task that another filter has hidden."""
    first, second = finished[:2]
    gallery.chosen = [str(first.id)]
    type_into(gallery, "query", str(second.id))
    assert [t.id for t in gallery.shown] == [second.id, first.id]
    gallery.chosen = []
    assert [t.id for t in gallery.shown] == [second.id]


def test_what_is_beyond_the_newest_is_found_on_the_gateway(gallery, finished, videos, monkeypatch):
    """Search looks at everything there is, also by titles and labels."""
    monkeypatch.setattr(gallery._listing, "_wanted", 1)
    newer = videos.create_task("gallery newest", group="other", **SHORT).result(20)
    videos.annotate(finished[0], title="Zanzibar", labels=["oldest"]).result(20)
    gallery.refresh().result(20)
    assert [task.id for task in gallery.tasks] == [newer.id]
    type_into(gallery, "query", "zanzibar")
    until(lambda: [task.id for task in gallery.shown] == [finished[0].id])
    assert not gallery.view()["more"]
    type_into(gallery, "query", "")
    until(lambda: [task.id for task in gallery.shown] == [newer.id])
    type_into(gallery, "status", "completed")
    until(lambda: {task.id for task in finished} <= {task.id for task in gallery.shown})
    monkeypatch.setattr(gallery._listing, "_wanted_found", 1)
    gallery.refresh().result(20)
    assert gallery.view()["more"]
    press(gallery, "more")
    until(lambda: {task.id for task in finished} <= {task.id for task in gallery.shown})
    gallery.status = ""


def test_stars_titles_labels_and_folders_are_set_later_and_found(gallery, finished, videos):
    first, second = finished[:2]
    press(gallery, "star", id=str(first.id))
    until(lambda: next(t for t in gallery.tasks if t.id == first.id).starred)
    assert videos.get_task(first).result(20).starred
    type_into(gallery, "starred", True)
    assert [task.id for task in gallery.shown] == [first.id]
    type_into(gallery, "starred", False)
    gallery.chosen = [str(second.id)]
    assert gallery.view()["marks"]["group"] == "gallery-test"
    press(gallery, "mark", title="Zebra", labels="x, y，x", group="gallery-later")
    until(lambda: next(t for t in gallery.tasks if t.id == second.id).title == "Zebra")
    told = videos.get_task(second).result(20)
    assert (told.labels, told.group) == (["x", "y"], "gallery-later")
    until(lambda: ["gallery-later (1)", "gallery-later"] in gallery.view()["groups"])
    type_into(gallery, "group", "gallery-later")
    until(lambda: [task.id for task in gallery.shown] == [second.id])
    [card] = gallery.view()["items"]
    assert card["title"] == "Zebra"
    assert card["about"].endswith("x · y")
    gallery.group = ""
    gallery.chosen = [str(first.id), str(second.id)]
    assert gallery.view()["marks"] == {"labels": "", "group": ""}  # they differ
    press(gallery, "mark", group="gallery-test", labels="")
    until(lambda: not videos.get_task(second).result(20).labels)
    gallery.star(first.id).result(20)


def test_a_card_that_changes_is_sent_alone(link, monkeypatch):
    monkeypatch.setattr(GalleryPanel, "_watch", lambda self: asyncio.sleep(0))
    gallery = GalleryPanel(link)
    gallery._listing.tasks = [zipped(f"{n}123456", f"sea {n}").task for n in range(1000)]
    gallery._take_listing()
    page = Page(gallery)
    assert len(page.state["/#items"]) == 1000
    first, second = gallery.tasks[:2]
    gallery._listing.note(first.model_copy(update={"starred": True}))
    gallery._take_listing()
    gallery._page.flush()
    [update] = page.updates
    assert list(update) == [f"/#items/{first.id}", "/"]  # the section last: it is heard of by it
    assert len(json.dumps(update)) < 3000
    gallery._listing.forget(second)
    gallery._take_listing()
    gallery._page.flush()
    assert page.updates[-1][f"/#items/{second.id}"] is None
    assert len(page.updates[-1]["/#items"]) == 999
    gallery.close()


async def test_there_is_no_end_to_what_can_be_seen(monkeypatch):
    monkeypatch.setattr(listing, "_PAGE", 3)
    monkeypatch.setattr(listing, "_AT_ONCE", 2)
    known = [zipped(f"{n}123456").task for n in range(8)]
    asked: list[tuple[int, str]] = []

    class Client:
        async def list_tasks(self, *, limit, after=None, **filters):
            asked.append((limit, str(after and after.message_id)[:1]))
            begin = 0 if after is None else known.index(after) + 1
            return TaskPage(tasks=known[begin : begin + limit], total=len(known))

    shown = listing.Listing()
    client: Any = Client()
    await shown.refresh(client)
    assert asked == [(2, "N"), (1, "1")]
    for _ in range(2):
        assert shown.has_more(shown.total)
        shown.want_more()
        await shown.refresh(client)
    assert shown.tasks == known
    assert not shown.has_more(shown.total)
    shown.look_for(Search(group="g"))
    await shown.refresh(client)
    assert shown.has_more(shown.total)


def test_thumbnails_come_once(gallery, finished, monkeypatch):
    key = str(finished[0].id)
    until(lambda: any(i["thumbnail"] == key for i in gallery.view()["items"]))
    answer, [jpeg] = Page(gallery).send({"op": "pull", "key": key, "offset": 0})
    assert answer["type"] == "image/jpeg"
    assert jpeg.startswith(b"\xff\xd8")
    again: list[str] = []

    async def download_image(_client: VideoClient, url: str) -> bytes:
        again.append(url)
        return b""

    monkeypatch.setattr(VideoClient, "download_image", download_image)
    gallery.refresh().result(20)
    assert not [url for url in again if url.endswith(finished[0].thumbnail_url)]


def test_opening_a_card(gallery, finished):
    press(gallery, "open", id=str(finished[0].id))
    assert gallery.value.wait(60).task.id == finished[0].id
    opened = gallery.value
    assert gallery.view()["detail_part"] == "task"
    assert gallery.view()["detail"] in gallery.parts
    press(gallery, "close")
    assert gallery.value is None
    assert gallery.view()["detail"] == ""
    assert gallery.parts == {}
    assert opened._closed


def test_attaching_to_a_running_one(gallery, videos):
    task = videos.create_task("gallery running sea", duration=15, resolution="1080p").result(20)
    panel = gallery.open(task.id)
    assert panel.busy
    panel.cancel().result(20)


def test_side_by_side(gallery, finished):
    gallery.chosen = [str(t.id) for t in finished[:2]]
    until(lambda: gallery.view()["can_compare"])
    compared = gallery.compare().result(60)
    assert [video.task.id for video in compared] == [t.id for t in finished[:2]]
    assert isinstance(gallery._detail, ComparePanel)
    assert len(gallery._detail.view()["videos"]) == 2


def test_the_zip_holds_it_all_under_the_names_of_files_saved_one_by_one(gallery, videos, finished):
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
    saved = [videos.download(task).result(60).path.name for task in finished[:2]]
    assert [row["video"] for row in rows] == [f"videos/{name}" for name in saved]
    assert "<b>lights" not in page
    assert "&lt;b&gt;lights" in page


def test_names_inside_the_zip_are_ours_whatever_the_gateway_calls_its_tasks():
    assert _names([zipped("../../etc/passwd"), zipped("x\\..\\7"), zipped("８８")]) == [
        *("video-passwd", "video-x7", "video-0"),
    ]


def test_two_videos_of_one_name_both_have_a_place_in_the_zip():
    sea = [zipped(f"{first}123456", "Sea") for first in "12"] + [zipped("3123456", "sea")]
    assert _names(sea) == ["Sea-123456", "Sea-1-2123456", "sea-1-3123456"]


def zipped(message_id: str, prompt: str | None = None) -> Video:
    """A completed task's video, saved under a name that is no name inside a zip."""
    facts: Any = None  # names are not made of them
    task = VideoTask(
        conversation_id="1", message_id=message_id, status=TaskStatus.COMPLETED, prompt=prompt
    )
    return Video(Path("../../a.mp4"), facts, task)


def test_older_tasks_are_offered_while_there_are_some(gallery):
    gallery.total = len(gallery.tasks)
    assert not gallery.view()["more"]
    gallery.total = len(gallery.tasks) + 1
    assert gallery.view()["more"]


def test_nothing_chosen_is_told(gallery):
    gallery.chosen = []
    assert not gallery.view()["can_zip"]
    with pytest.raises(Exception, match="Select completed videos first"):
        gallery.save_zip().result(20)


def test_deleting_the_chosen_counts_right(gallery, videos):
    made = [videos.create_task(f"gallery to go {n}", **SHORT).result(20) for n in range(3)]
    for task in made:
        videos.wait(task).result(60)
    gallery.refresh().result(20)
    total, shown = gallery.total, len(gallery.tasks)
    gallery.chosen = [str(task.id) for task in made]
    assert gallery.view()["can_delete"]
    assert gallery.view()["sure"].startswith("Delete 3 tasks")
    saved = videos.download(made[0]).result(20)
    press(gallery, "delete")
    until(lambda: gallery.view()["count"] == "Deleted 3 tasks.")
    assert (gallery.total, len(gallery.tasks)) == (total - 3, shown - 3)
    assert gallery.chosen == []
    assert saved.path.exists()
    gallery.refresh().result(20)
    assert gallery.total == total - 3
    gallery.query = "gallery to go"
    assert gallery.view()["count"] == f"0 of {total - 3} tasks · 0 selected"


def test_a_list_asked_for_before_a_deletion_is_not_believed(gallery, finished, videos):
    made = videos.create_task("gallery late list", **SHORT).result(20)
    task = videos.wait(made).result(60)
    gallery.refresh().result(20)
    before = [t.id for t in gallery.tasks]
    assert task.id in before
    gallery._deleted(task)
    assert not gallery._listing._lists_deleted(gallery.tasks)
    assert gallery._listing._lists_deleted([task])
    videos.delete(task).result(20)
    assert task.id not in [t.id for t in gallery.refresh().result(20)]


def test_side_by_side_says_that_it_loads(gallery, finished, monkeypatch):
    page, load = Page(gallery), VideoClient.download

    def said() -> list[str]:
        return [u["/"]["loading"] for u in page.updates if "/" in u]

    async def no_sooner_than_told(*args: Any, **given: Any) -> Any:
        # A video that is on disk already takes no time.
        await asyncio.to_thread(until, lambda: any(said()))
        return await load(*args, **given)

    monkeypatch.setattr(VideoClient, "download", no_sooner_than_told)
    gallery.chosen = [str(t.id) for t in finished[:2]]
    gallery.compare().result(60)
    assert "Loading video 1 of 2…" in said()
    until(lambda: gallery.view()["loading"] == "")


def test_a_spreadsheet_runs_no_formula(finished, videos):
    video = videos.download(finished[0]).result(20)
    task = video.task.model_copy(update={"prompt": "=HYPERLINK(1)"})
    told = tasks_csv([replace(video, task=task)], ["01"])
    assert "'=HYPERLINK(1)" in told

"""The studio: its tabs, coming back to it, and that nothing in it is ever markup."""

from __future__ import annotations

import re

import pytest

from tests.panels.conftest import press, quick, texts, until
from videogen_nb.errors import BadInput
from videogen_nb.panels import Studio
from videogen_nb.panels.browser import rerun
from videogen_nb.panels.browser.still_image import still
from videogen_nb.panels.widget import Panel

NAME = "<img src=x onerror=alert(1)>.png"
NASTY = "sea <img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture
def studio(link):
    studio = Studio("text", link)
    studio.restored.result(20)
    until(lambda: link.engines)
    quick(studio.prompt.options)
    yield studio
    studio.close()


def test_from_words_to_the_newest_video(studio):
    studio.prompt.value = "studio sea"
    task = studio.start().result(20)
    video = studio.video().result(60)
    assert video.task.id == task.id
    assert studio.video(task).result(60) == video
    until(lambda: studio.value == video)
    assert studio.tasks == [task]


def test_a_video_is_continued_from_its_last_frame(studio):
    studio.prompt.value = "studio sea to continue"
    first = studio.start().result(20)
    panel = studio.attach(first)
    panel.wait(60)
    assert panel.video.view()["can_continue"]
    press(panel.video, "continue")
    until(lambda: studio.tab == "image" and studio.upload.value)
    assert studio.upload.value.name == "Last frame of “studio sea to continue”.png"
    studio.prompt.value = "pan left"
    second = studio.start().result(20)
    assert second.parent == str(first.id)
    assert studio.video(second).result(60).task.parent == str(first.id)
    studio.upload.clear()
    studio.use(second)  # brings the frame back
    assert studio.tab == "image"
    assert studio.upload.value is not None


def test_a_tab_decides_what_a_video_starts_from(studio, link, image):
    assert studio.prompt.source is None
    studio.tab = "image"
    assert studio.prompt.source is studio.upload
    studio.tab = "url"
    assert studio.prompt.source is studio.url
    with pytest.raises(ValueError, match="tab must be one of"):
        studio.tab = "cinema"


def test_a_mistake_stays_with_its_tab(studio):
    studio.tab = "image"
    studio.prompt.value = "pan left"
    with pytest.raises(BadInput):
        studio.start().result(20)
    assert studio.prompt.section()["error"]
    studio.tab = "text"
    assert studio.prompt.section()["error"] == ""
    assert studio.prompt.value == "pan left"


def test_what_is_deleted_in_the_gallery_leaves_the_videos_too(studio):
    studio.prompt.value = "a sea to be deleted"
    studio.start().result(20)
    video = studio.video().result(60)
    opened = studio.gallery.open(video.task.id)
    opened.wait(60)
    opened.video.delete().result(20)
    assert studio.videos.find(video.task) is None


def test_coming_back(studio, link, videos):
    running = videos.create_task("the sea comes back", duration=15, resolution="1080p").result(20)
    again = Studio("text", link)
    restored = again.restored.result(20)
    assert running.id in [t.id for t in restored]
    panel = again.videos.find(running)
    assert panel is not None
    assert panel.busy
    panel.cancel().result(20)
    again.close()


def test_videos_of_other_notebooks_are_one_line_until_they_are_wanted(studio, link):
    studio.prompt.value = "a sea of another notebook"
    task = studio.start().result(20)
    video = studio.video().result(60)
    again = Studio("text", link)
    again.restored.result(20)
    assert again.videos.find(task) is None
    assert "the gallery has them all" in texts(again)
    press(again.videos, "unfold")
    assert again.videos.panels[0].wait(60) == video
    assert not again.videos.folded
    assert again.videos.view()["folded"] == ""
    again.close()


def test_the_newest_video_is_found_though_it_is_folded(studio, link):
    studio.prompt.value = "a sea for another kernel"
    studio.start().result(20)
    video = studio.video().result(60)
    again = Studio("text", link)
    assert again.video().result(60) == video
    again.videos.folded = [video.task]
    studio.videos.folded = [video.task]
    studio.videos.remove(video.task)
    assert not studio.videos.folded
    again.close()


def test_it_names_its_gateway(studio, link):
    assert f"gateway {link.url}" in texts(studio)


def test_attach_shows_a_task_once(studio, videos):
    task = videos.create_task("attached sea", duration=1, resolution="480p").result(20)
    panel = studio.attach(str(task.id))
    assert panel.wait(60).task.id == task.id
    assert studio.attach(task) is panel


def test_what_people_and_servers_write_stays_text(studio, image, videos):
    studio.tab = "image"
    studio.upload.load(image, NAME)
    studio.url.value = f"{videos.url}/samples/{NASTY.replace(' ', '')}"
    studio.url.check().add_done_callback(lambda call: call.exception())
    studio.prompt.value = NASTY
    video = studio.video(studio.start().result(20)).result(60)
    assert video.task.prompt == NASTY
    studio.prompt.fail(RuntimeError(NASTY))
    state = studio._page.state()
    assert state["/upload"]["image"]["name"] == NAME  # as it is: only text nodes are made of it
    assert NASTY in state["/prompt"]["error"]
    assert "<" not in re.sub(
        r"<(/?(figure|img|figcaption|strong|br)\b)", "", still(NASTY, NASTY, None)
    )


def test_a_cell_run_again_replaces_its_panels(link, monkeypatch):
    runs = iter([("cell", "run 1"), ("cell", "run 1"), ("cell", "run 2"), ("other", "run 3")])
    monkeypatch.setattr(rerun, "_running_cell", lambda: next(runs))
    closed: list[str] = []

    class Noted(Panel):
        """A panel that notes its closing."""

        name = ""

        def close(self) -> None:
            closed.append(self.name)
            super().close()

    first, second, third = Noted(link), Noted(link), Noted(link)
    first.name, second.name, third.name = "first", "second", "third"
    for panel in (first, second, third, third):
        panel._repr_mimebundle_()
    assert closed == ["first", "second"]


def test_a_panel_says_what_it_is_where_no_widget_can_be_shown(studio):
    bundle = studio._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "Run the cells above" in data["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in data

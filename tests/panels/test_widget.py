"""A panel is one widget: what it costs, how it is shown, and that closing it harms nobody."""

from __future__ import annotations

import gc
import time
from typing import Any

import ipywidgets
import pytest
import traitlets
from PIL import Image

from tests.panels.conftest import Page, press, type_into, until
from videogen_nb.media.probe import probe
from videogen_nb.media.video import Video
from videogen_nb.panels import (
    ComparePanel,
    GalleryPanel,
    ProgressPanel,
    PromptPanel,
    Studio,
    TaskList,
    TaskPanel,
    UploadPanel,
    UrlPanel,
    VideoPanel,
)
from videogen_nb.panels.browser import rerun
from videogen_nb.panels.browser.page import TICK_S
from videogen_nb.protocol.models import TaskStatus, VideoTask
from videogen_nb.testing import testcard

REGISTRY = rerun._open_widgets()


def make_task(status: str = "processing") -> VideoTask:
    return VideoTask(conversation_id="1", message_id="2", status=TaskStatus(status), prompt="sea")


@pytest.fixture
def video(tmp_path) -> Video:
    path = tmp_path / "sea.mp4"
    path.write_bytes(testcard.video())
    return Video(path, probe(path), make_task("completed"))


@pytest.fixture(autouse=True)
def alone():
    """Start and end with no widget of another test's."""
    for widget in list(REGISTRY.values()):
        widget.close()
    yield
    assert {type(w).__name__ for w in REGISTRY.values()} <= STOCK
    for widget in list(REGISTRY.values()):
        widget.close()


#: What the tests themselves put around panels.
STOCK = {"Button", "ButtonStyle", "DescriptionStyle", "HBox", "Layout", "Text", "TextStyle", "VBox"}

PANELS = {
    "studio": lambda link, video: Studio("text", link),
    "gallery-tab": lambda link, video: Studio("gallery", link),
    "upload": lambda link, video: UploadPanel(link),
    "url": lambda link, video: UrlPanel(link),
    "prompt": lambda link, video: PromptPanel(link),
    "progress": lambda link, video: ProgressPanel(make_task(), link),
    "video": lambda link, video: VideoPanel(video, link),
    "compare": lambda link, video: ComparePanel([video, video], link),
    "task": lambda link, video: TaskPanel(make_task(), link),
    "gallery": lambda link, video: GalleryPanel(link),
}


@pytest.mark.parametrize("make", PANELS.values(), ids=PANELS)
def test_a_panel_is_two_models_at_most_and_none_before_it_is_shown(link, video, make):
    panel = make(link, video)
    assert len(REGISTRY) == 0
    bundle = panel._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == panel.model_id
    assert len(REGISTRY) == 2  # the panel and its layout
    panel.close()
    panel.close()  # may be called twice
    assert len(REGISTRY) == 0


def test_ten_runs_of_a_cell_leave_what_one_leaves(link, monkeypatch):
    runs = iter(range(100))
    monkeypatch.setattr(rerun, "_running_cell", lambda: ("cell", str(next(runs))))
    monkeypatch.setattr(rerun, "_shown", {})
    for _ in range(3):
        Studio("text", link)._repr_mimebundle_()
    gc.collect()
    before = sum(isinstance(one, Studio | PromptPanel | UploadPanel) for one in gc.get_objects())
    for _ in range(10):
        Studio("text", link)._repr_mimebundle_()
    assert len(REGISTRY) == 2
    until(lambda: gc.collect() >= 0 and count() <= before, 20)
    for _, panels in rerun._shown.values():
        for panel in panels:
            panel.close()


def count() -> int:
    """The panels that are still in memory."""
    return sum(isinstance(one, Studio | PromptPanel | UploadPanel) for one in gc.get_objects())


def test_a_panel_makes_no_class_of_its_own(link):
    assert type(UploadPanel(link)) is UploadPanel


def test_closing_a_panel_leaves_the_boxes_around_it_whole(link):
    panel, other = UploadPanel(link), ipywidgets.Button()
    inner = ipywidgets.HBox([panel])
    box = ipywidgets.VBox([inner, panel, other])
    panel.close()
    assert box.children == (inner, other)
    assert inner.children == ()
    for widget in list(REGISTRY.values()):  # as JupyterLab asks for them all when a page is loaded
        widget.get_state()


def test_panels_stand_in_boxes_and_links_join_their_traits(link):
    panel, text = PromptPanel(link), ipywidgets.Text()
    box = ipywidgets.VBox([panel, panel.widget])
    assert f"IPY_MODEL_{panel.model_id}" in box.get_state()["children"]
    traitlets.link((panel, "value"), (text, "value"))
    seen = []
    panel.observe(lambda change: seen.append(change["new"]), "value")
    text.value = "sea"
    type_into(panel, "value", "sea at night")
    assert (text.value, seen) == ("sea at night", ["sea", "sea at night"])
    panel.close()


def test_a_part_may_be_shown_by_itself_beside_the_whole(link):
    studio = Studio("text", link)
    whole, alone = Page(studio), Page(studio.prompt)
    type_into(studio.prompt, "value", "sea")
    until(lambda: alone.state["/"]["value"] == whole.state["/prompt"]["value"] == "sea")
    studio.close()


def test_what_changes_together_goes_in_one_message(link):
    panel = UrlPanel(link)
    page = Page(panel)
    time.sleep(3 * TICK_S)
    page.updates.clear()
    for n in range(50):
        panel.busy = not panel.busy
        panel.error = str(n)
    until(lambda: page.state["/"]["error"] == "49")
    time.sleep(3 * TICK_S)
    assert len(page.updates) <= 3
    assert all(set(update) == {"/"} for update in page.updates)  # and nothing but what changed
    panel.close()


def test_every_message_is_answered_after_its_effect_is_told(link):
    studio = Studio("text", link)
    page = Page(studio)
    order: list[str] = []
    told = page._told

    def note(msg: dict[str, Any], buffers: Any = None) -> None:
        order.append(msg["method"])
        told(msg, buffers)

    studio._send = note
    message = {"op": "set", "to": "/prompt", "name": "value", "value": "sea", "ticket": "7"}
    answer, _ = page.send(message)
    assert answer == {"op": "ack", "ticket": "7"}
    assert page.state["/prompt"]["value"] == "sea"
    assert order.index("update") < order.index("custom")
    assert page.send({"op": "press", "name": "gone", "to": "/no/such/part"})[0]["op"] == "ack"
    studio.close()


def test_what_a_script_is_told_comes_after_the_state_that_it_is_about(link):
    studio = Studio("text", link)
    sent: list[str] = []
    page = Page(studio)
    told = studio._send

    def note(msg: dict[str, Any], buffers: Any = None) -> None:
        sent.append(page.state["/"]["tab"] if msg["method"] == "custom" else "state")
        told(msg, buffers)

    studio._send = note
    studio.tab = "image"
    studio.prompt.tell({"op": "focus"})
    assert sent[-1] == "image"
    studio.close()


def test_a_page_reaches_fields_and_buttons_only(link):
    panel = UploadPanel(link)
    type_into(panel, "error", "said by a page")
    press(panel, "close")
    press(panel, "_load")
    assert panel.error == ""
    assert not panel._closed
    panel.close()


def test_a_page_that_is_loaded_anew_gets_everything(link):
    studio = Studio("text", link)
    page = Page(studio)
    type_into(studio.prompt, "value", "kept")
    page.updates.clear()
    studio._handle_msg({"content": {"data": {"method": "request_state"}}, "buffers": []})
    assert page.updates[-1]["/prompt"]["value"] == "kept"
    assert page.updates[-1]["texts"]["prompt"]["start"] == "Generate video"
    studio.close()


def test_a_page_that_was_not_heard_gets_everything_with_its_next_greeting(link):
    studio = Studio("text", link)
    page = Page(studio)
    type_into(studio.prompt, "value", "kept")
    page.updates.clear()
    page.send({"op": "hello", "to": "/", "ticket": "1"})
    assert not any("texts" in update for update in page.updates)
    page.send({"op": "hello", "to": "/", "ticket": "1", "again": True})
    assert page.updates[-1]["/prompt"]["value"] == "kept"
    assert page.updates[-1]["texts"]["prompt"]["start"] == "Generate video"
    studio.close()


def test_a_closed_panel_says_so_and_asks_nobody(link):
    panel = GalleryPanel(link)
    panel._repr_mimebundle_()
    panel.close()
    until(panel._watching.done)
    assert "closed" in panel._repr_mimebundle_()["text/plain"]
    assert "closed" in repr(panel)
    assert panel.comm is None


@pytest.mark.parametrize("name", ["videos", "prompt", "upload", "url", "gallery"])
def test_closing_a_studio_closes_its_parts(link, name):
    studio = Studio("gallery", link)
    part = getattr(studio, name)
    studio.close()
    assert part._closed
    assert not part._following


def test_closing_a_task_closes_both_of_its_stages(link, video):
    panel = TaskPanel(make_task(), link)
    panel.video = VideoPanel(video, link)
    panel.adopt("video", panel.video)
    panel.close()
    assert panel.progress._closed
    assert panel.video._closed


def test_a_prompt_closes_the_list_of_its_videos(link):
    for panel in (PromptPanel(link), PromptPanel(link, videos=(shared := TaskList(link)))):
        panel.close()
        assert panel.videos._closed
    assert shared._closed


def test_a_saved_notebook_shows_a_still(link, video):
    panel = VideoPanel(video, link)
    empty = panel._repr_mimebundle_()[0]["text/html"]
    panel.ready.result(20)
    poster = panel._repr_mimebundle_()[0]["text/html"]
    assert 'src="data:image/png;base64,' in empty
    assert 'src="data:image/jpeg;base64,' in poster
    for still in (empty, poster):
        assert "Run the cells above and this one" in still
        assert len(still) < 45_000, len(still)
    panel.close()


def test_the_still_is_an_image(link):
    import io

    from videogen_nb.panels.browser.still_image import _drawing

    with Image.open(io.BytesIO(_drawing())) as image:
        image.load()
        assert image.width >= 480

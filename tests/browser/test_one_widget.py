"""A panel is one widget on the page: run again, closed, without its kernel, in a saved notebook."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .page import NotebookPage
from .test_panels import name, newest_video, say_and_go, studio

__all__ = ["name"]  # a fixture

#: Videos of other tests would bring their posters along.
CLEAR = """
from videogen_nb import connect
videos = connect(say=lambda text: None)
for task in videos.list_tasks().result().tasks:
    if task.status.finished:
        videos.delete(task).result()
"""
RUN = """
from videogen_nb import Studio
s = Studio("text")
s
"""
COUNT = """
import gc
from ipywidgets.widgets.widget import _instances
from videogen_nb import Studio
gc.collect()
open_ones = [o for o in gc.get_objects() if isinstance(o, Studio) and not o._closed]
print(len(_instances), "models,", len(open_ones))
"""
OTHERS = "import ipywidgets\nipywidgets.IntSlider(description='of others')"
#: Stops the kernel's process for a while: a cell that computes lets nobody else in, either.
STOP = """
import os, subprocess
subprocess.Popen(["sh", "-c", f"sleep 5; kill -CONT {os.getpid()}"])
os.kill(os.getpid(), 19)
"""

#: How many elements around a panel carry ipywidgets' sign for a lost connection.
_BROKEN_ICONS = """panel => {
    let found = 0;
    for (let up = panel; up; up = up.parentElement) {
        const content = getComputedStyle(up, "::before").content;
        if (up.matches(".jupyter-widgets-disconnected") && content !== "none") found += 1;
    }
    return found + panel.querySelectorAll(".jupyter-widgets-disconnected").length;
}"""


def test_ten_runs_leave_one_panel_and_its_two_models(notebook: NotebookPage, name: str):
    notebook.open(name, RUN, COUNT)
    for _ in range(10):
        notebook.run_cell(0)
        expect(notebook.panel().locator(".vnb-chip").first).to_be_visible()
    notebook.run_cell(1)
    expect(notebook.cell(1).locator(".jp-OutputArea-output")).to_have_text("2 models, 1")
    expect(notebook.page.locator(".vnb-studio")).to_have_count(1)


def test_a_closed_panel_harms_no_other_widget(notebook: NotebookPage, name: str):
    boxed = "box = ipywidgets.VBox([s, ipywidgets.Button(description='beside')])\nbox"
    notebook.open(name, RUN, OTHERS, boxed, "s.close()")
    notebook.run_cell(0)
    expect(notebook.cell(0).locator(".vnb-studio")).to_be_visible()
    notebook.run_cell(1)
    expect(notebook.cell(1).get_by_role("slider")).to_be_visible()
    notebook.run_cell(2)
    expect(notebook.cell(2).get_by_role("button", name="beside")).to_be_visible()
    notebook.run_cell(3)
    expect(notebook.page.locator(".vnb-studio")).to_have_count(0)
    expect(notebook.cell(2).get_by_role("button", name="beside")).to_be_visible()
    notebook.save()
    notebook.page.reload()
    notebook.wait_for_idle()
    expect(notebook.cell(1).get_by_role("slider")).to_be_visible()
    expect(notebook.cell(2).get_by_role("button", name="beside")).to_be_visible()


def test_after_a_restart_one_line_says_so_and_the_layout_stays(notebook: NotebookPage, name: str):
    panel = studio(notebook, name)
    say_and_go(panel, "kept on the screen: sea")
    newest_video(panel, "kept on the screen")
    parts = panel.locator("*").count()
    notebook.restart_kernel()
    expect(panel.locator(".vnb-kernel")).to_contain_text("Run the notebook's cells again")
    expect(panel.locator("textarea")).to_have_value("kept on the screen: sea")
    assert panel.locator("*").count() == parts
    assert panel.evaluate(_BROKEN_ICONS) == 0
    panel.locator("button.vnb-go").click(force=True)
    expect(panel.locator("button.vnb-go")).to_be_enabled()
    notebook.run_cell(0)
    expect(notebook.panel().locator(".vnb-kernel")).to_be_hidden()


def test_a_kernel_that_does_not_answer_is_told_until_it_does(notebook: NotebookPage, name: str):
    panel = studio(notebook, name, "text", STOP)
    line = panel.locator(".vnb-kernel")
    expect(line).to_be_hidden()
    notebook.run_cell(1)
    notebook.page.wait_for_timeout(500)
    panel.locator("textarea").fill("asked of a busy kernel: sea")
    panel.locator("button.vnb-go").click()
    expect(line).to_contain_text("Waiting for the kernel")
    newest_video(panel, "asked of a busy kernel")
    expect(line).to_be_hidden()


def test_a_saved_notebook_holds_a_still(notebook: NotebookPage, name: str):
    studio(notebook, name)
    notebook.save()
    data = notebook.server.saved(name)["cells"][0]["outputs"][0]["data"]
    still = "".join(data["text/html"])
    notebook.page.set_content(still)
    image = notebook.page.locator("img")
    notebook.page.wait_for_function("i => i.naturalWidth > 300", arg=image.element_handle())
    expect(notebook.page.locator("figcaption")).to_contain_text("Run the cells above")
    assert len(still) < 45_000


@pytest.mark.parametrize("width", [400, 1440])
def test_long_texts_stay_within_the_panel(notebook: NotebookPage, name: str, width: int):
    long = "seaside" * 60
    panel = studio(notebook, name, "text", f"s.prompt.fail(RuntimeError({long!r}))")
    say_and_go(panel, long)
    newest_video(panel, "seaside")
    notebook.run_cell(1)
    expect(panel.locator(".vnb-alert", has_text="seaside")).to_be_visible()
    notebook.page.set_viewport_size({"width": width, "height": 900})
    notebook.page.keyboard.press("Control+b")
    for tab in ("From text", "Gallery"):
        panel.get_by_role("tab", name=tab).click()
        notebook.page.wait_for_timeout(500)
        assert panel.evaluate("p => p.scrollWidth - p.clientWidth") <= 1


def test_opening_asks_for_little(notebook: NotebookPage, name: str):
    sizes: list[int] = []
    notebook.page.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda frame: sizes.append(len(frame))),
    )
    notebook.open(name, CLEAR, RUN)
    notebook.run_cell(0)
    before = len(sizes)
    notebook.run_cell(1)
    expect(notebook.panel().locator(".vnb-chip").first).to_be_visible()
    notebook.page.wait_for_timeout(1000)
    assert sum(sizes[before:]) < 220_000  # most of it is the script of all panels
    assert len(sizes) - before < 60

"""A cell that waits: its bar, and the video in its place."""

from __future__ import annotations

from playwright.sync_api import expect

from .page import NotebookPage, play
from .test_panels import name

__all__ = ["name"]  # a fixture

CONNECT = "from videogen_nb import connect\nvideos = connect(say=lambda text: None)"
AWAIT = "x = await videos.generate('a waiting sea', duration=8, resolution='480p')"


def test_a_bar_gives_way_to_the_video(notebook: NotebookPage, name: str):
    notebook.open(name, CONNECT, AWAIT)
    notebook.run_cell(0)
    cell = notebook.run_cell(1)
    expect(cell.get_by_role("progressbar", name="Video generation progress")).to_be_visible()
    expect(cell.get_by_role("status")).to_contain_text("Drawing")
    video = cell.locator("figure.videogen-receipt video")
    assert play(video)["width"] > 0
    expect(cell.get_by_role("progressbar")).to_have_count(0)
    assert video.evaluate("v => v.currentSrc").startswith("http")  # the file, not a copy
    notebook.wait_for_idle()
    notebook.save()
    [output] = notebook.server.saved(name)["cells"][1]["outputs"]
    html = "".join(output["data"]["text/html"])
    assert "<video" in html
    assert "<progress" not in html
    assert len(html) < 45_000

"""Panels of many videos in a real browser."""

from __future__ import annotations

from playwright.sync_api import expect

from .page import PATIENCE_MS, NotebookPage, play
from .test_panels import name

__all__ = ["name"]  # a fixture

#: Its value has videos that are saved, which a busy machine does after they can be played.
STARRED = """import asyncio
for _ in range(600):
    if run.panel.value:
        break
    await asyncio.sleep(0.1)
print([video.task.prompt for video in run.panel.value])"""
VARIATIONS = """
from videogen_nb import connect
videos = connect(say=lambda text: None)
run = videos.variations("a {calm|stormy} sea", 4, duration=1, resolution="480p")
run
"""
CLOCKS = "list => list.map(v => v.currentTime)"


def test_variations_are_played_in_step_compared_and_starred_by_keys(
    notebook: NotebookPage, name: str
) -> None:
    notebook.open(name, VARIATIONS, STARRED)
    notebook.run_cell(0)
    panel, page = notebook.panel(), notebook.page
    expect(panel.locator(".vnb-tile video")).to_have_count(4, timeout=3 * PATIENCE_MS)
    first = panel.get_by_role("button", name="Open (Completed): a calm sea · seed 1")
    first.focus()
    page.keyboard.press("s")
    star = panel.get_by_role("button", name="Star: a calm sea · seed 1")
    expect(star).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("k")
    players = panel.locator(".vnb-tile video")
    for _ in range(PATIENCE_MS // 50):
        if max(players.evaluate_all(CLOCKS)) > 0.2:
            break
        page.wait_for_timeout(50)
    page.keyboard.press("k")
    clocks = players.evaluate_all(CLOCKS)
    assert min(clocks) > 0.1  # held, all stand at the same moment
    assert max(clocks) - min(clocks) < 0.05
    page.keyboard.press("c")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("c")
    box = panel.locator(".vnb-wipe-box")
    expect(box).to_be_visible()
    panel.get_by_role("slider", name="Divider between the two videos").focus()
    page.keyboard.press("Home")
    assert box.evaluate("b => b.style.getPropertyValue('--vnb-cut')") == "0%"
    panel.evaluate("e => { e.style.maxWidth = '400px' }")
    assert panel.evaluate("e => e.scrollWidth <= e.clientWidth")
    notebook.run_cell(1)
    expect(notebook.cell(1).locator(".jp-OutputArea-output")).to_have_text("['a calm sea']")


TABLE = """
from videogen_nb import connect
videos = connect(say=lambda text: None)
run = videos.batch([{"prompt": f"sea {n}"} for n in range(1, 1001)], "thousand", duration=1)
run
"""


def test_a_thousand_rows_are_scrolled_through_while_they_are_made(
    notebook: NotebookPage, name: str
) -> None:
    notebook.open(name, TABLE)
    notebook.run_cell(0)
    panel = notebook.panel()
    expect(panel.get_by_role("table")).to_have_attribute("aria-rowcount", "1001")
    expect(panel.get_by_role("row").nth(1)).to_contain_text("sea 1")
    assert panel.get_by_role("row").count() < 100
    scroll = panel.locator(".vnb-lines-scroll")
    scroll.evaluate("s => { s.scrollTop = s.scrollHeight }")
    expect(panel.get_by_role("cell", name="sea 1000", exact=True)).to_be_visible()
    panel.get_by_role("button", name="Cancel the rest").click()
    expect(panel.get_by_role("status").filter(has_text="cancelled")).to_be_visible()
    panel.get_by_role("combobox").select_option("cancelled")
    expect(panel.get_by_role("row").nth(1)).to_contain_text("Cancelled")
    panel.evaluate("e => { e.style.maxWidth = '400px' }")
    assert panel.evaluate("e => e.scrollWidth <= e.clientWidth")


BOARD = """
from videogen_nb import Shot, Storyboard, connect
videos = connect(say=lambda text: None)
shots = [Shot("a calm sea", 1), Shot("snow at night", 1)]
board = Storyboard(shots, "advert.json", engine="sketch", resolution="480p")
board
"""


def test_shots_are_reordered_by_keys_edited_and_made(notebook: NotebookPage, name: str) -> None:
    notebook.open(name, BOARD, "print([(shot.prompt, shot.seconds) for shot in board.shots])")
    notebook.run_cell(0)
    panel, page = notebook.panel(), notebook.page
    later = panel.get_by_role("button", name="Move shot 1 later")
    later.focus()
    page.keyboard.press("Enter")
    expect(panel.get_by_label("Prompt of shot 1")).to_have_value("snow at night")
    panel.get_by_label("Prompt of shot 2").fill("a stormy sea")
    panel.get_by_role("button", name="Generate: Shot 2").click()
    second = panel.get_by_role("listitem", name="Shot 2")
    expect(second).to_have_attribute("data-status", "current")
    second.get_by_role("button", name="Play shot 2").click()
    play(second.locator("video"))
    expect(panel.get_by_role("listitem", name="Shot 1")).to_have_attribute("data-status", "missing")
    panel.evaluate("e => { e.style.maxWidth = '400px' }")
    assert panel.evaluate("e => e.scrollWidth <= e.clientWidth")
    notebook.run_cell(1)
    said = "[('snow at night', 1), ('a stormy sea', 1)]"
    expect(notebook.cell(1).locator(".jp-OutputArea-output")).to_have_text(said)


GALLERY = """
from videogen_nb import GalleryPanel, connect
videos = connect(say=lambda text: None)
task = videos.create_task("gallery folder", duration=1, resolution="480p", group="ads").result()
videos.wait(task).result()
GalleryPanel()
"""


def test_a_card_gets_a_star_a_title_and_a_folder(notebook: NotebookPage, name: str) -> None:
    read = "told = videos.get_task(task).result()\nprint(told.starred, told.title, told.group)"
    notebook.open(name, GALLERY, read)
    notebook.run_cell(0)
    panel = notebook.panel()
    panel.get_by_label("Folder").first.select_option("ads")
    panel.get_by_role("button", name="Star: gallery folder").click()
    panel.get_by_label("Select: gallery folder").check()
    panel.get_by_role("button", name="Title, labels, folder…").click()
    panel.get_by_label("Title", exact=True).fill("Lake")
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_role("button", name="Star: Lake")).to_have_attribute("aria-pressed", "true")
    notebook.run_cell(1)
    expect(notebook.cell(1).locator(".jp-OutputArea-output")).to_have_text("True Lake ads")

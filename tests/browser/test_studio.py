"""The studio as it is used: on one screen, by keys, again and again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from .page import NotebookPage
from .test_panels import image, name, newest_video, say_and_go, studio

__all__ = ["image", "name"]  # fixtures

#: Whether a node stands within the window, as a person sees it without scrolling.
_IN_SIGHT = """node => {
    const box = node.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return box.top >= 0 && box.bottom <= innerHeight && node.contains(top);
}"""


#: Notes in ``panel.seen``, on every frame, whether its progress bar is in sight: it may go soon.
_WATCH_THE_BAR = f"""panel => {{
    const inSight = {_IN_SIGHT};
    panel.seen = [];
    const look = () => {{
        for (const bar of panel.querySelectorAll("progress, [role=progressbar]")) {{
            if (bar.checkVisibility()) panel.seen.push(inSight(bar));
        }}
        requestAnimationFrame(look);
    }};
    look();
}}"""


def in_sight(node: Locator) -> bool:
    return bool(node.evaluate(_IN_SIGHT))


@pytest.mark.parametrize("tab", ["image", "text"])
def test_prompt_button_and_progress_fit_on_one_screen(
    notebook: NotebookPage, name: str, tab: str, image: Path
):
    notebook.page.set_viewport_size({"width": 1440, "height": 900})
    panel = studio(notebook, name, tab)
    if tab == "image":
        panel.locator("input[type=file]").first.set_input_files(image)
        expect(panel.locator(".vnb-drop-name").first).to_be_visible()
    panel.evaluate("p => p.closest('.jp-WindowedPanel-outer, .jp-Notebook').scrollTop = 0")
    panel.locator("textarea").fill("one screen: sea, 8 seconds, 1080p")
    button = panel.locator("button.vnb-go")
    assert in_sight(panel.locator("textarea"))
    assert in_sight(button)
    panel.evaluate(_WATCH_THE_BAR)
    button.click()
    newest_video(panel, "one screen")
    seen = panel.evaluate("panel => panel.seen")
    assert seen.count(True) > seen.count(False), seen
    assert in_sight(button)


def test_an_image_alone_plays_once_without_sound(notebook: NotebookPage, name: str, image: Path):
    panel = studio(notebook, name, "image")
    panel.locator("input[type=file]").first.set_input_files(image)
    expect(panel.locator(".vnb-drop-name").first).to_have_text("my lake 湖.png")
    panel.locator("button.vnb-go").click()
    video = newest_video(panel, "the camera moves in slowly")
    playing = "v => !v.loop && v.currentTime > 0.1 && (v.muted || v.ended)"
    notebook.page.wait_for_function(playing, arg=video.element_handle())
    notebook.page.wait_for_function("v => v.ended && !v.muted", arg=video.element_handle())
    loop = panel.get_by_role("button", name="Loop").first
    loop.click()
    expect(loop).to_have_attribute("aria-pressed", "true")
    notebook.page.wait_for_function("v => v.loop && !v.paused", arg=video.element_handle())


def test_who_wants_less_motion_gets_none(notebook: NotebookPage, name: str):
    notebook.page.emulate_media(reduced_motion="reduce")
    panel = studio(notebook, name)
    say_and_go(panel, "less motion: sea")
    video = newest_video(panel, "less motion")
    notebook.page.wait_for_function("v => v.readyState >= 2", arg=video.element_handle())
    notebook.page.wait_for_timeout(500)
    assert video.evaluate("v => v.paused && v.currentTime === 0")


def test_from_a_first_to_a_last_image(notebook: NotebookPage, name: str, image: Path):
    panel = studio(notebook, name, "image")
    files = panel.locator("input[type=file]")
    expect(files).to_have_count(2)
    expect(panel.get_by_role("group", name="Last frame")).to_be_visible()
    files.nth(0).set_input_files(image)
    files.nth(1).set_input_files(image)
    say_and_go(panel, "")  # at once: images on their way are waited for
    newest_video(panel, "a smooth transition")


def test_settings_are_used_again(notebook: NotebookPage, name: str):
    panel = studio(notebook, name, "text", "print(s.prompt.options.seed, s.tab)")
    say_and_go(panel, "used again: sea")
    newest_video(panel, "used again")
    panel.locator("textarea").fill("something else")
    panel.get_by_role("tab", name="Gallery").click()
    panel.get_by_role("button", name="Use the settings of: used again: sea").first.click()
    box = panel.locator("textarea")
    expect(box).to_have_value("used again: sea")
    expect(panel.locator(".vnb-options summary")).to_contain_text("seed ")
    expect(box).to_be_focused()
    notebook.run_cell(1)
    output = notebook.cell(1).locator(".jp-OutputArea-output")
    expect(output).to_have_text(re.compile(r"^\d+ text\s*$"))


def test_several_are_deleted_at_once(notebook: NotebookPage, name: str):
    panel = studio(notebook, name)
    for n in range(2):
        say_and_go(panel, f"to be deleted {n}: sea")
        newest_video(panel, f"to be deleted {n}")
    panel.get_by_role("tab", name="Gallery").click()
    panel.get_by_label("Search").fill("to be deleted")
    boxes = panel.locator(".vnb-card-box")
    expect(boxes).to_have_count(2)
    before = re.search(
        r"2 of (\d+) tasks", panel.get_by_text(re.compile("2 of .* tasks")).inner_text()
    )
    for n in range(2):
        boxes.nth(n).check()
    panel.get_by_role("button", name="Delete…").click()
    expect(panel.locator(".vnb-confirm:visible")).to_contain_text("Delete 2 tasks")
    panel.get_by_role("button", name="Delete permanently").click()
    expect(panel.get_by_text("Deleted 2 tasks.")).to_be_visible()
    expect(boxes).to_have_count(0)
    panel.get_by_label("Search").fill("")
    assert before is not None
    expect(
        panel.get_by_text(re.compile(rf"of {int(before[1]) - 2} tasks · 0 selected"))
    ).to_be_visible()


def test_keys_are_shown_and_work(notebook: NotebookPage, name: str):
    sized = "s.prompt.options.duration, s.prompt.options.resolution = {}, {}"
    long, short = sized.format("'15'", "'1080p'"), sized.format("'1'", "'480p'")
    panel = studio(notebook, name, "text", long, short)
    notebook.run_cell(1)  # it is still under way when it is cancelled
    page = notebook.page
    panel.get_by_role("button", name="Keyboard shortcuts").click()
    keys = panel.get_by_role("group", name="Keyboard shortcuts")
    expect(keys).to_contain_text("Ctrl+Enter")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    expect(panel.locator(".vnb-options summary")).to_contain_text("1080p")
    panel.locator("textarea").fill("keys: sea")
    page.keyboard.press("Control+Enter")
    expect(panel.get_by_role("button", name="Cancel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.get_by_role("button", name="Retry")).to_be_visible()
    notebook.run_cell(2)
    expect(panel.locator(".vnb-options summary")).to_contain_text("480p")
    say_and_go(panel, "keys: clouds")
    video = newest_video(panel, "keys: clouds")
    page.wait_for_function("v => v.ended", arg=video.element_handle())
    video.focus()
    page.keyboard.press("j")
    page.wait_for_function("v => v.currentTime < 0.2", arg=video.element_handle())
    page.keyboard.press("k")
    page.wait_for_function("v => v.currentTime > 0.2", arg=video.element_handle())


def test_examples_have_posters(notebook: NotebookPage, name: str):
    panel = studio(notebook, name)
    poster = panel.locator(".vnb-chip-image").first
    notebook.page.wait_for_function("i => i.naturalWidth === 208", arg=poster.element_handle())
    panel.locator(".vnb-chip").first.click()
    expect(panel.locator("textarea")).to_have_value("Sunset over the sea")

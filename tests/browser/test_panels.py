"""What a person does with the panels, in a real JupyterLab in a real browser."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import secrets
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from .page import NotebookPage, play

#: A video of a second at 480p: made in about a second.
STUDIO = """
from videogen_nb import Studio
s = Studio({tab!r})
s.prompt.options.duration = "1"
s.prompt.options.resolution = "480p"
s
"""
LONG = """
from videogen_nb import Studio
s = Studio("text")
s.prompt.options.duration = "15"
s.prompt.options.resolution = "1080p"
s
"""
#: Makes every script load too late for anywidget, which waits for two seconds.
LATE = """
const timeout = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = ms => {
  if (ms !== 2000) return timeout(ms);
  const end = new AbortController();
  queueMicrotask(() => end.abort());
  return end.signal;
};
"""
VIDEO_MS = 60_000
NASTY = "<img src=x onerror=\"document.title='run'\"> sea"


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A notebook of the test's own: one opened before would bring its kernel along."""
    return re.sub(r"\W+", "_", request.node.name) + ".ipynb"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A small image with a name that is not plain."""
    path = tmp_path / "my lake 湖.png"
    Image.radial_gradient("L").resize((480, 270)).convert("RGB").save(path)
    return path


def noise_png(size: int) -> bytes:
    """A PNG of exactly ``size`` bytes: noise does not compress, a text chunk fills it up."""
    side = int((size * 0.97 / 3) ** 0.5)
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)).save(out, "PNG")
    data = out.getvalue()
    head, tail = data[:-12], data[-12:]
    body = b"Comment\x00" + b"x" * (size - len(data) - 12 - 8)
    import zlib

    chunk = b"tEXt" + body
    filler = len(body).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    return head + filler + tail


def studio(notebook: NotebookPage, name: str, tab: str = "text", *more: str) -> Locator:
    """A notebook with a studio under its first cell, ready to be used."""
    notebook.open(name, STUDIO.format(tab=tab), *more)
    notebook.run_cell(0)
    panel = notebook.panel()
    expect(panel.locator(".vnb-chip").first).to_be_visible()
    return panel


def say_and_go(panel: Locator, prompt: str) -> None:
    """Type a prompt and press the button."""
    panel.locator("textarea").fill(prompt)
    panel.locator("button.vnb-go").click()


def newest_video(panel: Locator, prompt: str) -> Locator:
    """The player of the newest task, once its video is there."""
    sheet = panel.locator(".vnb-sheet", has=panel.page.locator("video"), has_text=prompt).first
    video = sheet.locator("video")
    video.wait_for(timeout=VIDEO_MS)
    return video


def test_pick_an_image_and_the_video_plays(notebook, name, image):
    panel = studio(notebook, name, "image")
    panel.locator("input[type=file]").first.set_input_files(image)
    expect(panel.locator(".vnb-drop-name").first).to_have_text("my lake 湖.png")
    expect(panel.locator(".vnb-drop-facts").first).to_contain_text("480 × 270 pixels")
    image = panel.locator(".vnb-drop-image").first
    notebook.page.wait_for_function("i => i.naturalWidth === 480", arg=image.element_handle())
    say_and_go(panel, "picked: push in")
    state = play(newest_video(panel, "picked"))
    assert state["ready"] >= 2
    assert state["time"] > 0.2
    assert state["width"] > 0


def test_a_panel_whose_script_loads_late_hears_its_kernel(notebook, name, image):
    notebook.page.add_init_script(LATE)
    panel = studio(notebook, name, "image")
    panel.locator("input[type=file]").first.set_input_files(image)
    expect(panel.locator(".vnb-drop-name").first).to_have_text("my lake 湖.png")
    expect(panel.locator(".vnb-kernel")).to_be_hidden()


def test_drop_an_image(notebook, name, image):
    panel = studio(notebook, name, "image", "print(s.upload.value.sha256)")
    drop_file(notebook.page, panel.locator(".vnb-drop-target").first, image)
    expect(panel.locator(".vnb-drop-name").first).to_have_text("my lake 湖.png")
    notebook.run_cell(1)
    expected = hashlib.sha256(image.read_bytes()).hexdigest()
    expect(notebook.cell(1).locator(".jp-OutputArea-output")).to_have_text(expected)


def drop_file(page: Page, target: Locator, path: Path) -> None:
    """A drag from outside the browser, let go over ``target`` once it stands still."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box is not None
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    devtools = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, "data": data, **place})


def test_paste_an_image(notebook, name):
    panel = studio(notebook, name, "image")
    copied = """async () => {
        const canvas = new OffscreenCanvas(64, 48);
        canvas.getContext("2d").fillRect(0, 0, 64, 48);
        const blob = await canvas.convertToBlob({type: "image/png"});
        await navigator.clipboard.write([new ClipboardItem({"image/png": blob})]);
    }"""
    notebook.page.evaluate(copied)
    target, facts = panel.locator(".vnb-drop-target").first, panel.locator(".vnb-drop-facts").first
    for patience_ms in (10_000, 60_000):  # JupyterLab may take the focus back after a run
        target.focus()
        notebook.page.keyboard.press("Control+v")
        with contextlib.suppress(AssertionError):
            expect(facts).to_contain_text("64 × 48 pixels", timeout=patience_ms)
            break
    expect(facts).to_contain_text("64 × 48 pixels")
    assert notebook.cells() == 1


def test_words_pasted_into_the_prompt_stay_words(notebook, name):
    panel = studio(notebook, name, "image")
    notebook.page.evaluate("() => navigator.clipboard.writeText('push in')")
    panel.locator("textarea").focus()
    notebook.page.keyboard.press("Control+v")
    expect(panel.locator("textarea")).to_have_value("push in")


def test_ten_mebibytes_arrive_whole(notebook, name, tmp_path):
    data = noise_png(10 * 2**20)
    assert len(data) == 10 * 2**20
    (tmp_path / "large.png").write_bytes(data)
    check = "print(s.upload.value.sha256, s.upload.upload().result().to_wire()['sha256'])"
    panel = studio(notebook, name, "image", check)
    panel.locator("input[type=file]").first.set_input_files(tmp_path / "large.png")
    expect(panel.locator(".vnb-drop-name").first).to_have_text("large.png", timeout=VIDEO_MS)
    notebook.run_cell(1)
    expected = hashlib.sha256(data).hexdigest()
    output = notebook.cell(1).locator(".jp-OutputArea-output")
    expect(output).to_have_text(f"{expected} {expected}", timeout=VIDEO_MS)


def test_what_is_over_the_limit_is_refused_in_words(notebook, name, tmp_path, image):
    (tmp_path / "huge.png").write_bytes(bytes(65 * 2**20))
    panel = studio(notebook, name, "image", "print(repr(s.upload.error))")
    chooser = panel.locator("input[type=file]").first
    chooser.set_input_files(tmp_path / "huge.png")
    message = panel.locator(".vnb-message").first
    expect(message).to_contain_text("huge.png is 65.0 MiB; the limit is 64 MiB")
    notebook.run_cell(1)
    expect(notebook.cell(1).locator(".jp-OutputArea-output")).to_contain_text("65.0 MiB")
    chooser.set_input_files(image)
    expect(panel.locator(".vnb-drop-name").first).to_have_text("my lake 湖.png")
    expect(message).to_be_hidden()


def test_what_is_no_image_is_refused_in_words(notebook, name, tmp_path):
    (tmp_path / "notes.png").write_bytes(b"%PDF-1.7 and so on")
    panel = studio(notebook, name, "image")
    panel.locator("input[type=file]").first.set_input_files(tmp_path / "notes.png")
    expect(panel.locator(".vnb-message").first).to_contain_text("it looks like PDF")
    expect(panel.locator(".vnb-drop-target").first).to_be_visible()


def test_from_an_address(notebook, name):
    panel = studio(notebook, name, "url", "s.restored.result(); print(s.link.url)")
    notebook.run_cell(1)
    output = notebook.cell(1).locator(".jp-OutputArea-output")
    expect(output).to_contain_text("http")
    panel.locator(".vnb-url input").fill("lake.jpg")
    expect(panel.locator(".vnb-wrong")).to_contain_text("start with http")
    panel.locator(".vnb-url input").fill(f"{output.inner_text().strip()}/samples/lake.jpg")
    expect(panel.locator(".vnb-pictured img")).to_be_visible()
    say_and_go(panel, "linked: pan left")
    assert play(newest_video(panel, "linked"))["ready"] >= 2


def test_from_words(notebook, name):
    panel = studio(notebook, name)
    panel.locator(".vnb-chip").first.click()
    expect(panel.locator("textarea")).not_to_have_value("")
    say_and_go(panel, "said: 海边日落")
    assert play(newest_video(panel, "said"))["ready"] >= 2
    expect(panel.locator(".vnb-id").first).to_have_text(re.compile(r"Task \d{17,}-\d{17,}"))


def test_a_double_click_makes_one_video(notebook, name):
    panel = studio(notebook, name, "text", "print(len(s.tasks))")
    panel.locator("textarea").fill("twice: sea")
    panel.locator("button.vnb-go").dblclick()
    newest_video(panel, "twice")
    notebook.run_cell(1)
    expect(notebook.cell(1).locator(".jp-OutputArea-output")).to_have_text("1")


def test_what_is_typed_while_the_kernel_is_busy_is_what_is_made(notebook, name):
    busy = "import time; time.sleep(4)"
    panel = studio(notebook, name, "text", busy)
    notebook.run_cell(1)
    panel.locator("textarea").click()
    notebook.page.keyboard.type("typed letter by letter: sea")
    panel.locator("button.vnb-go").click()
    newest_video(panel, "typed letter by letter: sea")


def test_cancelling(notebook, name):
    notebook.open(name, LONG)
    notebook.run_cell(0)
    panel = notebook.panel()
    expect(panel.locator(".vnb-chip").first).to_be_visible()
    say_and_go(panel, "cancelled: sea")
    sheet = panel.locator(".vnb-sheet", has_text="cancelled: sea").last
    expect(sheet.get_by_role("progressbar")).to_be_visible()
    sheet.get_by_role("button", name="Cancel").click()
    expect(sheet.get_by_role("status").first).to_have_text("Cancelled")
    expect(panel.get_by_role("button", name="Retry")).to_be_visible()


def test_a_reload_in_the_middle_loses_nothing(notebook, name):
    notebook.open(name, STUDIO.format(tab="text").replace('"1"', '"8"'))
    notebook.run_cell(0)
    panel = notebook.panel()
    expect(panel.locator(".vnb-chip").first).to_be_visible()
    say_and_go(panel, "reloaded: sea")
    expect(panel.get_by_role("progressbar").first).to_be_visible()
    notebook.save()
    notebook.page.reload()
    notebook.wait_for_idle()
    again = notebook.panel()
    expect(again.locator("textarea")).to_have_value("reloaded: sea")
    assert play(newest_video(again, "reloaded"))["ready"] >= 2


def test_a_kernel_restart_loses_nothing(notebook, name):
    come_back = "from videogen_nb import attach\nattach(task)"
    notebook.open(name, STUDIO.format(tab="text"), come_back, STUDIO.format(tab="text"))
    notebook.run_cell(0)
    panel = notebook.panel()
    expect(panel.locator(".vnb-chip").first).to_be_visible()
    say_and_go(panel, "restarted: sea")
    words = panel.locator(".vnb-sheet", has_text="restarted: sea").last.locator(".vnb-id")
    expect(words).to_have_text(re.compile(r"Task \d{17,}-\d{17,}"))
    task = words.inner_text().split()[1]
    notebook.restart_kernel()
    notebook.cell(1).locator(".cm-content").click()
    notebook.page.keyboard.press("Control+a")
    notebook.page.keyboard.insert_text(f'from videogen_nb import attach\nattach("{task}")')
    notebook.page.keyboard.press("Control+Enter")
    attached = notebook.cell(1).locator(".vnb-panel").first
    assert play(newest_video(attached, "restarted"))["ready"] >= 2
    notebook.run_cell(2)
    studio_again = notebook.cell(2).locator(".vnb-studio")
    studio_again.get_by_role("button", name=re.compile(r"Show: \d+ earlier")).click()
    assert play(newest_video(studio_again, "restarted"))["ready"] >= 2


def test_with_the_keyboard_alone(notebook, name):
    panel = studio(notebook, name, "image")
    page = notebook.page
    panel.get_by_role("tab", name="From image").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(panel.get_by_role("tab", name="From text")).to_be_focused()
    expect(panel.get_by_role("tab", name="From text")).to_have_attribute("aria-selected", "true")
    expect(panel.locator(".vnb-drop-target, .vnb-url")).to_have_count(0)
    page.keyboard.press("Tab")
    expect(panel.locator("textarea")).to_be_focused()
    page.keyboard.type("keyboard: sea")
    page.keyboard.press("Control+Enter")
    video = newest_video(panel, "keyboard")
    video.focus()
    page.keyboard.press("Tab")
    for _ in range(14):
        if page.evaluate("document.activeElement.textContent") == "Delete…":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(panel.get_by_role("button", name="Delete permanently")).to_be_visible()


def test_d_d_on_our_controls_deletes_no_cell(notebook, name):
    panel = studio(notebook, name, "text", "1")
    panel.locator(".vnb-options summary").click()
    for control in ("button.vnb-go", "select", ".vnb-tabs button.vnb-here"):
        panel.locator(control).first.focus()
        notebook.page.keyboard.press("d")
        notebook.page.keyboard.press("d")
    assert notebook.cells() == 2


def test_two_at_once_while_another_cell_runs(notebook, name):
    busy = "import time\nfor i in range(20): time.sleep(0.2)\nprint('cell done')"
    panel = studio(notebook, name, "text", busy)
    say_and_go(panel, "first of two: sea")
    expect(panel.locator("button.vnb-go")).to_be_enabled()
    say_and_go(panel, "second of two: sea")
    expect(panel.locator(".vnb-sheet", has_text="second of two").last).to_be_visible()
    notebook.run_cell(1)
    newest_video(panel, "second of two")
    panel.get_by_role("button", name="Show: first of two").click()
    newest_video(panel, "first of two")
    expect(notebook.cell(1).locator(".jp-OutputArea-output")).to_have_text("cell done")


def test_scripts_in_what_people_and_servers_write_do_not_run(notebook, name, tmp_path):
    fail = f"s.prompt.fail(RuntimeError({NASTY!r}))"
    panel = studio(notebook, name, "image", fail)
    file = tmp_path / "<img src=x onerror=document.title='run'>.png"
    Image.new("RGB", (64, 64)).save(file)
    panel.locator("input[type=file]").first.set_input_files(file)
    expect(panel.locator(".vnb-drop-name").first).to_have_text(file.name)
    say_and_go(panel, NASTY)
    newest_video(panel, "onerror")
    notebook.run_cell(1)
    expect(panel.locator(".vnb-alert", has_text="onerror")).to_be_visible()
    panel.get_by_role("tab", name="Gallery").click()
    expect(panel.locator(".vnb-card-title", has_text="onerror").first).to_be_visible()
    notebook.page.wait_for_timeout(500)
    assert notebook.page.title() != "run"
    assert panel.locator("img[src=x]").count() == 0


def test_a_cell_run_again_replaces_its_panel(notebook, name):
    panel = studio(notebook, name, "text")
    panel.locator("textarea").fill("left behind")
    notebook.run_cell(0)
    expect(notebook.panel().locator("textarea")).to_have_value("")
    expect(notebook.page.locator(".vnb-studio")).to_have_count(1)


def test_the_language_can_be_switched(notebook, name):
    panel = studio(notebook, name)
    panel.locator("textarea").fill("kept")
    panel.locator(".vnb-language").click()
    expect(panel.locator("button.vnb-go")).to_have_text("生成视频")
    expect(panel.get_by_role("tab").first).to_have_text("用图片")
    expect(panel.locator("textarea")).to_have_value("kept")
    panel.locator(".vnb-language").click()
    expect(panel.locator("button.vnb-go")).to_have_text("Generate video")


def test_a_video_is_saved_and_its_path_copied(notebook, name):
    panel = studio(notebook, name, "text", "print(s.value.path.read_bytes()[:4096].hex()[:64])")
    say_and_go(panel, "saved: sea")
    newest_video(panel, "saved")
    with notebook.page.expect_download() as saving:
        panel.get_by_role("button", name="Save video").first.click()
    saved = Path(saving.value.path()).read_bytes()
    notebook.run_cell(1)
    output = notebook.cell(1).locator(".jp-OutputArea-output")
    expect(output).to_have_text(saved[:32].hex())
    panel.get_by_role("button", name="Copy path").first.click()
    expect(panel.locator(".vnb-said").first).to_have_text("Copied.")
    copied = notebook.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == panel.locator(".vnb-path").first.inner_text()


def test_side_by_side_in_step_and_as_a_zip(notebook, name):
    panel = studio(notebook, name)
    pair = secrets.token_hex(4)  # a second try finds no videos of the first
    for prompt in (f"left of {pair}: sea", f"right of {pair}: clouds"):
        say_and_go(panel, prompt)
        newest_video(panel, prompt)
    panel.get_by_role("tab", name="Gallery").click()
    panel.get_by_label("Search").fill(f"of {pair}")
    boxes = panel.locator(".vnb-card-box")
    expect(boxes).to_have_count(2)
    boxes.nth(0).check()
    boxes.nth(1).check()
    panel.get_by_role("button", name="Compare side by side").click()
    panel.get_by_role("button", name="Play together").click()
    videos = panel.locator(".vnb-detail video")
    expect(videos).to_have_count(2)
    both = "vs => vs.every(v => v.currentTime > 0.2)"
    handle = panel.locator(".vnb-detail").element_handle()
    notebook.page.wait_for_function(
        f"box => ({both})([...box.querySelectorAll('video')])", arg=handle
    )
    apart = panel.evaluate(
        "box => { const [a, b] = box.querySelectorAll('.vnb-detail video');"
        " return Math.abs(a.currentTime - b.currentTime); }"
    )
    assert apart < 0.15
    with notebook.page.expect_download() as saving:
        panel.get_by_role("button", name="Download as ZIP").click()
    assert Path(saving.value.path()).read_bytes().startswith(b"PK")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_words_can_be_read_in_every_theme(notebook, name, theme):
    notebook.page.emulate_media(reduced_motion="reduce")  # no colours on their way to others
    panel = studio(notebook, name, "image")
    choose_theme(notebook.page, theme)
    panel.locator("button.vnb-go").click()
    expect(panel.locator(".vnb-alert:visible").first).to_be_visible()
    poor = panel.evaluate(_CONTRAST)
    choose_theme(notebook.page, "JupyterLab Light")
    assert poor == []


def choose_theme(page: Page, theme: str) -> None:
    """Choose a theme by the menu."""
    page.locator(".lm-MenuBar-item", has_text="Settings").click()
    page.locator(".lm-Menu-item", has_text="Theme").first.hover()
    page.get_by_text(theme, exact=True).click()
    light = "true" if theme.endswith("Light") else "false"
    page.locator(f'body[data-jp-theme-light="{light}"]').wait_for(state="attached")


#: Texts with less contrast than 4.5 to their ground (WCAG 2.2, 1.4.3; not disabled controls).
_CONTRAST = """panel => {
    const context = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
    const over = (colors) => {
        context.clearRect(0, 0, 1, 1);
        for (const c of colors) { context.fillStyle = c; context.fillRect(0, 0, 1, 1); }
        return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const light = (rgb) => {
        const [r, g, b] = rgb.map(v => v / 255).map(
            v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const poor = [];
    for (const node of panel.querySelectorAll("*")) {
        const own = [...node.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        if (!own || !node.checkVisibility() || node.disabled || node.tagName === "OPTION") continue;
        if (node.closest("video, .vnb-video-note, style")) continue;
        const grounds = [];
        for (let up = node; up; up = up.parentElement) {
            grounds.unshift(getComputedStyle(up).backgroundColor);
        }
        const ground = over(["white", ...grounds]);
        const ink = over(["white", ...grounds, getComputedStyle(node).color]);
        const [a, b] = [light(ground), light(ink)];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) poor.push(`${node.textContent.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
    }
    return poor;
}"""


@pytest.mark.parametrize("tab", ["image", "url", "text", "gallery"])
def test_every_control_has_a_name(notebook, name, tab, image):
    panel = studio(notebook, name, "text")
    say_and_go(panel, f"named {tab}: sea")
    newest_video(panel, "named")
    panel.locator(".vnb-tabs button").nth(["image", "url", "text", "gallery"].index(tab)).click()
    if tab == "image":
        panel.locator("input[type=file]").first.set_input_files(image)
        expect(panel.locator(".vnb-drop-name").first).to_be_visible()
    if tab == "gallery":
        expect(panel.locator(".vnb-card").first).to_be_visible()
    tree = panel.aria_snapshot()
    controls = r"- (button|textbox|combobox|checkbox|tab|tablist|progressbar|slider|group|img)"
    nameless = re.findall(rf"^\s*{controls}(?::.*)?$", tree, flags=re.MULTILINE)
    assert nameless == []
    assert 'tab "Gallery"' in tree
    assert 'tablist "Start from"' in tree
    if tab != "gallery":
        assert 'textbox "' in tree
        assert "status" in tree


def test_it_fits_a_narrow_window(notebook, name):
    panel = studio(notebook, name, "image")
    notebook.page.set_viewport_size({"width": 480, "height": 900})
    notebook.page.keyboard.press("Control+b")
    notebook.page.wait_for_timeout(500)
    assert panel.evaluate("p => p.scrollWidth - p.clientWidth") <= 1
    assert panel.evaluate("p => p.clientWidth") <= 400

"""The upload panel: choosing an image, refusing what does not fit, sending it on once."""

from __future__ import annotations

import hashlib
import io
import time

import pillow_heif
import pytest
from PIL import Image

from tests.panels.conftest import Page, make_image, press
from videogen_nb.errors import BadImage
from videogen_nb.panels import UploadPanel
from videogen_nb.panels.browser.page import TICK_S


def begin(panel: UploadPanel, data: bytes, name: str = "lake.png") -> None:
    """What the drop zone's script sends before any byte."""
    panel._handle_custom_msg({"op": "begin", "ticket": "t", "name": name, "size": len(data)}, [])


def arrive(panel: UploadPanel, data: bytes) -> None:
    """What it sends of a file of one piece."""
    piece = {"op": "piece", "ticket": "t", "offset": 0}
    panel._handle_custom_msg(piece, [memoryview(data)])


def drop(panel: UploadPanel, data: bytes, name: str = "lake.png") -> None:
    begin(panel, data, name)
    arrive(panel, data)


def test_a_dropped_image_is_described(link, image):
    panel = UploadPanel(link)
    drop(panel, image)
    assert panel.value is not None
    assert panel.value.sha256 == hashlib.sha256(image).hexdigest()
    assert (panel.value.facts.width, panel.value.facts.height) == (320, 180)
    assert panel.view()["image"]["name"] == "lake.png"
    assert "PNG · 320 × 180 pixels" in panel.view()["image"]["facts"]


def test_a_dropped_heic_is_shown_as_a_jpeg_and_kept_as_it_is(link):
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (320, 180), "teal")).save(out)
    panel = UploadPanel(link)
    drop(panel, out.getvalue(), "foto.heic")
    assert panel.value is not None
    assert panel.value.data == out.getvalue()
    assert panel.value.shown.startswith(b"\xff\xd8\xff")
    assert panel.view()["image"]["size"] == len(panel.value.shown)


def test_a_cut_image_is_refused_when_it_is_dropped(link):
    panel = UploadPanel(link)
    drop(panel, make_image(kind="JPEG")[:-200], "cut.jpg")
    assert panel.value is None
    assert "truncated" in panel.error


def test_a_dropped_image_that_is_too_large_is_shrunk_and_that_is_said(link):
    out = io.BytesIO()
    Image.linear_gradient("L").resize((9000, 5000)).convert("RGB").save(out, "JPEG", quality=20)
    panel = UploadPanel(link)
    drop(panel, out.getvalue(), "large.jpg")
    assert "9000×5000" in panel.view()["image"]["facts"]
    assert "4096×2276" in panel.view()["image"]["facts"]


def test_loading_does_what_a_drop_does(link, image, tmp_path):
    (tmp_path / "lake.png").write_bytes(image)
    dropped, loaded = UploadPanel(link), UploadPanel(link)
    drop(dropped, image)
    loaded.load(tmp_path / "lake.png")
    assert loaded.value == dropped.value
    assert loaded.view() == dropped.view()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"%PDF-1.7 not an image", "PDF", id="a-pdf"),
        pytest.param(b"GIF89a" + bytes(50), "GIF", id="a-gif"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(9), "cannot be read", id="half-a-header"),
        pytest.param(make_image(8, 8), "too small", id="too-small"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(link, image, data, says):
    panel = UploadPanel(link)
    panel.load(image, "before.png")
    if data:
        drop(panel, data, "after.bin")
    else:
        with pytest.raises(BadImage):
            panel.load(data, "after.bin")
    assert says in panel.error
    assert "Allowed: JPG, PNG, WEBP or HEIC" in panel.error
    assert panel.section()["error"] == panel.error
    assert panel.value is not None
    assert panel.value.name == "before.png"


def test_a_file_that_is_not_there_is_told_in_the_panel(link, tmp_path):
    panel = UploadPanel(link)
    with pytest.raises(BadImage, match=r"lake\.jpg"):
        panel.load(tmp_path / "lake.jpg")
    assert "lake.jpg" in panel.error


def test_a_pillow_image_will_do(link):
    panel = UploadPanel(link)
    panel.load(Image.radial_gradient("L").convert("RGB"))
    assert panel.value is not None
    assert (panel.value.facts.width, panel.value.facts.format) == (256, "PNG")


def test_an_error_goes_with_the_next_good_image(link, image):
    panel = UploadPanel(link)
    drop(panel, b"no image")
    drop(panel, image)
    assert (panel.error, panel.problem) == ("", None)


def test_what_the_browser_refuses_is_an_error_of_the_panel(link):
    panel = UploadPanel(link)
    press(panel, "refuse", message="big.png is 11.0 MiB; the limit is 10 MiB.")
    assert panel.error == "big.png is 11.0 MiB; the limit is 10 MiB."


def test_the_image_is_sent_once(link, image):
    panel = UploadPanel(link)
    panel.load(image, "lake.png")
    first = panel.upload().result(20)
    assert first.option == {"width": 320, "height": 180}
    assert panel.progress == 1.0
    assert panel.upload().result(20) is first


def test_the_same_bytes_arrive_at_the_gateway(link, image):
    panel = UploadPanel(link)
    drop(panel, image)
    attachment = panel.upload().result(20).to_wire()
    assert attachment["sha256"] == hashlib.sha256(image).hexdigest()


def test_uploading_nothing_says_what_to_do(link):
    panel = UploadPanel(link)
    with pytest.raises(BadImage, match="Choose an image first"):
        panel.upload().result(20)
    assert panel.error == "Choose an image first."


def test_removing_it_in_the_browser_clears_it(link, image):
    panel = UploadPanel(link)
    drop(panel, image)
    press(panel, "clear")
    assert panel.value is None
    assert panel.view()["image"] is None


def test_the_page_can_fetch_the_chosen_image_and_no_former_one(link, image):
    panel = UploadPanel(link)
    page = Page(panel)
    former = panel.load(make_image(64, 64), "former.png")
    panel.load(image, "lake.png")
    answer, [data] = page.send({"op": "pull", "key": panel.view()["image"]["key"], "offset": 0})
    assert (answer["op"], bytes(data)) == ("piece", image)
    assert page.send({"op": "pull", "key": former.sha256, "offset": 0})[0]["op"] == "nothing"
    panel.close()


def test_the_panel_follows_the_language(link, image):
    panel = UploadPanel(link)
    panel.load(image, "lake.png")
    link.speak("zh")
    assert panel.all_texts()["upload"]["title"].startswith("将图片拖到此处")
    assert "像素" in panel.view()["image"]["facts"]


def test_a_closed_panel_no_longer_follows(link):
    panel = UploadPanel(link)
    page = Page(panel)
    panel.close()
    link.speak("zh")
    time.sleep(3 * TICK_S)
    assert page.updates == []


@pytest.mark.parametrize("late", ["first", "last"])
def test_an_image_on_its_way_is_waited_for(link, image, late):
    """Whoever presses Generate while an image is still being sent means that image."""
    panel, panel.last = UploadPanel(link), UploadPanel(link)
    data, other = image, make_image(64, 48)
    if late == "last":
        drop(panel, data)
    begin(panel.last if late == "last" else panel, other)
    call = panel.run(panel.inputs)
    with pytest.raises(TimeoutError):
        call.result(0.3)
    arrive(panel.last if late == "last" else panel, other)
    inputs = call.result(20)
    assert ("images" in inputs) == (late == "last")
    chosen = panel.last.value if late == "last" else panel.value
    assert chosen is not None
    assert chosen.data == other


def test_an_image_that_stops_coming_is_told_and_one_that_is_stopped_is_not_waited_for(
    link, image, monkeypatch
):
    monkeypatch.setattr("videogen_nb.panels.upload._PATIENCE_S", 0.1)
    panel = UploadPanel(link)
    drop(panel, image)
    begin(panel, image)
    with pytest.raises(BadImage, match=r"did not arrive"):
        panel.upload().result(20)
    assert "Choose it again" in panel.error
    panel._handle_custom_msg({"op": "stop", "ticket": "t"}, [])
    assert panel.upload().result(20).key  # the one chosen before

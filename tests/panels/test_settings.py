"""Using the settings of a video again, first and last frames, images without a prompt."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.panels.conftest import Page, make_image, press, quick, texts, type_into, until
from videogen_nb.engines.sketch.catalogue import SCENES
from videogen_nb.errors import BadInput, BadParameter
from videogen_nb.panels import Studio
from videogen_nb.panels.form.examples import posters
from videogen_nb.panels.form.frames import check_last
from videogen_nb.protocol.models import EngineInfo, VideoTask


@pytest.fixture
def studio(link):
    studio = Studio("text", link)
    studio.restored.result(20)
    until(lambda: link.engines)
    quick(studio.prompt.options)
    yield studio
    studio.close()


def forget_all(studio: Studio) -> None:
    """Empty the form."""
    studio.prompt.value = ""
    for name in ("engine", "duration", "ratio", "resolution", "seed"):
        setattr(studio.prompt.options, name, "")


def test_an_image_alone_becomes_a_push_in(studio, image):
    studio.tab = "image"
    studio.upload.load(image, "lake.png")
    video = studio.video(studio.start().result(20)).result(60)
    assert video.task.prompt == "the camera moves in slowly"
    assert video.task.parameters["move"] == "push_in"
    assert "Optional" in studio.prompt.view()["placeholder"]


def test_neither_image_nor_prompt_is_told(studio):
    studio.tab = "image"
    with pytest.raises(BadInput, match="Choose an image first"):
        studio.start().result(20)
    studio.tab = "text"
    with pytest.raises(BadInput, match="prompt"):
        studio.start().result(20)


def test_the_settings_of_a_text_video_fill_the_form(studio):
    studio.prompt.value = "sea for its settings"
    studio.prompt.options.ratio, studio.prompt.options.seed = "1:1", "42"
    task = studio.start().result(20)
    studio.video(task).result(60)
    forget_all(studio)
    studio.tab = "gallery"
    panel = studio.videos.find(task)
    until(lambda: panel.video is not None and panel.video.task is not None)
    press(panel.video, "use")
    options = studio.prompt.options
    assert (studio.tab, studio.prompt.value) == ("text", "sea for its settings")
    assert (options.duration, options.ratio, options.resolution) == ("1", "1:1", "480p")
    assert (options.engine, options.seed) == ("", "42")
    assert f"task {task.id}" in texts(studio.prompt)


def test_a_card_brings_its_image_back(studio, image):
    studio.tab = "image"
    studio.upload.load(image, "first.png")
    studio.last_frame.load(make_image(200, 200), "last.png")
    studio.prompt.value = "card with its images"
    task = studio.start().result(20)
    forget_all(studio)
    studio.upload.clear()
    studio.last_frame.clear()
    studio.tab = "gallery"
    until(lambda: task.id in {t.id for t in studio.gallery.tasks})
    press(studio.gallery, "use", id=str(task.id))
    assert (studio.tab, studio.prompt.value) == ("image", "card with its images")
    assert studio.upload.value.name == "first.png"
    assert studio.last_frame.value.name == "last.png"


def test_an_image_that_is_gone_is_asked_for(studio, image, videos):
    attachment = videos.upload_image(image).result(20)
    task = videos.create_task("made elsewhere: pan left", attachment=attachment, duration=1)
    studio.use(task.result(20))
    assert studio.tab == "image"
    assert "Choose its image again" in studio.prompt.view()["status"]


def test_a_url_comes_back(studio, videos):
    studio.tab = "url"
    url = studio.url.value = f"{videos.url}/samples/lake.jpg"
    task = studio.start().result(20)
    studio.url.value = ""
    studio.use(task)
    assert (studio.tab, studio.url.value) == ("url", url)


def test_an_engine_without_last_frames_says_so_before_anything_is_sent():
    images = {"images": [{"role": "first"}, {"role": "last"}]}
    engine = EngineInfo(name="other", title="Other", modes=["text", "image"])
    with pytest.raises(BadParameter, match="Other does not support a last frame"):
        check_last(engine, images)
    check_last(engine, {"images": images["images"][:1]})
    check_last(engine.model_copy(update={"modes": ["last_frame"]}), images)
    check_last(None, images)  # an older gateway, which does not tell


def test_the_summary_says_what_is_set(studio):
    assert studio.prompt.view()["summary"].startswith("1 s · auto aspect ratio · 480p · ")
    studio.prompt.options.seed = " 7 "
    assert studio.prompt.view()["summary"].endswith(" · seed 7")
    forget_all(studio)
    summary = studio.prompt.view()["summary"]
    assert summary.startswith("auto duration")
    assert summary.endswith("random seed")


def test_a_wrong_option_opens_the_options(studio):
    assert not studio.prompt.view()["options_wrong"]
    studio.prompt.value, studio.prompt.options.seed = "sea", "seven"
    with pytest.raises(BadParameter):
        studio.start().result(20)
    assert studio.prompt.view()["options_wrong"]


def test_every_scene_has_a_small_poster(studio):
    items = studio.prompt.view()["examples"]["items"]
    assert {item["poster"] for item in items} == set(SCENES)
    answer, [told] = Page(studio.prompt).send({"op": "pull", "key": "example posters", "offset": 0})
    assert answer["type"] == "application/json"
    assert bytes(told) == posters()
    import base64
    import json

    for name, url in json.loads(posters()).items():
        data = base64.b64decode(url.partition(",")[2])
        image = Image.open(io.BytesIO(data))
        assert (image.format, image.size) == ("WEBP", (208, 117)), name
        assert len(data) <= 8000, name


def test_the_newest_is_whole_and_the_others_are_thumbnails(studio, videos):
    made = [
        videos.create_task(f"thumbnail {n}: sea", duration=1, resolution="480p").result(20)
        for n in range(3)
    ]
    panels = [studio.attach(task) for task in made]
    for panel in panels:
        panel.wait(60)
    newest = panels[-1]
    until(lambda: studio.videos.view()["whole"] == [newest.name])
    type_into(studio.videos, "selected", panels[0].name)
    assert studio.videos.selected is panels[0]
    assert studio.videos.view()["whole"] == [panels[0].name]
    studio.videos.remove(panels[0].task)
    assert studio.videos.view()["whole"] == [newest.name]


def test_what_a_task_does_not_tell_is_not_printed(link):
    """A bare task, as the oldest gateways tell one, on every panel that shows tasks."""
    from videogen_nb.panels import GalleryPanel, ProgressPanel
    from videogen_nb.panels.video import source_of

    bare = VideoTask(conversation_id="1", message_id="2", status="failed")
    progress = ProgressPanel(bare, link)
    gallery = GalleryPanel(link)
    until(lambda: not gallery.busy)
    gallery._listing.tasks = [bare]
    gallery._take_listing()
    assert gallery.shown == [bare]
    told = [texts(progress), str(gallery.view()["items"])]
    told.append(str(source_of([], {"parameters": {"fps": None, "width": 3}, "seed": None})))
    for text in told:
        assert "None" not in text.replace("'progress': None", "")
        assert "null" not in text
    progress.close()
    gallery.close()

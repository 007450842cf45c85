"""The prompt panel: from what is filled in to one task, whatever one does to the button."""

from __future__ import annotations

import pytest

from tests.panels.conftest import press, quick, texts, type_into, until
from videogen_nb import Connection, VideoClient
from videogen_nb.errors import BadImage, BadInput, BadParameter, BadPrompt, GatewayUnreachable
from videogen_nb.panels import PromptPanel, UploadPanel, UrlPanel
from videogen_nb.panels.gateway_link import Link
from videogen_nb.panels.prompt import DOUBLE_CLICK_S
from videogen_nb.protocol.polling import RetryPolicy


class Clock:
    """Seconds, moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def panel(link, clock) -> PromptPanel:
    panel = PromptPanel(link, clock=clock)
    until(lambda: link.engines)
    quick(panel.options)
    return panel


def test_words_become_a_video(panel):
    type_into(panel, "value", "海边 the sea")
    task = panel.start().result(20)
    assert task.prompt == "海边 the sea"
    assert (task.parameters or {})["duration"] == 1
    assert panel.tasks == [task]
    assert str(task.id) in texts(panel)
    video = panel.videos.panels[0].wait(60)
    assert video.facts.frames == 24
    assert video.path.is_file()


def test_what_will_be_drawn_is_told_while_typing_only_of_the_built_in_engine(panel):
    assert panel.view()["drawn"]["line"] == ""
    type_into(panel, "value", "hot air balloons at sunrise")
    told = panel.view()["drawn"]
    assert told["line"].startswith("Will draw: clouds, sunrise. Won't draw: hot air balloons.")
    assert told["link"].endswith("/engines")
    panel.options.engine = "ark"
    assert panel.view()["drawn"]["line"] == ""


def test_what_was_wrong_is_taken_back_when_it_is_changed(panel, link, image):
    with pytest.raises(BadPrompt):
        panel.start().result(20)
    type_into(panel, "value", "the sea")
    assert panel.error == ""
    panel.options.engine = "ark"
    with pytest.raises(BadParameter):
        panel.start().result(20)
    assert (panel.error, panel.view()["notice"]) != ("", "")
    assert panel.view()["notice"] == "", "it would say the same once more"
    panel.options.engine = ""
    assert panel.error == ""
    panel.source = upload = UploadPanel(link)
    with pytest.raises(BadImage):
        panel.start().result(20)
    assert panel.error
    upload.load(image)
    assert panel.error == ""


def test_why_an_engine_is_not_ready_is_said_in_one_language(panel, link):
    type_into(panel, "value", "the sea")
    panel.options.engine = "ark"
    with pytest.raises(BadParameter):
        panel.start().result(20)
    assert "needs a key" in panel.error
    link.speak("zh")
    until(lambda: "needs" not in panel.error)
    assert "密钥" in panel.error


def test_a_failed_start_can_be_tried_again_at_once(panel, videos, monkeypatch):
    real = VideoClient.create_task
    asked = []

    async def once_away(client, prompt, **arguments):
        asked.append(prompt)
        if len(asked) == 1:
            raise GatewayUnreachable
        return await real(client, prompt, **arguments)

    monkeypatch.setattr(VideoClient, "create_task", once_away)
    panel.value = "the sea, tried again"
    with pytest.raises(GatewayUnreachable):
        panel.start().result(20)
    task = panel.start().result(20)  # no time has passed, and nothing was changed
    assert (panel.error, asked) == ("", ["the sea, tried again"] * 2)
    assert panel.tasks == [task]


def test_a_double_click_creates_one_task(panel, videos):
    panel.value = "two clicks, one sea"
    before = videos.list_tasks().result().total
    first = panel.start()
    assert panel.start() is first  # while it is being created
    first.result(20)
    assert panel.start() is first  # and just after
    assert videos.list_tasks().result().total == before + 1


def test_a_press_takes_what_was_typed_just_before(panel, link, videos):
    url = f"{videos.url}/samples/lake.jpg"
    panel.value = "p"  # the last that was heard of the typing
    panel.source = UrlPanel(link)
    type_into(panel.source, "value", url)
    type_into(panel, "value", "pan right over the sea")
    type_into(panel, "seed", "11")
    press(panel, "start")
    task = panel.started.result(20)
    assert (task.prompt, task.seed) == ("pan right over the sea", 11)
    assert panel.source.value == url


def test_pressed_for_another_video_while_one_is_sent_makes_both(panel, videos):
    before = videos.list_tasks().result().total
    panel.value = "first sea"
    first = panel.start()
    panel.value = "second sea"
    second = panel.start()
    assert [first.result(20).prompt, second.result(20).prompt] == ["first sea", "second sea"]
    until(lambda: not panel.busy)
    assert videos.list_tasks().result().total == before + 2


def test_pressed_again_later_it_makes_another(panel, clock):
    panel.value = "one sea, then another"
    first = panel.start().result(20)
    clock.now += DOUBLE_CLICK_S
    assert panel.start().result(20).id != first.id


def test_something_else_is_another_task_at_once(panel):
    panel.value = "one sea"
    first = panel.start().result(20)
    panel.value = "another sea"
    assert panel.start().result(20).id != first.id


@pytest.mark.parametrize(
    ("prompt", "seed", "error", "says"),
    [
        pytest.param("  ", "", BadPrompt, "The prompt is empty", id="nothing-said"),
        pytest.param("x" * 4001, "", BadPrompt, "4,000", id="too-long"),
        pytest.param("a\x00b", "", BadPrompt, "control character", id="nul"),
        pytest.param("sea", "one", BadParameter, "not a whole number", id="seed-no-number"),
    ],
)
def test_what_does_not_fit_is_told_and_nothing_is_lost(panel, prompt, seed, error, says):
    panel.value, panel.options.seed = prompt, seed
    with pytest.raises(error, match=says):
        panel.start().result(20)
    assert panel.error
    assert panel.section()["error"] == panel.error
    assert (panel.view()["value"], panel.view()["seed"], panel.busy) == (prompt, seed, False)
    assert panel.videos.panels == []


def test_an_error_goes_with_the_next_try(panel, clock):
    with pytest.raises(BadPrompt):
        panel.start().result(20)
    clock.now += DOUBLE_CLICK_S
    panel.value = "sea"
    panel.start().result(20)
    assert panel.error == ""


def test_a_gateway_that_is_away_is_told(tmp_path):
    away = Connection(
        lambda: VideoClient("http://127.0.0.1:9", retry=RetryPolicy(attempts=1), output=tmp_path)
    )
    panel = PromptPanel(Link(away))
    panel.value = "kept"
    until(lambda: panel.error)
    assert isinstance(panel.problem, GatewayUnreachable)
    assert panel.view()["retry"]
    assert panel.value == "kept"
    away.close()


def test_from_an_image(link, panel, image):
    upload = UploadPanel(link)
    panel.source = upload
    panel.value = "push in"
    with pytest.raises(BadImage, match="Choose an image first"):
        panel.start().result(20)
    upload.load(image, "lake.png")
    panel.value = "push in slowly"
    video = panel.videos.add(panel.start().result(20)).wait(60)
    assert video.facts.width / video.facts.height == pytest.approx(320 / 180, rel=0.02)


def test_from_an_address(link, panel, videos):
    panel.source = UrlPanel(link, value=f"{videos.url}/samples/lake.jpg")
    panel.value = "pan left"
    video = panel.videos.add(panel.start().result(20)).wait(60)
    assert any("pan" in note.lower() for note in video.task.notes)


def test_the_engine_tells_scenes_and_moves(link, panel):
    scenes = [chip["title"] for chip in chips(panel)]
    panel.source = UploadPanel(link)
    moves = [chip["title"] for chip in chips(panel)]
    engine = link.engine(None)
    assert scenes == [c.title for c in engine.scenes if c.example]
    assert moves == [c.title for c in engine.moves if c.example]


def chips(panel):
    return panel.view()["examples"]["items"]


def test_a_click_on_an_example_fills_in_and_never_wipes_out(panel):
    first, second = chips(panel)[:2]
    press(panel, "example", example=first["example"])
    assert panel.value == first["example"]
    was = panel.value
    press(panel, "example", example=second["example"])
    assert panel.value != was  # an example gives way to another
    type_into(panel, "value", "my own text")
    press(panel, "example", example=first["example"])
    assert panel.value == f"my own text {was}"


def test_options_offer_what_the_engine_can_do(panel, link):
    engine = link.engine(None)
    offered = [value for _, value in panel.options.choices("ratio")]
    assert offered == ["", *engine.ratios]
    panel.options.duration = "7.5"
    assert panel.options.parameters() == {"duration": 7.5, "resolution": "480p"}
    assert panel.view()["duration"] == "7.5"
    assert ("7.5 s", "7.5") in panel.options.choices("duration")


def test_fields_and_traits_are_one(panel):
    type_into(panel, "ratio", "1:1")
    assert panel.options.ratio == "1:1"
    panel.options.seed = "7"
    assert panel.view()["seed"] == "7"
    assert panel.options.parameters()["seed"] == 7


def test_again_with_another_seed(panel):
    panel.value = "again the sea"
    panel.options.seed = "1"
    panel.start().result(20)
    shown_first = panel.videos.panels[0]
    shown_first.wait(60)
    task = shown_first.video.again().result(20)
    assert task.seed not in (None, 1)
    assert (task.prompt, task.parent) == ("again the sea", str(shown_first.task.id))
    assert [p.task.id for p in panel.videos.panels] == [task.id, shown_first.task.id]


def test_again_needs_the_image(panel):
    panel.value = "again the sea"
    task = panel.start().result(20)
    panel._inputs.clear()  # as after a restart of the kernel
    with pytest.raises(BadInput, match="made from an image"):
        panel.run(panel.remake, task, from_image=True).result(20)


def test_the_panel_follows_the_language(panel, link):
    panel.value = "typed"
    link.speak("zh")
    until(lambda: link.engines)
    assert panel.view()["title"] == "想生成什么视频？"
    assert panel.all_texts()["prompt"]["start"] == "生成视频"
    assert panel.options.choices("ratio")[0] == ("自动", "")
    assert panel.value == "typed"

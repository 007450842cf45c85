"""Every parameter of a request is settled, or refused in words that say what is allowed."""

from pathlib import Path

import pytest

from videogen_nb.engines import InputImage
from videogen_nb.engines.sketch import SketchEngine
from videogen_nb.engines.sketch.camera.moves import MOVES
from videogen_nb.engines.sketch.catalogue import (
    RATIOS,
    RESOLUTIONS,
    SCENES,
    frame_size,
    nearest_ratio,
)
from videogen_nb.errors import BadParameter


def image(width=1600, height=1200, role="first"):
    return InputImage(Path("image.jpg"), "0" * 64, width, height, role)


def plan(prompt="sunset over the sea", images=(), **requested):
    return SketchEngine().plan(prompt, requested, images)


def notes(made, language="en"):
    return "\n".join(note.render(language) for note in made.notes)


def test_words_alone_give_a_scene_with_every_default():
    made = plan("Rain in the city, please", seed=7)
    assert made.seed == 7
    assert made.parameters == {
        "duration": 5.0,
        "fps": 24,
        "ratio": "16:9",
        "resolution": SCENES["city"].default_resolution,
        "width": made.parameters["width"],
        "height": made.parameters["height"],
        "scene": "city",
        "mood": {"rain": True},
        "caption": True,
    }
    assert made.estimated_s is not None
    assert made.estimated_s > 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_plan_says_what_it_is_and_why(language):
    said = notes(plan("夜晚的海边日落"), language)
    assert {"en": "procedural sketch", "zh": "程序化草图"}[language] in said
    assert "“海边”" in said
    assert "“日落”" in said
    assert {"en": "No video model", "zh": "没有使用视频生成模型"}[language] in said


@pytest.mark.parametrize(
    ("prompt", "requested", "duration", "said"),
    [
        pytest.param("5秒的海", {}, 5, "from the prompt", id="said"),
        pytest.param("a half minute of rain", {}, 15, "asks for 30 s", id="snapped-down"),
        pytest.param("0.5 seconds of rain", {}, 1, "asks for 0.5 s", id="snapped-up"),
        pytest.param("10秒的海", {"duration": 3}, 3, "", id="parameter-wins"),
        pytest.param("rain", {"duration": 2.5}, 2.5, "", id="fraction"),
        pytest.param("rain", {}, 5, "", id="default"),
        pytest.param("rain", {"duration": None}, 5, "", id="none-is-absent"),
    ],
)
def test_duration(prompt, requested, duration, said):
    made = plan(prompt, **requested)
    assert made.parameters["duration"] == duration
    assert said in notes(made)


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_every_size_is_even_and_of_its_ratio(ratio, resolution):
    made = plan(ratio=ratio, resolution=resolution).parameters
    width, height = made["width"], made["height"]
    assert (width, height) == frame_size(ratio, resolution)
    assert width % 2 == height % 2 == 0
    across, down = RATIOS[ratio]
    assert width / height == pytest.approx(across / down, rel=2e-3)
    assert min(width, height) == RESOLUTIONS[resolution]


@pytest.mark.parametrize(
    ("ratio", "resolution", "size"),
    [
        ("16:9", "720p", (1280, 720)),
        ("16:9", "540p", (960, 540)),
        ("9:16", "1080p", (1080, 1920)),
        ("4:3", "480p", (640, 480)),
        ("1:1", "720p", (720, 720)),
        ("16:9", "480p", (854, 480)),
    ],
)
def test_the_sizes_people_know(ratio, resolution, size):
    assert frame_size(ratio, resolution) == size


@pytest.mark.parametrize(
    ("requested", "allowed"),
    [
        pytest.param({"duration": 0}, "1 to 15", id="too-short"),
        pytest.param({"duration": 16}, "1 to 15", id="too-long"),
        pytest.param({"duration": float("nan")}, "not a number", id="nan"),
        pytest.param({"duration": "5"}, "not a number", id="words"),
        pytest.param({"duration": True}, "not a number", id="bool"),
        pytest.param({"fps": 10}, "12 to 60", id="slow"),
        pytest.param({"fps": 23.976}, "12 to 60 whole", id="broken-rate"),
        pytest.param({"fps": 61}, "12 to 60", id="fast"),
        pytest.param({"ratio": "21:9"}, "16:9, 9:16, 1:1, 4:3, 3:4", id="ratio"),
        pytest.param({"resolution": "4k"}, "480p, 540p, 720p, 1080p", id="resolution"),
        pytest.param({"seed": -1}, "from 0", id="negative-seed"),
        pytest.param({"seed": 1.5}, "whole number", id="broken-seed"),
        pytest.param({"seed": 2**63}, "9223372036854775807", id="huge-seed"),
        pytest.param({"extra": {"style": "oil"}}, "scene, move", id="unknown-extra"),
        pytest.param({"extra": {"scene": "moon"}}, "sea, stars", id="unknown-scene"),
        pytest.param({"extra": {"move": "dive"}}, "push_in", id="unknown-move"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_does(requested, allowed):
    with pytest.raises(BadParameter) as caught:
        plan(**requested)
    assert allowed in caught.value.text.render("en")
    assert caught.value.text.render("zh") != caught.value.text.render("en")


def test_a_seed_not_given_is_drawn_and_kept():
    assert len({plan().seed for _ in range(8)}) == 8
    assert plan(seed=2**63 - 1).seed == 2**63 - 1


@pytest.mark.parametrize(
    ("size", "ratio"),
    [
        ((1600, 1200), "4:3"),
        ((1920, 1080), "16:9"),
        ((1080, 1920), "9:16"),
        ((900, 1200), "3:4"),
        ((500, 510), "1:1"),
        ((5000, 500), "16:9"),
        ((16, 16), "1:1"),
    ],
)
def test_a_image_gives_the_nearest_ratio_and_says_so(size, ratio):
    assert nearest_ratio(*size) == ratio
    made = plan("make it move", images=[image(*size)])
    assert made.parameters["ratio"] == ratio
    assert made.parameters["resolution"] == "720p"
    assert f"Aspect ratio: {ratio}, the closest" in notes(made)


def test_the_words_choose_the_move():
    made = plan("镜头缓慢推进", images=[image()])
    assert made.parameters["move"] == "push_in"
    assert "scene" not in made.parameters
    assert "“缓慢推进”" in notes(made, "zh")


def test_sideways_goes_either_way_by_seed():
    moves = {plan("平移", images=[image()], seed=s).parameters["move"] for s in range(12)}
    assert moves == {"pan_left", "pan_right"}


@pytest.mark.parametrize(
    ("size", "moves"),
    [((4000, 1000), {"pan_left", "pan_right"}), ((1000, 4000), {"pan_up", "pan_down"})],
)
def test_a_long_image_is_moved_along(size, moves):
    made = [plan("生成视频", images=[image(*size)], seed=s) for s in range(12)]
    assert {m.parameters["move"] for m in made} == moves
    assert "longer than the frame" in notes(made[0])


def test_else_the_seed_chooses_the_move():
    made = [plan("生成视频", images=[image()], seed=s) for s in range(30)]
    assert {m.parameters["move"] for m in made} == {"push_in", "pull_out", "orbit"}
    again = plan("生成视频", images=[image()], seed=4).parameters
    assert again == made[4].parameters


def test_extra_names_a_scene_or_a_move():
    assert plan("anything", extra={"scene": "fire"}).parameters["scene"] == "fire"
    asked = plan("pan left", images=[image()], extra={"move": "orbit", "scene": None})
    assert asked.parameters["move"] == "orbit"
    assert "as requested" in notes(asked)


def test_further_images_are_told_to_be_unused():
    last, first = image(100, 100, "last"), image(900, 1600)
    made = plan("生成视频", images=[last, first, image(100, 100, "reference")])
    assert made.parameters["ratio"] == "9:16"
    assert "a first and a last frame and ignores 1 further image" in notes(made)


def test_the_camera_moves_before_a_scene_where_the_words_ask_for_it():
    made = plan("push in on the sunset")
    assert made.parameters["move"] == "push_in"
    assert "Camera: push in, from “push in”" in notes(made)
    assert plan("sunset", extra={"move": "orbit"}).parameters["move"] == "orbit"
    assert "move" not in plan("a quiet sunset").parameters


def test_weather_falls_over_an_image_where_the_words_say_so():
    made = plan("Let it snow", images=[image()])
    assert made.parameters["mood"] == {"snow": True}
    assert "Weather added to the image: snow, from the prompt" in notes(made)
    assert plan("snowy mountains", images=[image()]).parameters["mood"] == {}


def test_shape_words_count_and_parameters_win():
    assert plan("竖屏的星空，1080p").parameters["height"] == 1920
    assert plan("竖屏的星空", ratio="1:1").parameters["ratio"] == "1:1"


def test_the_engine_tells_what_it_can_do():
    info = SketchEngine().info("zh")
    assert info.name == "sketch"
    assert info.ready
    assert info.title == "程序化草图（非模型）"
    assert info.modes == ["text", "image", "last_frame"]
    assert [*(info.durations or ())] == [1, 15]
    assert info.ratios == list(RATIOS)
    assert info.resolutions == list(RESOLUTIONS)
    assert info.progress
    assert (info.cancel, info.cost) == ("always", None)
    assert [s.name for s in info.scenes] == list(SCENES)
    assert [m.name for m in info.moves] == list(MOVES)
    assert all(c.example and c.title for c in (*info.scenes, *info.moves))

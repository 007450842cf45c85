"""The sketch engine as the gateway uses it: plan, run, and the file that comes of it."""

from dataclasses import replace
from itertools import pairwise

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from videogen_nb.engines import Job, load_engine
from videogen_nb.engines.sketch import SketchEngine
from videogen_nb.engines.sketch.catalogue import SCENES
from videogen_nb.errors import EngineCancelled, EngineError
from videogen_nb.media.probe import probe
from videogen_nb.media.provenance import provenance
from videogen_nb.media.yuv import plane

SMALL = {"duration": 1, "fps": 12, "resolution": "480p", "seed": 5}
PROMPT = "镜头缓慢推进 🌅 \n“湖”"


@pytest.fixture(scope="module")
def engine():
    return load_engine("sketch")


@pytest.fixture
def lake(chart, input_image):
    return input_image(chart)


def job(folder, engine, prompt, images=(), name="video", **requested):
    plan = engine.plan(prompt, {**SMALL, **requested}, images)
    return Job("1-2", prompt, plan, folder / f"{name}.mp4", folder / f"{name}.jpg", tuple(images))


def run(engine, made, report=lambda progress, stage: None, cancelled=lambda: False):
    return engine.run(made, report, cancelled)


def lumas(path):
    with av.open(str(path)) as container:
        return [plane(frame, 0).astype(float) for frame in container.decode(video=0)]


@pytest.mark.parametrize("ratio", ["16:9", "9:16", "1:1"])
def test_a_image_becomes_a_video_and_a_poster(tmp_path, engine, lake, ratio):
    made = job(tmp_path, engine, PROMPT, [lake], ratio=ratio)
    run(engine, made)
    facts = probe(made.output)
    wanted = made.plan.parameters
    assert (facts.width, facts.height) == (wanted["width"], wanted["height"])
    assert (facts.frames, facts.fps, facts.duration_s) == (12, 12, 1)
    poster = Image.open(made.poster)
    assert poster.format == "JPEG"
    assert poster.size == (wanted["width"], wanted["height"])
    shown = np.asarray(poster.convert("L"), float)
    middle = lumas(made.output)[4]
    assert abs(shown.mean() - (middle.mean() - 16) * 255 / 219) < 3


def test_the_video_tells_where_it_comes_from(tmp_path, engine, lake):
    made = job(tmp_path, engine, PROMPT, [lake])
    rendered = run(engine, made)
    facts = provenance(made.output)
    assert facts["prompt"] == PROMPT
    assert facts["engine"] == "sketch"
    assert facts["parameters"] == made.plan.parameters
    assert facts["seed"] == 5
    assert facts["images"] == [{"sha256": lake.sha256, "role": "first"}]
    told = [note["zh"] for note in facts["notes"]]
    assert told == [note.render("zh") for note in (*made.plan.notes, *rendered.notes)]
    assert any("程序化草图" in note for note in told)
    assert facts == {**rendered.facts, "made_by": "videogen-nb"}


def test_the_same_plan_gives_the_same_bytes(tmp_path, engine, lake):
    for move in ("镜头环绕", "手持", "固定镜头"):
        one, other = (job(tmp_path, engine, move, [lake], name=name) for name in "ab")
        run(engine, one)
        run(engine, other)
        assert one.output.read_bytes() == other.output.read_bytes()
        assert one.poster.read_bytes() == other.poster.read_bytes()


def test_another_seed_gives_another_video(tmp_path, engine, lake):
    made = [job(tmp_path, engine, "手持", [lake], name=f"seed{seed}", seed=seed) for seed in (1, 2)]
    for one in made:
        run(engine, one)
    a, b = (lumas(one.output) for one in made)
    assert min(np.abs(x - y).mean() for x, y in zip(a, b, strict=True)) > 0.5


def test_progress_is_reported_at_every_frame_and_only_grows(tmp_path, engine, lake):
    seen = []
    run(engine, job(tmp_path, engine, PROMPT, [lake]), lambda p, stage: seen.append((p, stage)))
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)
    assert len(shares) == 1 + 12
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert [stage.render("zh") for _, stage in (seen[0], seen[-1])] == ["准备中", "绘制中"]


@pytest.mark.parametrize("asked_at", [0, 1, 4], ids=["before", "at-once", "in-the-middle"])
def test_cancelling_leaves_no_file(tmp_path, engine, lake, asked_at):
    made = job(tmp_path, engine, PROMPT, [lake])
    frames = []
    with pytest.raises(EngineCancelled):
        run(engine, made, lambda p, stage: frames.append(p), lambda: len(frames) > asked_at)
    assert not made.output.exists()
    assert not made.poster.exists()


def test_a_image_that_is_gone_is_told(tmp_path, engine, lake):
    made = job(tmp_path, engine, PROMPT, [lake])
    lake.path.unlink()
    with pytest.raises(EngineError, match=r"Upload it again|重新上传"):
        run(engine, made)
    assert not made.output.exists()


@pytest.mark.parametrize("size", [(16, 16), (16, 900), (1200, 40)])
def test_even_the_oddest_image_makes_a_video(tmp_path, engine, input_image, size):
    rgb = np.zeros((size[1], size[0], 3), np.uint8) + np.uint8(90)
    made = job(tmp_path, engine, "生成视频", [input_image(rgb)])
    run(engine, made)
    assert all(abs(luma.mean() - (16 + 90 * 219 / 255)) < 2 for luma in lumas(made.output))


def test_words_become_a_scene_with_weather_over_it(tmp_path, engine):
    """Falling snow is laid over a scene that has none of its own, and changes it."""
    name = next(name for name, entry in SCENES.items() if "snow" not in entry.understands)
    extra = {"scene": name}
    calm, snowy = (
        job(tmp_path, engine, words, extra=extra, name=words) for words in ("quiet", "snow")
    )
    for made in (calm, snowy):
        run(engine, made)
    a, b = lumas(calm.output), lumas(snowy.output)
    assert len(a) == 12
    assert np.abs(a[5] - b[5]).mean() > 0.3


def test_it_is_registered_as_any_engine(engine):
    assert isinstance(engine, SketchEngine)


def decoded(folder, engine, prompt, images=(), **requested):
    """All frames of a finished video, ``(n, height, width)`` luma as float."""
    made = job(
        folder, engine, prompt, images, name=str(abs(hash((prompt, str(requested))))), **requested
    )
    run(engine, made)
    return np.array(lumas(made.output))


@pytest.mark.parametrize(
    "words", ["let it snow", "heavy rain", "大雾", "falling leaves", "花瓣飘落"]
)
def test_weather_is_drawn_over_an_image(tmp_path, engine, lake, words):
    still = decoded(tmp_path, engine, "static shot", [lake])
    fallen = decoded(tmp_path, engine, f"static shot, {words}", [lake])
    assert (np.abs(fallen[6] - still[6]) > 6).mean() > 0.004
    calm = np.abs(still[10] - still[2]) < 1
    assert np.abs(fallen[10] - fallen[2])[calm].mean() > 0.2


def test_a_storm_over_an_image_is_dark_and_flashes(tmp_path, engine, lake):
    bright = decoded(tmp_path, engine, "static shot", [lake], duration=4)
    storm = decoded(tmp_path, engine, "static shot, a thunderstorm", [lake], duration=4)
    levels = storm.mean((1, 2))
    assert np.median(levels) < bright.mean() - 8
    assert levels.max() > np.median(levels) + 10


#: move → where content goes in the frame: right, down, and whether it grows
GOES = {
    "pan left": (1, 0, 0),
    "pan right": (-1, 0, 0),
    "tilt up": (0, 1, 0),
    "tilt down": (0, -1, 0),
    "push in": (0, 0, 1),
    "zoom out": (0, 0, -1),
}


@pytest.mark.parametrize("words", GOES)
def test_the_camera_moves_before_a_scene(tmp_path, engine, words):
    """Measured on a night's city, whose skyline stands still: way and growth of its picture."""
    frames = decoded(tmp_path, engine, f"city at night, {words}", duration=2)
    a, b = (frames[k][: len(frames[k]) // 2].astype(np.float32) for k in (8, 14))
    (across, down), _ = cv2.phaseCorrelate(a, b)
    h, w = a.shape

    def away(scale):
        grown = cv2.getRotationMatrix2D((w / 2, float(h)), 0, scale)
        part = np.s_[h // 4 :, w // 4 : -w // 4]
        return np.abs(cv2.warpAffine(a, grown, (w, h)) - b)[part].mean()

    growth = min(np.linspace(0.9, 1.1, 41), key=away) - 1
    right, lower, larger = GOES[words]
    for way, sign, least in ((across, right, 3), (down, lower, 3), (growth, larger, 0.01)):
        if sign:
            assert way * sign > least


@pytest.mark.parametrize("words", ["orbit", "handheld"])
def test_orbit_and_hand_are_seen_before_a_scene(tmp_path, engine, words):
    still = decoded(tmp_path, engine, "snow in a forest by day", duration=2)
    moved = decoded(tmp_path, engine, f"snow in a forest by day, {words}", duration=2)
    change, before = (np.abs(f[18] - f[6]).mean() for f in (moved, still))
    assert change > 1.3 * before


def test_a_pan_crosses_a_panorama_from_end_to_end(tmp_path, engine, input_image):
    y, x = np.mgrid[0:300, 0:1600]
    ramp = np.stack([x * 220 / 1600 + 20, y * 0 + 60, 60 + 30 * np.sin(x / 9)], 2)
    frames = decoded(tmp_path, engine, "pan right", [input_image(ramp)], duration=3, ratio="16:9")
    first, last = ((f[:, side].mean() - 16) / 219 for f, side in ((frames[0], 0), (frames[-1], -1)))
    low, high = (
        (0.2126 * (v * 220 / 1600 + 20) + 0.7152 * 60 + 0.0722 * 60) / 255 for v in (0, 1600)
    )
    assert abs(first - low) < 0.02
    assert abs(last - high) < 0.02


def page(width=800, height=600):
    """Lines of writing on paper, from edge to edge."""
    rgb = np.full((height, width, 3), 236, np.uint8)
    dice = np.random.default_rng(4)
    for y in range(30, height - 24, 26):
        for x in range(24, width - 30, 11):
            if dice.random() < 0.85:
                rgb[y : y + int(dice.integers(5, 13)), x : x + 3] = 30
                rgb[y : y + 3, x : x + int(dice.integers(4, 8))] = 30
    return rgb


def test_pushing_in_on_a_page_cuts_no_line(tmp_path, engine, input_image):
    frames = decoded(tmp_path, engine, "push in", [input_image(page())], duration=3, ratio="4:3")
    for frame in (frames[0], frames[-1]):
        assert frame[:, :3].min() > 150
        assert frame[:, -3:].min() > 150
    assert np.abs(frames[-1] - frames[0]).mean() > 3  # and yet it comes nearer


@pytest.mark.parametrize("at", [(110, 140), (790, 450)], ids=["upper-left", "lower-right"])
def test_pushing_in_keeps_a_face_in_frame(tmp_path, engine, input_image, at):
    dice = np.random.default_rng(7)
    rgb = np.full((600, 900, 3), (70, 90, 120), np.uint8)
    busy = dice.integers(0, (90, 255, 255), (300, 300, 3), np.uint8)
    x, y = (560, 270) if at[0] < 450 else (40, 40)
    rgb[y : y + 300, x : x + 300] = busy  # what stands out most is elsewhere
    y, x = np.mgrid[0:600, 0:900]
    face = ((x - at[0]) / 75) ** 2 + ((y - at[1]) / 95) ** 2 < 1
    rgb[face] = (224, 172, 140)
    for dx in (-28, 28):
        rgb[((x - at[0] - dx) / 12) ** 2 + ((y - at[1] + 18) / 7) ** 2 < 1] = (40, 30, 30)
    made = job(tmp_path, engine, "push in", [input_image(rgb)], duration=3)
    run(engine, made)
    with av.open(str(made.output)) as container:
        shown = [f.to_ndarray(format="rgb24").astype(int) for f in container.decode(video=0)]

    def skin(frame):
        return ((frame[..., 0] > 190) & (frame[..., 0] > frame[..., 2] + 50)).sum()

    assert skin(shown[-1]) > 1.05 * skin(shown[0])  # nearer, and all of it there
    for edge in (shown[-1][:4], shown[-1][-4:], shown[-1][:, :4], shown[-1][:, -4:]):
        assert skin(edge) == 0


def images_of(input_image, *colours):
    """Images of one colour each: what a frame shows is known by its brightness."""
    return [
        input_image(np.full((270, 480, 3), colour, np.uint8), role, f"{role}.png")
        for colour, role in zip(colours, ("first", "last"), strict=True)
    ]


def test_from_a_first_to_a_last_image(tmp_path, engine, input_image):
    made = job(tmp_path, engine, "turn one into the other", images_of(input_image, 40, 200))
    assert made.plan.parameters["move"] == "dissolve"
    assert "soft transition" in " ".join(str(note) for note in made.plan.notes)
    run(engine, made)
    seen = [luma.mean() for luma in lumas(made.output)]
    assert abs(seen[0] - (16 + 40 * 219 / 255)) < 3
    assert abs(seen[-1] - (16 + 200 * 219 / 255)) < 3
    assert all(before <= after + 1 for before, after in pairwise(seen))
    assert 60 < seen[len(seen) // 2] < 180


def test_a_last_image_alone_is_where_it_starts(tmp_path, engine, input_image):
    _, last = images_of(input_image, 40, 200)
    assert engine.plan("push in", SMALL, [last]).parameters["move"] == "push_in"


def test_references_beside_first_and_last_are_told_as_unused(engine, input_image):
    first, last = images_of(input_image, 40, 200)
    plan = engine.plan("both", SMALL, [first, last, replace(first, role="reference")])
    assert "ignores 1 further image" in " ".join(str(note) for note in plan.notes)

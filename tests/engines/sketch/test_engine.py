"""The sketch engine as the gateway uses it: plan, run, and the file that comes of it."""

import subprocess
import sys

import av
import numpy as np
import pytest
from PIL import Image

from videogen_nb.engines import Job, load_engine
from videogen_nb.engines.sketch import SketchEngine
from videogen_nb.engines.sketch.catalogue import SCENES
from videogen_nb.errors import EngineCancelled, EngineError
from videogen_nb.media.frames import plane
from videogen_nb.media.probe import probe
from videogen_nb.media.provenance import provenance

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


def test_planning_and_listing_import_nothing_heavy():
    code = (
        "import sys\n"
        "from videogen_nb.engines import load_engine\n"
        "engine = load_engine('sketch')\n"
        "engine.plan('海边日落', {})\n"
        "engine.info('en')\n"
        "heavy = {'numpy', 'cv2', 'av', 'PIL'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_it_is_registered_as_any_engine(engine):
    assert isinstance(engine, SketchEngine)

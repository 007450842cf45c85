"""A pipeline of random weights goes through the real loading code and makes real videos."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from videogen_nb.engines import InputImage, Job, Rendered
from videogen_nb.engines.diffusers import DiffusersEngine
from videogen_nb.engines.diffusers.sound import add_sound, sound_of
from videogen_nb.engines.instances import Instance
from videogen_nb.errors import EngineCancelled, EngineError
from videogen_nb.i18n import Text
from videogen_nb.media.probe import probe
from videogen_nb.media.provenance import provenance

from ...gateway.trial_engine import write_video

# What the libraries say of each other's old names is theirs.
pytestmark = pytest.mark.filterwarnings("default")

SMALL: Any = {"duration": 0.5, "resolution": "64p", "seed": 3}
DEFAULTS: Any = {"num_inference_steps": 2, "max_sequence_length": 16}


@pytest.fixture
def engine(tiny_wan: Path) -> DiffusersEngine:
    return DiffusersEngine(Instance("wan", "diffusers", model=str(tiny_wan), parameters=DEFAULTS))


def image_bytes(folder: Path, role: Any = "first") -> InputImage:
    path = folder / f"{role}.png"
    Image.linear_gradient("L").resize((128, 96)).convert("RGB").save(path)
    return InputImage(path, "0" * 64, 128, 96, role)


class Told:
    """What an engine reported."""

    def __init__(self) -> None:
        self.all: list[tuple[float | None, str]] = []

    def __call__(self, progress: float | None, stage: Text | None) -> None:
        self.all.append((progress, str(stage)))

    @property
    def progress(self) -> list[float]:
        return [progress for progress, _ in self.all if progress is not None]


def make(
    engine: DiffusersEngine,
    folder: Path,
    images: tuple[InputImage, ...] = (),
    told: Callable[[float | None, Text | None], None] = lambda *_: None,
    cancelled: Callable[[], bool] = lambda: False,
    **requested: Any,
) -> tuple[Job, Rendered]:
    plan = engine.plan("sea", {**SMALL, **requested}, images)
    job = Job("1", "sea", plan, folder / "video.mp4", folder / "video.jpg", images)
    return job, engine.run(job, told, cancelled)


def test_words_become_a_video(engine: DiffusersEngine, tmp_path: Path):
    told = Told()
    job, rendered = make(engine, tmp_path, told=told)
    facts = probe(job.output)
    assert (facts.width, facts.height, facts.frames, facts.fps) == (112, 64, 9, 16.0)
    assert facts.codec == "h264"
    with Image.open(job.poster) as poster:
        assert poster.size == (112, 64)
    assert told.progress == sorted(told.progress)
    assert {0.45, 0.9, 1.0} <= set(told.progress)
    assert any("Step" in stage for _, stage in told.all)
    assert told.all[0] == (None, "Loading tiny-wan")
    inside = provenance(job.output)
    assert (inside["engine"], inside["prompt"], inside["seed"]) == ("diffusers", "sea", 3)
    assert inside["parameters"]["model"] == "tiny-wan"
    assert str(tmp_path.parent) not in str(inside)
    assert (rendered.facts["device"], rendered.facts["precision"]) == ("cpu", "fp32")


def test_an_image_becomes_a_video_with_the_same_parts(engine: DiffusersEngine, tmp_path: Path):
    make(engine, tmp_path)
    loaded = engine._bench._loaded
    job, rendered = make(engine, tmp_path, (image_bytes(tmp_path),))
    assert job.plan.parameters["pipeline"] == "WanImageToVideoPipeline"
    assert (probe(job.output).width, probe(job.output).height) == (80, 64)
    assert rendered.facts["images"] == [{"sha256": "0" * 64, "role": "first"}]
    assert engine._bench._loaded is loaded  # warm: nothing was loaded again
    first, second = loaded.classes.values()
    assert first.transformer is second.transformer


def test_another_family_does_as_well(tiny_ltx: Path, tmp_path: Path):
    engine = DiffusersEngine(Instance("ltx", "diffusers", model=str(tiny_ltx), parameters=DEFAULTS))
    for images in ((), (image_bytes(tmp_path),)):
        job, rendered = make(engine, tmp_path, images, duration=0.4)
        facts = probe(job.output)
        assert (facts.width, facts.height, facts.frames, facts.fps) == (96, 64, 9, 25.0)
        assert rendered.notes == ()  # it came as it was planned
        assert job.plan.parameters["frame_rate"] == 25


def test_steps_are_counted_where_a_pipeline_tells_nothing(tiny_wan: Path):
    from videogen_nb.engines.diffusers.running import _count_steps

    class Scheduler:
        def step(self, value: int) -> int:
            return 2 * value

    told: list[int] = []
    pipe = SimpleNamespace(scheduler=Scheduler())
    for _ in range(2):  # each video anew
        _count_steps(pipe, lambda _pipe, index, *_: told.append(index))
        assert [pipe.scheduler.step(n) for n in (1, 2, 3)] == [2, 4, 6]
    assert told == [0, 1, 2, 0, 1, 2]


def test_the_seed_decides(engine: DiffusersEngine, tmp_path: Path):
    videos = []
    for number, seed in enumerate((3, 3, 4)):
        folder = tmp_path / str(number)
        folder.mkdir()
        job, _ = make(engine, folder, seed=seed)
        with av.open(str(job.output)) as video:
            videos.append(next(video.decode(video=0)).to_ndarray(format="rgb24"))
    assert np.array_equal(videos[0], videos[1])
    assert not np.array_equal(videos[0], videos[2])


def test_a_model_that_has_just_come_is_planned_before_it_is_used(
    tiny_wan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("videogen_nb.engines.diffusers.running.present", lambda *_: tiny_wan)
    away = Instance("wan", "diffusers", model="no-one/has-this", parameters=DEFAULTS)
    job, rendered = make(DiffusersEngine(away), tmp_path, extra={"download": True, "wibble": 1})
    assert "num_frames" not in job.plan.parameters
    assert (probe(job.output).width, probe(job.output).frames) == (112, 9)
    parameters = rendered.facts["parameters"]
    assert (parameters["model"], parameters["num_inference_steps"]) == ("no-one/has-this", 2)
    assert any("wibble" in note["en"] for note in rendered.facts["notes"])
    assert any("wibble" in str(note) for note in rendered.notes)


def test_another_setting_loads_anew(engine: DiffusersEngine, tmp_path: Path):
    make(engine, tmp_path)
    before = engine._bench._loaded
    _, rendered = make(engine, tmp_path, extra={"precision": "bf16", "tiling": True})
    assert engine._bench._loaded is not before
    assert (rendered.facts["precision"], rendered.facts["tiling"]) == ("bf16", True)
    assert engine._bench._loaded.pipeline("WanPipeline").vae.use_tiling is True


def test_cancelling_does_not_wait_for_a_step(engine: DiffusersEngine, tmp_path: Path):
    make(engine, tmp_path)
    looks = 0

    def cancelled() -> bool:
        nonlocal looks
        looks += 1
        return looks > 30  # in the middle of a step: each has more layers than that

    told = Told()
    with pytest.raises(EngineCancelled):
        make(engine, tmp_path, told=told, cancelled=cancelled, extra={"steps": 50})
    assert max(told.progress) < 0.5
    job, _ = make(engine, tmp_path)  # and the next video is made as if nothing had been
    assert probe(job.output).frames == 9


def test_cancelling_a_task_that_has_not_begun_loads_nothing(
    engine: DiffusersEngine, tmp_path: Path
):
    with pytest.raises(EngineCancelled):
        make(engine, tmp_path, cancelled=lambda: True)
    assert engine._bench._loaded is None


@pytest.mark.parametrize("often", [1, 2])
def test_out_of_memory_is_tried_once_more_with_less(
    tiny_wan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, often: int
):
    import torch

    from videogen_nb.engines.diffusers import running

    parameters = {**DEFAULTS, "tiling": False}
    engine = DiffusersEngine(
        Instance("wan", "diffusers", model=str(tiny_wan), parameters=parameters)
    )
    real, tilings = running._made, []

    def made(loaded: Any, *arguments: Any) -> Any:
        tilings.append(loaded.tiling)
        if len(tilings) <= often:
            raise torch.OutOfMemoryError
        return real(loaded, *arguments)

    monkeypatch.setattr(running, "_made", made)
    if often == 2:
        with pytest.raises(EngineError) as full:
            make(engine, tmp_path)
        assert full.value.code == "out_of_memory"
    else:
        job, rendered = make(engine, tmp_path)
        assert probe(job.output).frames == 9
        assert any("generated again with less" in str(note) for note in rendered.notes)
    assert tilings == [False, True]  # once, not for ever
    _, rendered = make(engine, tmp_path)
    assert tilings == [False, True, True]  # it is remembered
    assert not any("again" in str(note) for note in rendered.notes)


def test_a_device_that_is_not_there_is_told(tiny_wan: Path, tmp_path: Path):
    parameters = {**DEFAULTS, "device": "cuda:7"}
    engine = DiffusersEngine(
        Instance("wan", "diffusers", model=str(tiny_wan), parameters=parameters)
    )
    assert engine.place == "gpu cuda:7"
    with pytest.raises(EngineError, match="no device cuda:7"):
        make(engine, tmp_path)


def test_a_model_that_cannot_be_loaded_is_told(tiny_wan: Path, tmp_path: Path):
    import shutil

    folder = shutil.copytree(tiny_wan, tmp_path / "broken")
    (folder / "transformer" / "diffusion_pytorch_model.safetensors").write_bytes(b"no weights")
    engine = DiffusersEngine(Instance("wan", "diffusers", model=str(folder)))
    began = time.monotonic()
    with pytest.raises(EngineError, match="cannot be loaded") as refused:
        make(engine, tmp_path)
    assert refused.value.code == "model_not_loaded"
    assert time.monotonic() - began < 60


def test_a_model_that_makes_sound_gives_videos_with_sound(tiny_ltx2: Path, tmp_path: Path):
    parameters = {**DEFAULTS, "spatio_temporal_guidance_blocks": [0]}
    engine = DiffusersEngine(
        Instance("ltx2", "diffusers", model=str(tiny_ltx2), parameters=parameters)
    )
    job, rendered = make(engine, tmp_path, ratio="1:1", resolution="32p", duration=0.4)
    assert (probe(job.output).width, probe(job.output).frames) == (32, 9)
    assert provenance(job.output)["prompt"] == "sea"
    assert [note.en for note in rendered.notes] == ["The video has sound generated by the model."]
    with av.open(str(job.output)) as video:
        (stream,) = video.streams.audio
        assert (stream.rate, stream.channels) == (16_000, 2)
        heard = sum(frame.samples for frame in video.decode(audio=0))
    assert heard / 16_000 == pytest.approx(9 / 24, abs=0.15)


def test_sound_is_put_beside_frames_that_stay_as_they_are(tmp_path: Path):
    video = tmp_path / "video.mp4"
    write_video(video)
    before = probe(video)
    t = np.arange(48_000, dtype=np.float32) / 24_000  # 2 s; the video has 1 s
    wave = np.stack([np.sin(t * 2764), np.sin(t * 2764)])[None]
    pipe = SimpleNamespace(
        vocoder=SimpleNamespace(config=SimpleNamespace(output_sampling_rate=24_000))
    )
    sound = sound_of(SimpleNamespace(audio=wave), pipe)
    assert sound is not None
    add_sound(video, *sound)
    assert probe(video) == before
    with av.open(str(video)) as opened:
        (stream,) = opened.streams.audio
        assert (stream.rate, stream.channels) == (24_000, 2)
        samples = np.concatenate([f.to_ndarray() for f in opened.decode(audio=0)], axis=1)
    assert samples.shape[1] / 24_000 == pytest.approx(1.0, abs=0.1)
    spectrum = np.abs(np.fft.rfft(samples[0]))
    assert spectrum.argmax() * 24_000 / samples.shape[1] == pytest.approx(440, abs=3)
    assert list(tmp_path.iterdir()) == [video]


def test_a_video_without_sound_stays_without(tmp_path: Path):
    assert sound_of(SimpleNamespace(audio=None), SimpleNamespace()) is None
    assert sound_of(SimpleNamespace(audio=np.zeros((1, 2, 9))), SimpleNamespace()) is None

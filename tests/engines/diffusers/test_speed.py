"""Compilation, caches, groups and schedulers: on a processor, with the library's own code."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from videogen_nb.engines import InputImage
from videogen_nb.errors import EngineCancelled, EngineError
from videogen_nb.media.probe import probe
from videogen_nb.media.provenance import provenance

from .conftest import LACKED
from .test_running import image_bytes, make
from .test_weights import engine_of, frame

pytestmark = [
    pytest.mark.skipif(bool(LACKED), reason=f"not installed: {', '.join(LACKED)}"),
    pytest.mark.filterwarnings("default"),  # what the libraries say is theirs
]


@pytest.fixture
def _traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compilation as far as machine code, which would take minutes."""
    monkeypatch.setattr("videogen_nb.engines.diffusers.loading.hooks.BACKEND", "eager")


@pytest.mark.usefixtures("_traced")
def test_fast_compiles_the_blocks_says_so_and_is_cancelled_between_them(
    tiny_wan: Path, tmp_path: Path
):
    import torch

    engine = engine_of(tiny_wan, speed="fast", precision="bf16", tiling=False)
    job, rendered = make(engine, tmp_path)
    loaded = engine._bench._loaded
    pipe = loaded.pipeline("WanPipeline")
    assert all(block._compiled_call_impl for block in pipe.transformer.blocks)
    assert pipe.transformer._compiled_call_impl is None
    assert pipe.vae.dtype == torch.bfloat16
    assert rendered.facts["compiled"] is True
    assert any("speed = 'fast'" in str(note) for note in rendered.notes)
    assert any("speed = 'fast'" in note["en"] for note in provenance(job.output)["notes"])

    ran: list[int] = []
    for number, block in enumerate(pipe.transformer.blocks):
        block.register_forward_hook(lambda *_, number=number: ran.append(number))
    with pytest.raises(EngineCancelled):
        make(engine, tmp_path, cancelled=lambda: bool(ran))
    assert ran == [0]  # cancelled in the first block, it ends before the second
    job, _ = make(engine, tmp_path)
    assert probe(job.output).frames == 9


def test_normal_keeps_the_decoder_of_wan_in_full(tiny_wan: Path, tmp_path: Path):
    import torch

    engine = engine_of(tiny_wan, precision="bf16")
    _, rendered = make(engine, tmp_path)
    assert engine._bench._loaded.pipeline("WanPipeline").vae.dtype == torch.float32
    assert rendered.facts["compiled"] is False
    assert rendered.notes == ()


def test_an_error_of_the_compiler_says_what_to_do(
    tiny_wan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from torch._dynamo.exc import TorchDynamoException

    from videogen_nb.engines.diffusers import running

    def fail(*_: Any) -> Any:
        raise TorchDynamoException("no compiler\nin a long message")

    monkeypatch.setattr(running, "_arguments", fail)
    with pytest.raises(EngineError, match=r"no compiler Install a C compiler") as refused:
        make(engine_of(tiny_wan), tmp_path)
    assert refused.value.code == "not_compiled"


@pytest.mark.parametrize("family", ["tiny_wan", "tiny_ltx"])
def test_a_cache_skips_blocks_is_told_and_starts_anew_for_each_video(
    family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
):
    import diffusers

    model = request.getfixturevalue(family)
    eager = partial(diffusers.FirstBlockCacheConfig, threshold=100.0)
    monkeypatch.setattr(diffusers, "FirstBlockCacheConfig", eager)
    plain, _ = make(engine_of(model), tmp_path)
    expected = frame(plain.output)
    engine = engine_of(model, cache="first-block")
    frames = []
    for _ in range(2):
        job, rendered = make(engine, tmp_path)
        frames.append(frame(job.output))
    assert any("first-block" in str(note) for note in rendered.notes)
    assert np.array_equal(*frames)
    assert not np.array_equal(frames[0], expected)


def test_a_model_without_such_a_cache_is_told(tiny_ltx2: Path, tmp_path: Path):
    engine = engine_of(tiny_ltx2, cache="first-block")
    with pytest.raises(EngineError, match="Set cache = 'none'"):
        make(engine, tmp_path, ratio="1:1", resolution="32p", duration=0.4)


def test_groups_give_the_same_video_from_text_and_images(
    tiny_wan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from videogen_nb.engines.diffusers.loading import pipeline

    inputs: list[tuple[InputImage, ...]] = [(), (image_bytes(tmp_path),)]
    expected = []
    for images in inputs:
        job, _ = make(engine_of(tiny_wan), tmp_path, images)
        expected.append(frame(job.output))
    monkeypatch.setattr(pipeline, "_offload", lambda *_: "group")
    engine = engine_of(tiny_wan, tiling=False)
    for _ in range(2):
        for images, same in zip(inputs, expected, strict=True):
            job, rendered = make(engine, tmp_path, images)
            assert np.array_equal(frame(job.output), same)
    assert rendered.facts["offload"] == "group"


@pytest.mark.parametrize("family", ["tiny_wan", "tiny_ltx"])
def test_schedulers_change_a_video_and_only_that_one(
    family: str, tmp_path: Path, request: pytest.FixtureRequest
):
    engine = engine_of(request.getfixturevalue(family))
    kinds: dict[str, Any] = {
        "FlowMatchEulerDiscreteScheduler": {"scheduler": "euler", "flow_shift": 2.0},
        "UniPCMultistepScheduler": {"scheduler": "unipc", "flow_shift": 2.0},
        "FlowMatchLCMScheduler": {"scheduler": "lcm"},
    }
    job, _ = make(engine, tmp_path)
    frames = [frame(job.output)]
    for name, extra in kinds.items():
        job, rendered = make(engine, tmp_path, extra=extra)
        (pipe,) = engine._bench._loaded.classes.values()
        assert type(pipe.scheduler).__name__ == name
        shift = pipe.scheduler.config.get("flow_shift", pipe.scheduler.config.get("shift"))
        assert shift == extra.get("flow_shift", engine._bench._loaded.scheduler.config.shift)
        assert rendered.facts["parameters"]["scheduler"] == extra["scheduler"]
        frames.append(frame(job.output))
    assert len({frame.tobytes() for frame in frames}) == len(frames)
    job, _ = make(engine, tmp_path)
    assert np.array_equal(frame(job.output), frames[0])


def test_frames_become_bytes_where_they_were_made(tmp_path: Path):
    import torch

    from videogen_nb.engines.diffusers.running import rgb_frames

    values = torch.tensor([-1.0, 0.0, 0.5, 1.0, 2.0]).reshape(1, 1, 1, 1, 5).expand(1, 2, 3, 4, 5)
    rgb = rgb_frames(SimpleNamespace(frames=values.to(torch.bfloat16)))
    assert rgb.shape == (2, 4, 5, 3)
    assert rgb.dtype == np.uint8
    assert rgb[1, 3, :, 2].tolist() == [0, 0, 128, 255, 255]
    images = np.zeros((1, 2, 4, 6, 3), np.float32)
    assert rgb_frames(SimpleNamespace(frames=images)).shape == (2, 4, 6, 3)
    for bad in (values * float("nan"), images / np.float32("nan")):
        with pytest.raises(EngineError) as refused:
            rgb_frames(SimpleNamespace(frames=bad))
        assert refused.value.code == "not_finite"


@pytest.mark.parametrize(
    ("quantize", "ways"),
    [("none", ["model", "group", "sequential"]), ("int8", ["model", "group"])],
)
def test_each_way_of_offloading_is_followed_by_the_next_more_frugal(quantize: str, ways: list[str]):
    from videogen_nb.engines.diffusers.loading import Wanted, more_frugal

    wanted = Wanted(Path("m"), quantize=quantize)
    tried, offload = [], "none"
    while True:
        loaded: Any = SimpleNamespace(wanted=wanted, offload=offload, device="cuda", tiling=True)
        less = more_frugal(loaded)
        if less is None:
            break
        assert less.tiling is True
        offload = less.offload
        tried.append(offload)
    assert tried == ways


def test_the_benchmark_runs_from_end_to_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    from benchmarks import open_models
    from videogen_nb.engines.diffusers.loading import hooks

    monkeypatch.setattr(hooks, "BACKEND", hooks.BACKEND)  # the benchmark changes it
    monkeypatch.setattr(open_models, "SWITCHES", 2)
    measured = dict(open_models.main(["--tiny", "--rounds", "1", "--steps", "2"]))
    assert measured["left by 2 switches"] == 0
    assert min(value for name, value in measured.items() if "switches" not in name) > 0
    told = capsys.readouterr().out
    assert "nothing about speed" in told
    assert "| engine ÷ plain |" in told

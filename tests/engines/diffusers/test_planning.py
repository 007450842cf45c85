"""What a model's files say, and what a request becomes by them: no torch is needed for either."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from videogen_nb.engines import InputImage
from videogen_nb.engines.diffusers import DiffusersEngine, engine, model
from videogen_nb.engines.diffusers import pipeline_arguments as signature
from videogen_nb.engines.diffusers.pipeline_families import Family, family_of
from videogen_nb.engines.diffusers.planning import settle
from videogen_nb.engines.instances import Instance
from videogen_nb.errors import BadImage, BadParameter, EngineError

WORDS = {"prompt": None, "height": 480, "width": 832, "num_frames": 81, "num_inference_steps": 50}
CALL = {**WORDS, "guidance_scale": 5.0, "negative_prompt": None, "generator": None}
FROM_IMAGE = {"image": None, "last_image": None, **CALL}
CALLS: dict[str, dict[str, Any]] = {
    "WanPipeline": CALL,
    "WanImageToVideoPipeline": FROM_IMAGE,
    "LTXPipeline": {**CALL, "frame_rate": 25},
    "LTXImageToVideoPipeline": {**FROM_IMAGE, "frame_rate": 25},
    "CogVideoXPipeline": {**CALL, "height": None, "width": None, "num_frames": None},
    "StableVideoDiffusionPipeline": {"image": None, "width": 1024, "fps": 7, "num_frames": None},
    "FluxPipeline": {"prompt": None, "width": None, "height": None},
    "WanVideoToVideoPipeline": {**CALL, "video": None},
    "MochiPipeline": {**CALL, "width": None, "height": None, "num_frames": 19},
}


@pytest.fixture(autouse=True)
def _calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The calls of a few pipelines, so that the library need not be installed."""
    monkeypatch.setattr("videogen_nb.engines.diffusers.pipeline_families.call_of", CALLS.get)
    monkeypatch.setattr(engine, "call_of", CALLS.get)
    monkeypatch.setattr(engine, "find_spec", lambda name: name)
    monkeypatch.setattr(engine, "has_gpu", lambda: True)


#: Of LTX's decoder: it tells its measures by how often it doubles.
LTX_VAE: Any = {
    "patch_size": 4,
    "patch_size_t": 1,
    "spatio_temporal_scaling": [True, True, True, False],
    "spatial_compression_ratio": None,
}


def folder_of(
    place: Path,
    pipeline: str = "WanPipeline",
    *,
    weights: bool = True,
    vae: dict[str, Any] | None = None,
    patch: Any = (1, 2, 2),
    flow: bool = False,
    **options: Any,
) -> Path:
    """A model's folder as far as the gateway reads it."""
    place.mkdir()
    parts: dict[str, list[Any]] = {"transformer": ["diffusers", "T"], "vae": ["diffusers", "V"]}
    parts |= {"tokenizer": ["transformers", "K"], "image_encoder": [None, None]}
    index = {"_class_name": pipeline, "_diffusers_version": "0.42.1", **options, **parts}
    (place / "model_index.json").write_text(json.dumps(index))
    configs = {
        "transformer": {"patch_size": patch, "sample_width": 90, "sample_height": 60},
        "vae": vae or {"scale_factor_temporal": 4, "scale_factor_spatial": 8},
    }
    (place / "tokenizer").mkdir()
    (place / "tokenizer" / "tokenizer.json").write_text("{}")
    for name, config in configs.items():
        (place / name).mkdir()
        (place / name / "config.json").write_text(json.dumps(config))
        if weights:
            (place / name / "weights.safetensors").write_bytes(b"w")
    if flow:
        (place / "scheduler").mkdir()
        scheduler = {"_class_name": "FlowMatchEulerDiscreteScheduler"}
        (place / "scheduler" / "scheduler_config.json").write_text(json.dumps(scheduler))
    return place


def family(place: Path, pipeline: str = "WanPipeline", **options: Any) -> Family:
    found = model.read_model(folder_of(place, pipeline, **options))
    return family_of(found, CALLS[pipeline])


def engine_of(source: Any, **parameters: Any) -> DiffusersEngine:
    return DiffusersEngine(Instance("wan", "diffusers", model=str(source), parameters=parameters))


def image(role: Any = "first", width: int = 64, height: int = 64) -> InputImage:
    return InputImage(Path("unread.png"), "0" * 64, width, height, role)


@pytest.mark.parametrize(
    ("pipeline", "options", "uses"),
    [
        pytest.param("WanPipeline", {}, ("WanPipeline", None), id="words"),
        pytest.param(
            "WanPipeline",
            {"expand_timesteps": True},
            ("WanPipeline", "WanImageToVideoPipeline"),
            id="both",
        ),
        pytest.param("WanImageToVideoPipeline", {}, (None, "WanImageToVideoPipeline"), id="image"),
        pytest.param("LTXPipeline", {}, ("LTXPipeline", "LTXImageToVideoPipeline"), id="ltx"),
        pytest.param(
            "StableVideoDiffusionPipeline", {}, (None, "StableVideoDiffusionPipeline"), id="svd"
        ),
    ],
)
def test_the_index_tells_what_videos_are_made_from(
    tmp_path: Path, pipeline: str, options: dict[str, Any], uses: tuple[str | None, str | None]
):
    found = family(tmp_path / "m", pipeline, **options)
    assert (found.words, found.image) == uses


def test_measures_come_from_the_parts(tmp_path: Path):
    wan = family(tmp_path / "wan")
    assert (wan.side_step, wan.frame_step, wan.fps) == (16, 4, 16)
    assert (wan.width, wan.height, wan.frames) == (832, 480, 81)
    large = family(tmp_path / "wan5b", vae={"scale_factor_spatial": 16, "scale_factor_temporal": 4})
    assert (large.frames, large.fps) == (121, 24)
    assert family(tmp_path / "ltx", "LTXPipeline").fps == 25
    assert family(tmp_path / "ltx2", "LTXPipeline", vae=LTX_VAE, patch=1).side_step == 32
    assert family(tmp_path / "ltx3", "LTXPipeline", vae=LTX_VAE).frame_step == 8
    mochi = family(tmp_path / "mochi", "MochiPipeline", vae={"_class_name": "AutoencoderKLMochi"})
    assert (mochi.side_step, mochi.frame_step, mochi.frames, mochi.fps) == (16, 6, 19, 30)
    cog = family(tmp_path / "cog", "CogVideoXPipeline")
    assert (cog.width, cog.height, cog.fps) == (720, 480, 8)


@pytest.mark.parametrize(
    ("asked", "size", "frames"),
    [
        pytest.param({}, (832, 480), 81, id="default"),
        pytest.param({"duration": 3}, (832, 480), 49, id="as-asked"),
        pytest.param({"duration": 2.5}, (832, 480), 41, id="duration"),
        pytest.param({"ratio": "9:16", "resolution": "480p"}, (480, 848), 81, id="upright"),
        pytest.param({"ratio": "1:1"}, (624, 624), 81, id="same-area"),
        pytest.param({"extra": {"width": 500, "height": 300}}, (496, 304), 81, id="pixels"),
        pytest.param({"extra": {"frames": 7}}, (832, 480), 9, id="frames"),
        pytest.param({"duration": 60}, (832, 480), 161, id="longest"),
    ],
)
def test_sizes_and_lengths_are_snapped_and_told(
    tmp_path: Path, asked: dict[str, Any], size: tuple[int, int], frames: int
):
    plan = settle(family(tmp_path / "m"), asked, (), {})
    p = plan.parameters
    assert (p["width"], p["height"], p["num_frames"]) == (*size, frames)
    assert p["duration"] == frames / 16
    told = " ".join(str(note) for note in plan.notes)
    duration = asked.get("duration")
    if duration not in (None, frames / 16):
        assert f"{frames} frames" in told or f"were changed to {frames}" in told
    if "extra" in asked and "width" in asked["extra"]:
        assert "500×300 pixels were changed to 496×304" in told


def test_what_the_pipeline_does_not_take_is_told(tmp_path: Path):
    extra = {"steps": 20, "guidance_scal": 3, "generator": 1, "negative_prompt": "rain"}
    defaults = {"guidance_scale": 4.0, "quantise": "int8", "schedular": "lcm", "lora": []}
    plan = settle(family(tmp_path / "m"), {"extra": extra}, (), defaults)
    assert plan.parameters["num_inference_steps"] == 20
    assert plan.parameters["guidance_scale"] == 4.0
    assert plan.parameters["negative_prompt"] == "rain"
    assert not {"guidance_scal", "generator"} & plan.parameters.keys()
    told = [str(note) for note in plan.notes]
    assert any("guidance_scal," in note and "guidance_scale?" in note for note in told)
    assert any("does not accept generator" in note for note in told)
    for near in ("quantize", "scheduler", "loras"):  # the engine's own settings
        assert any(f"did you mean {near}?" in note for note in told)


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"ratio": "wide"}, id="ratio"),
        pytest.param({"ratio": "1:0"}, id="no-height"),
        pytest.param({"resolution": "huge"}, id="resolution"),
        pytest.param({"duration": 0}, id="no-length"),
        pytest.param({"fps": 12.5}, id="fps"),
        pytest.param({"extra": {"num_frames": "many"}}, id="frames"),
        pytest.param({"extra": {"steps": 0}}, id="steps"),
        pytest.param({"extra": {"width": -5}}, id="width"),
    ],
)
def test_what_cannot_be_made_is_refused(tmp_path: Path, asked: dict[str, Any]):
    with pytest.raises(BadParameter):
        settle(family(tmp_path / "m"), asked, (), {})


def test_images_are_used_as_far_as_the_pipeline_takes_them(tmp_path: Path):
    both = family(tmp_path / "both", expand_timesteps=True)
    plan = settle(both, {}, (image(), image("last"), image("reference")), {})
    assert plan.parameters["pipeline"] == "WanImageToVideoPipeline"
    assert (plan.parameters["width"], plan.parameters["height"]) == (624, 624)
    # Such a model takes a last image and does nothing with it.
    assert "2 further images were not used." in [str(note) for note in plan.notes]
    with pytest.raises(BadImage, match="from text only"):
        settle(family(tmp_path / "words"), {}, (image(),), {})
    with pytest.raises(BadParameter, match="from an image"):
        settle(family(tmp_path / "image", "WanImageToVideoPipeline"), {}, (), {})


def test_the_engine_tells_what_its_model_can_do(tmp_path: Path):
    info = engine_of(folder_of(tmp_path / "tiny-wan", expand_timesteps=True)).info("en")
    assert (info.name, info.title, info.ready) == ("wan", "tiny-wan", True)
    assert info.modes == ["text", "image"]
    assert info.durations == (0.31, 10.12)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(lambda p: "", "set model under [wan]", id="no-model"),
        pytest.param(lambda p: p / "nowhere", "there is no pipeline at", id="no-folder"),
        pytest.param(
            lambda p: folder_of(p / "m", weights=False),
            "is incomplete: missing transformer/",
            id="weights",
        ),
        pytest.param(lambda p: folder_of(p / "m", "NewPipeline"), "upgrade it", id="unknown"),
        pytest.param(
            lambda p: folder_of(p / "m", "FluxPipeline"),
            "cannot generate videos from text",
            id="stills",
        ),
    ],
)
def test_what_is_missing_is_told(tmp_path: Path, make: Any, words: str):
    made = engine_of(make(tmp_path))
    info = made.info("en")
    assert not info.ready
    assert words in (info.missing or "")
    with pytest.raises(BadParameter, match=words.replace("[", r"\[")) as refused:
        made.plan("sea", {})
    assert refused.value.code == "engine_not_ready"


def test_missing_packages_are_told_with_the_command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engine, "find_spec", lambda name: None if name == "torch" else name)
    info = engine_of("/models/wan").info("en")
    assert not info.ready
    assert "it needs torch" in (info.missing or "")
    assert "videogen-nb[diffusers]" in (info.missing or "")


def test_settings_are_checked_and_travel_with_the_job(tmp_path: Path):
    made = engine_of(folder_of(tmp_path / "m"), offload="model", num_inference_steps=30)
    plan = made.plan("sea", {"extra": {"precision": "fp16", "tiling": True}})
    settings = ("offload", "precision", "tiling", "device", "download", "num_inference_steps")
    assert [plan.parameters[name] for name in settings] == [
        *("model", "fp16", True, "auto", False, 30)
    ]
    with pytest.raises(BadParameter, match="none, model, group, sequential"):
        made.plan("sea", {"extra": {"offload": "half"}})
    with pytest.raises(BadParameter, match="add another table"):
        made.plan("sea", {"extra": {"model": "another/one"}})


def test_a_machine_without_a_gpu_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = engine_of(folder_of(tmp_path / "m"))
    assert not any("no GPU" in str(note) for note in made.plan("sea", {}).notes)
    monkeypatch.setattr(engine, "has_gpu", lambda: False)
    assert any("no GPU" in str(note) for note in made.plan("sea", {}).notes)


def test_a_broken_index_is_told(tmp_path: Path):
    folder = folder_of(tmp_path / "m")
    (folder / "model_index.json").write_text("{")
    with pytest.raises(EngineError, match="cannot be read"):
        model.read_model(folder)


def test_split_weights_have_to_be_there_all(tmp_path: Path):
    folder = folder_of(tmp_path / "m")
    weights = {"weight_map": {"a": "weights.safetensors", "b": "more.safetensors"}}
    (folder / "vae" / "x.safetensors.index.json").write_text(json.dumps(weights))
    assert model.lacking(model.read_model(folder)) == ["vae/more.safetensors"]


def test_calls_are_read_from_source(tmp_path: Path):
    home = tmp_path / "diffusers"
    (home / "pipelines" / "wan").mkdir(parents=True)
    (home / "pipelines" / "wan" / "pipeline_wan.py").write_text(
        "class WanPipelineOutput(dict):\n    pass\n"
        "class WanPipeline(Base):\n"
        "    def __call__(self, prompt, steps: int = 50, *, scale=-1.5, f=len):\n        ...\n"
    )
    found = signature._read(home, "WanPipeline")
    assert found == {"self": None, "prompt": None, "steps": 50, "scale": -1.5, "f": None}
    assert signature.open_to_people(found or {}) == {"steps", "scale", "f"}
    assert signature._read(home, "NoPipeline") is None


def test_planning_does_not_import_torch(tmp_path: Path):
    code = """
import sys
from videogen_nb.engines.diffusers import DiffusersEngine
from videogen_nb.engines.instances import Instance

engine = DiffusersEngine(Instance("wan", "diffusers", model=sys.argv[1]))
if engine.info("en").ready:
    engine.plan("sea", {})
assert not {"torch", "diffusers", "numpy"} & set(sys.modules)
"""
    folder = str(folder_of(tmp_path / "m"))
    subprocess.run([sys.executable, "-c", code, folder], check=True, timeout=60)

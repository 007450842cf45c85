"""Settings in engines.toml are checked before a model is loaded: where, what, what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from videogen_nb.engines.diffusers import engine
from videogen_nb.engines.diffusers.pipeline_families import Family
from videogen_nb.engines.diffusers.planning import settle
from videogen_nb.engines.diffusers.settings import mistakes
from videogen_nb.engines.diffusers.weight_files import local_file
from videogen_nb.errors import BadParameter, EngineError

from .test_planning import CALLS, engine_of, folder_of


@pytest.fixture(autouse=True)
def _calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in :mod:`.test_planning`: the library need not be installed."""
    monkeypatch.setattr("videogen_nb.engines.diffusers.pipeline_families.call_of", CALLS.get)
    monkeypatch.setattr(engine, "call_of", CALLS.get)
    monkeypatch.setattr(engine, "find_spec", lambda name: name)
    monkeypatch.setattr(engine, "has_gpu", lambda: True)


@pytest.mark.parametrize(
    ("parameters", "place", "words"),
    [
        ({"offload": "half"}, ("offload",), "none, model, group, sequential"),
        ({"tiling": 1}, ("tiling",), "auto, true, false"),
        ({"tiling": "true"}, ("tiling",), 'tiling: "true". Choose one of auto, true, false. Write'),
        ({"download": "true"}, ("download",), "true and false without quotes"),
        ({"speed": "faster"}, ("speed",), "normal, fast"),
        ({"cache": True}, ("cache",), "none, first-block"),
        ({"quantize": "int4"}, ("quantize",), "none, int8"),
        ({"scheduler": "ddim"}, ("scheduler",), "auto, euler, unipc, lcm"),
        ({"flow_shift": 0}, ("flow_shift",), "a number above 0"),
        ({"flow_shift": True}, ("flow_shift",), "a number above 0"),
        ({"loras": "ink.safetensors"}, ("loras",), "write a list of tables"),
        ({"loras": [{"path": "one.safetensors"}, "two"]}, ("loras", 1), "does not name a file"),
        ({"loras": [{"path": ""}]}, ("loras", 0), "does not name a file"),
        ({"loras": [{"path": "gone.safetensors"}]}, ("loras", 0, "path"), "There is no file"),
        ({"loras": [{"path": "one.bin"}]}, ("loras", 0, "path"), "use .safetensors"),
        ({"loras": [{"path": "some/name"}]}, ("loras", 0, "path"), "set weight"),
        ({"loras": [{"path": "one.safetensors", "weight": 3}]}, ("loras", 0, "weight"), "name a"),
        (
            {"loras": [{"path": "one.safetensors", "weight": "x"}]},
            ("loras", 0, "path"),
            "omit weight",
        ),
        (
            {"loras": [{"path": "one.safetensors", "scale": "1"}]},
            ("loras", 0, "scale"),
            "-10 to 10",
        ),
        ({"loras": [{"path": "one.safetensors", "sclae": 1}]}, ("loras", 0, "sclae"), "of scale"),
        ({"loras": [{"path": "one.safetensors", "part": "vae"}]}, ("loras", 0, "part"), "former_2"),
        ({"transformer": "one.gguf"}, ("transformer",), "Write a table"),
        ({"transformer": {"path": "many"}}, ("transformer", "path"), "a.gguf, b.gguf"),
        ({"quantize": "int8", "offload": "sequential"}, ("offload",), "Use 'group'"),
        ({"transformer": {"path": "one.gguf"}, "offload": "sequential"}, ("offload",), "'group'"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_mistake_is_told_with_its_place_and_the_way_out(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    parameters: dict[str, Any],
    place: tuple[str | int, ...],
    words: str,
):
    monkeypatch.chdir(tmp_path)
    for name in ("one.safetensors", "one.bin", "one.gguf", "many/a.gguf", "many/b.gguf"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(b"w")
    ((where, wrong),) = mistakes(parameters)
    assert where == place
    assert words in str(wrong)
    made = engine_of(folder_of(tmp_path / "m"), **parameters)
    assert [where for where, _ in made.mistakes()] == [("parameters", *place)]
    assert words in (made.info("en").missing or "")
    with pytest.raises(BadParameter):
        made.plan("sea", {})


def test_a_file_is_found_by_itself_in_its_folder_and_on_the_hub(tmp_path: Path):
    file = tmp_path / "ink.safetensors"
    file.write_bytes(b"w")
    assert local_file({"path": str(file)}, (".safetensors",)) == file
    assert local_file({"path": str(tmp_path)}, (".safetensors",)) == file
    named = {"path": str(tmp_path), "weight": "ink.safetensors"}
    assert local_file(named, (".safetensors",)) == file
    assert local_file({"path": "some/name", "weight": "a.gguf"}, (".gguf",)) is None
    (tmp_path / "no.safetensors").write_bytes(b"w")
    with pytest.raises(EngineError, match=r"Found: ink\.safetensors, no\.safetensors"):
        local_file({"path": str(tmp_path)}, (".gguf", ".safetensors"))


def test_packages_are_asked_for_only_where_a_setting_needs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    lacked = ("peft", "gguf", "torchao")
    monkeypatch.setattr(engine, "find_spec", lambda name: None if name in lacked else name)
    (tmp_path / "t.gguf").write_bytes(b"w")
    (tmp_path / "l.safetensors").write_bytes(b"w")
    folder = folder_of(tmp_path / "m")
    assert engine_of(folder).info("en").ready
    needs: list[tuple[str, dict[str, Any]]] = [
        ("peft", {"loras": [{"path": str(tmp_path / "l.safetensors")}]}),
        ("gguf", {"transformer": {"path": str(tmp_path / "t.gguf")}}),
        ("torchao", {"quantize": "int8"}),
    ]
    for package, parameters in needs:
        assert f"it needs {package}:" in (engine_of(folder, **parameters).info("en").missing or "")


def test_a_request_changes_how_but_not_from_which_files(tmp_path: Path):
    made = engine_of(folder_of(tmp_path / "m", flow=True), flow_shift=3)
    extra = {"speed": "fast", "scheduler": "unipc", "flow_shift": 8.0, "offload": "group"}
    parameters = made.plan("sea", {"extra": extra}).parameters
    assert {name: parameters[name] for name in extra} == extra
    assert made.plan("sea", {}).parameters["flow_shift"] == 3
    for name in ("loras", "transformer", "device"):
        with pytest.raises(BadParameter, match=rf"{name} can only be set in engines\.toml"):
            made.plan("sea", {"extra": {name: "/etc/passwd"}})
    with pytest.raises(BadParameter, match="flow_shift"):
        made.plan("sea", {"extra": {"flow_shift": -1}})


def test_weights_that_a_file_replaces_need_not_be_there(tmp_path: Path):
    (tmp_path / "t.gguf").write_bytes(b"w")
    folder = folder_of(tmp_path / "m")
    (folder / "transformer" / "weights.safetensors").unlink()
    assert "transformer/" in (engine_of(folder).info("en").missing or "")
    made = engine_of(folder, transformer={"path": str(tmp_path / "t.gguf")})
    assert made.info("en").ready
    (folder / "transformer" / "config.json").unlink()
    assert "transformer/config.json" in (made.info("en").missing or "")


def test_distilled_models_take_few_steps_and_no_guidance():
    flow = Family("WanPipeline", None, 16, 4, 64, 64, 9, 16)

    def plan(scheduler: str, **extra: Any) -> tuple[dict[str, Any], list[str]]:
        made = settle(flow, {"extra": extra}, (), {}, scheduler)
        names = ("num_inference_steps", "guidance_scale")
        return {n: v for n, v in made.parameters.items() if n in names}, [*map(str, made.notes)]

    assert plan("lcm") == ({"num_inference_steps": 8, "guidance_scale": 1.0}, [])
    assert plan("lcm", steps=4)[0] == {"num_inference_steps": 4, "guidance_scale": 1.0}
    assert plan("unipc") == ({}, [])
    for extra in ({"steps": 50}, {"guidance": 5.0}):
        assert any("4 to 8 steps" in note for note in plan("lcm", **extra)[1])


def test_a_scheduler_for_flow_models_is_refused_where_it_does_not_suit(tmp_path: Path):
    folder = folder_of(tmp_path / "m")
    for name, parameters in (
        ("scheduler", {"scheduler": "unipc"}),
        ("flow_shift", {"flow_shift": 3}),
    ):
        missing = engine_of(folder, **parameters).info("en").missing or ""
        assert f"{name} does not suit this model" in missing
        with pytest.raises(BadParameter, match="does not suit this model"):
            engine_of(folder).plan("sea", {"extra": parameters})

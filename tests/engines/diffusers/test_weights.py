"""LoRAs, quantised weights and transformers in one file, through the libraries themselves."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest

from videogen_nb.engines.diffusers import DiffusersEngine
from videogen_nb.engines.instances import Instance
from videogen_nb.errors import EngineError
from videogen_nb.media.provenance import provenance

from .conftest import LACKED
from .test_running import DEFAULTS, make

pytestmark = [
    pytest.mark.skipif(bool(LACKED), reason=f"not installed: {', '.join(LACKED)}"),
    pytest.mark.filterwarnings("default"),  # what the libraries say is theirs
]


def engine_of(model: Path, **parameters: Any) -> DiffusersEngine:
    instance = Instance("wan", "diffusers", model=str(model), parameters={**DEFAULTS, **parameters})
    return DiffusersEngine(instance)


def frame(path: Path) -> Any:
    with av.open(str(path)) as video:
        return next(video.decode(video=0)).to_ndarray(format="rgb24").astype(int)


def test_loras_are_added_with_their_scales_and_recorded(
    tiny_wan: Path, tiny_lora: Path, tmp_path: Path
):
    frames = {}
    for scale in (0.0, 1.0):
        loras = [{"path": str(tiny_lora), "scale": scale}, {"path": str(tiny_lora), "scale": 0}]
        engine = engine_of(tiny_wan, loras=loras)
        job, _ = make(engine, tmp_path)
        frames[scale] = frame(job.output)
    recorded = provenance(job.output)["parameters"]
    sha256 = hashlib.sha256(tiny_lora.read_bytes()).hexdigest()
    assert recorded["loras"] == [
        {"name": "ink.safetensors", "scale": scale, "sha256": sha256} for scale in (1, 0)
    ]
    assert str(tiny_lora.parent) not in json.dumps(provenance(job.output))
    pipe = engine._bench._loaded.pipeline("WanPipeline")
    assert pipe.get_list_adapters() == {"transformer": ["lora_0", "lora_1"]}
    assert np.abs(frames[0] - frames[1]).mean() > 1
    job, _ = make(engine_of(tiny_wan), tmp_path)
    assert np.array_equal(frame(job.output), frames[0])


@pytest.mark.parametrize(
    ("lora", "words"),
    [({}, "does not fit this model"), ({"part": "transformer_2"}, "does not fit this model")],
)
def test_a_lora_that_does_not_fit_is_told(
    tiny_wan: Path, tiny_lora: Path, tmp_path: Path, lora: dict[str, Any], words: str
):
    file = tmp_path / "other.safetensors"
    if lora:
        shutil.copy(tiny_lora, file)
    else:
        from safetensors.torch import save_file
        from torch import zeros

        save_file({"transformer.nowhere.lora_A.weight": zeros(2, 2)}, file)
    with pytest.raises(EngineError, match=words) as unfit:
        make(engine_of(tiny_wan, loras=[{"path": str(file), **lora}]), tmp_path)
    assert unfit.value.code == "lora_unfit"
    assert "other.safetensors" in str(unfit.value)


def test_a_transformer_comes_from_a_gguf_and_the_rest_is_quantised(
    tiny_wan: Path, tiny_gguf: Path, tiny_lora: Path, tmp_path: Path
):
    import torch
    from diffusers.quantizers.gguf.utils import GGUFParameter

    folder = shutil.copytree(tiny_wan, tmp_path / "tiny")
    next((folder / "transformer").glob("*.safetensors")).unlink()  # not needed
    engine = engine_of(
        folder,
        transformer={"path": str(tiny_gguf)},
        quantize="int8",
        loras=[{"path": str(tiny_lora)}],
    )
    job, _ = make(engine, tmp_path)
    replaced = frame(job.output)
    assert provenance(job.output)["parameters"]["transformer"] == "tiny-Q8_0.gguf"
    pipe = engine._bench._loaded.pipeline("WanPipeline")
    layer = pipe.transformer.blocks[0].ffn.net[2]
    assert isinstance(layer.weight, GGUFParameter)
    assert layer.weight.dtype == torch.uint8
    dense = pipe.text_encoder.encoder.block[0].layer[1].DenseReluDense.wo.weight
    assert type(dense).__name__ == "Int8Tensor"
    plain, _ = make(engine_of(tiny_wan), tmp_path)
    assert not np.array_equal(frame(plain.output), replaced)


def test_int8_weights_take_less_and_are_counted_so(tiny_wan: Path, tmp_path: Path):
    from videogen_nb.engines.diffusers.loading.weights import parts_of

    sizes = {}
    for quantize in ("none", "int8"):
        engine = engine_of(tiny_wan, quantize=quantize)
        job, _ = make(engine, tmp_path)
        transformer = engine._bench._loaded.pipeline("WanPipeline").transformer
        layer = transformer.blocks[0].ffn.net[2]
        (part,) = parts_of(SimpleNamespace(components={"transformer": transformer}))
        (alone,) = parts_of(SimpleNamespace(components={"layer": layer}))
        sizes[quantize] = part.total, alone.total
    assert sizes["none"][1] == 24 * 32 * 4 + 24 * 4
    assert sizes["int8"][1] < 24 * 32 + 24 * 12  # a byte a weight, a scale a row, the bias
    assert sizes["int8"][0] < sizes["none"][0] * 0.8  # some layers keep their precision
    assert provenance(job.output)["parameters"]["quantize"] == "int8"


def test_a_part_that_the_model_lacks_or_a_file_that_does_not_fit_is_told(
    tiny_wan: Path, tiny_gguf: Path, tiny_lora: Path, tmp_path: Path
):
    with pytest.raises(EngineError, match="no part transformer_2"):
        make(engine_of(tiny_wan, transformer_2={"path": str(tiny_gguf)}), tmp_path)
    with pytest.raises(EngineError, match="cannot be loaded"):
        make(engine_of(tiny_wan, transformer={"path": str(tiny_lora)}), tmp_path)

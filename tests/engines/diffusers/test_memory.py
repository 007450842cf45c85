"""The table of what fits is what the arithmetic says, and the arithmetic counts real models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from videogen_nb.engines.diffusers.memory import (
    FAMILIES,
    LADDER,
    Part,
    choose,
    ladder,
    on_card,
    rows,
)

from .conftest import LACKED

DOCS = Path(__file__).parents[3] / "docs" / "engines"
PARTS = [Part(100, 4), Part(60, 9), Part(10, 1)]


@pytest.mark.parametrize("page", ["diffusers.md", "diffusers.zh-CN.md"])
def test_the_table_in_the_docs_is_what_is_computed(page: str):
    text = (DOCS / page).read_text("utf-8")
    assert "\n".join(rows()[1:]) in text  # its heading is translated


def test_each_way_of_offloading_leaves_less_on_the_card():
    needs = [on_card(PARTS, way) for way in LADDER]
    assert needs == [170, 100, 18, 9]
    frees = (170 / 0.6, 169 / 0.6, 99 / 0.6, 17 / 0.6, 1)
    assert [choose(PARTS, free + 0.01) for free in frees] == [*LADDER, LADDER[-1]]
    assert choose(PARTS, 1, ladder(quantised=True)) == "group"


def _wan(heads: int, layers: int, hidden: int, channels: int = 16) -> dict[str, int]:
    sizes = {"num_attention_heads": heads, "num_layers": layers, "ffn_dim": hidden}
    return {**sizes, "in_channels": channels, "out_channels": channels}


@pytest.mark.skipif(bool(LACKED), reason=f"not installed: {', '.join(LACKED)}")
@pytest.mark.filterwarnings("default")
def test_the_numbers_are_those_of_the_libraries_classes():
    import diffusers
    import torch
    import transformers

    def count(make: Callable[[], Any]) -> Part:
        with torch.device("meta"):
            model = make()
        own = [sum(p.numel() for p in m.parameters(recurse=False)) for m in model.modules()]
        return Part(sum(p.numel() for p in model.parameters()), max(own))  # shared ones once

    def t5(kind: str, words: int) -> Part:
        config = getattr(transformers, f"{kind}Config")(
            vocab_size=words, d_model=4096, d_kv=64, d_ff=10240, num_layers=24, num_heads=64,
            feed_forward_proj="gated-gelu",
        )  # fmt: skip
        return count(lambda: getattr(transformers, f"{kind}EncoderModel")(config))

    transformer = diffusers.WanTransformer3DModel
    denoisers: dict[str, Callable[[], Any]] = {
        "Wan 2.1 1.3B": lambda: transformer(**_wan(12, 30, 8960)),
        "Wan 2.2 5B": lambda: transformer(**_wan(24, 30, 14336, 48)),
        "Wan 2.2 A14B": lambda: transformer(**_wan(40, 40, 13824)),
        "LTX-Video 2B": diffusers.LTXVideoTransformer3DModel,
        "CogVideoX 5B": lambda: diffusers.CogVideoXTransformer3DModel(
            num_layers=42, num_attention_heads=48, use_rotary_positional_embeddings=True
        ),
        "HunyuanVideo": lambda: diffusers.HunyuanVideoTransformer3DModel(guidance_embeds=True),
        "Mochi 1": diffusers.MochiTransformer3DModel,
    }
    assert {name: count(make) for name, make in denoisers.items()} == {
        name: sizes.denoisers[0] for name, sizes in FAMILIES.items()
    }
    assert FAMILIES["Wan 2.2 5B"].encoders == (t5("UMT5", 256384),)
    assert FAMILIES["Mochi 1"].encoders == (t5("T5", 32128),)
    assert FAMILIES["Wan 2.1 1.3B"].decoder == count(diffusers.AutoencoderKLWan)

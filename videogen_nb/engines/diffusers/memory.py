"""The GPU memory that a pipeline needs: calculated, not measured on a card.

``python -m videogen_nb.engines.diffusers.memory`` prints the table in docs/engines/diffusers.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

#: Ways of offloading, from the fastest to the one that needs least memory.
LADDER: Final = ("none", "model", "group", "sequential")
#: The same for quantised weights, which cannot be moved layer by layer through ``meta``.
QUANTISED_LADDER: Final = LADDER[:-1]
#: Of a card's free memory, what weights may take so that the work still fits beside them.
SHARE: Final = 0.6
CARDS_GB: Final = (8, 12, 16, 24, 48, 80)
#: Of a card's memory, what is free where only the driver and a desktop use it.
_FREE: Final = 0.93
_GB: Final = 2**30
#: Bytes to a weight. Q4_K_M is the usual GGUF: 4.85 bits, scales counted.
_BYTES: Final = {"bf16": 2.0, "int8": 1.0, "gguf": 4.85 / 8, "fp32": 4.0}


@dataclass(frozen=True, slots=True)
class Part:
    """A component's weights: of all its layers, and of the largest one, in the same unit."""

    total: float
    largest: float


@dataclass(frozen=True, slots=True)
class _Sizes:
    """The sizes of a family's parts. Text encoders keep their embedding, the largest layer."""

    denoisers: tuple[Part, ...]
    encoders: tuple[Part, ...]
    decoder: Part
    decoder_precision: str = "bf16"


_UMT5: Final = Part(5_680_910_336, 1_050_148_864)
_T5: Final = Part(4_762_310_656, 131_596_288)
_LLAMA: Final = Part(7_505_186_816, 525_598_720)
_CLIP: Final = Part(123_060_480, 37_945_344)
_WAN_VAE: Final = Part(126_892_531, 3_981_696)
_WAN_14B: Final = Part(14_288_491_584, 157_317_120)
#: Counted from the classes of diffusers and transformers with the models' own configurations.
FAMILIES: Final[Mapping[str, _Sizes]] = {
    "Wan 2.1 1.3B": _Sizes((Part(1_418_996_800, 14_164_992),), (_UMT5,), _WAN_VAE, "fp32"),
    "Wan 2.2 5B": _Sizes(
        (Part(4_999_787_712, 56_641_536),), (_UMT5,), Part(704_688_668, 28_312_576), "fp32"
    ),
    "Wan 2.2 A14B": _Sizes((_WAN_14B, _WAN_14B), (_UMT5,), _WAN_VAE, "fp32"),
    "LTX-Video 2B": _Sizes(
        (Part(1_923_385_472, 25_178_112),), (_T5,), Part(419_193_649, 56_627_200)
    ),
    "CogVideoX 5B": _Sizes(
        (Part(5_570_283_072, 37_761_024),), (_T5,), Part(215_583_907, 7_078_400)
    ),
    "HunyuanVideo": _Sizes(
        (Part(12_821_012_544, 56_641_536),), (_LLAMA, _CLIP), Part(246_478_803, 7_078_400)
    ),
    "Mochi 1": _Sizes((Part(10_027_677_744, 50_331_648),), (_T5,), Part(459_748_611, 15_926_016)),
}
#: Of transformers and text encoders; a GGUF is of a transformer only.
WEIGHTS: Final = ("bf16", "int8", "gguf + int8")


def ladder(quantised: bool) -> tuple[str, ...]:
    """Return the ways of offloading, from the fastest to the most frugal."""
    return QUANTISED_LADDER if quantised else LADDER


def on_card(parts: Sequence[Part], offload: str) -> float:
    """Return how many bytes of weights are on the GPU at once."""
    if offload == "none":
        return sum(part.total for part in parts)
    if offload == "model":
        return max((part.total for part in parts), default=0)
    largest = max((part.largest for part in parts), default=0)
    return 2 * largest if offload == "group" else largest  # the next layer comes during this one


def choose(parts: Sequence[Part], free: float, ways: Iterable[str] = LADDER) -> str:
    """Return the fastest way of offloading that leaves enough of ``free`` bytes for the work."""
    ways = tuple(ways)
    return next((way for way in ways if on_card(parts, way) <= free * SHARE), ways[-1])


def parts_of(family: str, weights: str) -> list[Part]:
    """Return the sizes in bytes of a family's parts, with weights as in ``WEIGHTS``."""
    sizes = FAMILIES[family]
    denoised, _, encoded = weights.partition(" + ")
    return [
        *(_scaled(part, _BYTES[denoised]) for part in sizes.denoisers),
        *(_embedding_kept(part, _BYTES[encoded or denoised]) for part in sizes.encoders),
        _scaled(sizes.decoder, _BYTES[sizes.decoder_precision]),
    ]


def _scaled(part: Part, size: float) -> Part:
    return Part(part.total * size, part.largest * size)


def _embedding_kept(part: Part, size: float) -> Part:
    embedding = part.largest * _BYTES["bf16"]
    return Part((part.total - part.largest) * size + embedding, embedding)


def rows() -> list[str]:
    """Return the table's lines in Markdown: ``offload = "auto"`` on each card."""
    head = ["model", "weights", "all weights, GB", *(f"{card} GB" for card in CARDS_GB)]
    lines = [_line(head), _line(["---"] * len(head))]
    for family in FAMILIES:
        for weights in WEIGHTS:
            parts = parts_of(family, weights)
            ways = [
                choose(parts, card * _GB * _FREE, ladder(weights != "bf16")) for card in CARDS_GB
            ]
            lines.append(_line([family, weights, f"{on_card(parts, 'none') / _GB:.1f}", *ways]))
    return lines


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print("\n".join(rows()))

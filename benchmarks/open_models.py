"""Open models on a GPU: our engine against plain diffusers, with random weights of a real size.

python -m benchmarks.open_models [--rounds 3] [--steps 20] [--tiny]

It writes a pipeline with the layout of Wan 2.2 5B (10 GB of random bf16 weights; its text encoder
is shortened, since it runs once a video) into a temporary folder, and generates videos of the
model's own size and length. Times are from the request to the finished MP4, medians of ``--rounds``
videos after a first one that is not counted. Targets: the engine takes at most 1.03 times as long
as plain diffusers; ``speed = "fast"`` is at least 1.35 times faster than plain; cancelling takes at
most 1 s; eight switches between two models leave no memory on the GPU.

With ``--tiny`` it does the same on a CPU with a pipeline of a few kilobytes, and compiles without
generating machine code: that shows that the script works, and nothing about speed.
"""

from __future__ import annotations

import argparse
import gc
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import diffusers
import torch
import transformers

from tests.engines.diffusers import tiny
from videogen_nb.engines import Job
from videogen_nb.engines.diffusers import DiffusersEngine
from videogen_nb.engines.diffusers.loading import hooks
from videogen_nb.engines.instances import Instance
from videogen_nb.errors import EngineCancelled

PROMPT: Final = "sea"
SWITCHES: Final = 8
_WORDS: Final = 16  # of the longest prompt
AT_MOST: Final = 1.03
FASTER: Final = 1.35
CANCEL_S: Final = 1.0
_MIB: Final = 2**20


@dataclass(frozen=True, slots=True)
class Case:
    """A pipeline's folder, where it runs, and the size of its videos."""

    folder: Path
    device: str
    width: int
    height: int
    frames: int
    steps: int
    rounds: int

    @property
    def arguments(self) -> dict[str, Any]:
        """The pipeline's arguments."""
        return {
            "width": self.width,
            "height": self.height,
            "num_frames": self.frames,
            "num_inference_steps": self.steps,
        }


def main(arguments: Sequence[str] | None = None) -> list[tuple[str, float]]:
    """Print the table; return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--tiny", action="store_true")
    args = parser.parse_args(arguments)
    if not (args.tiny or torch.cuda.is_available()):
        parser.error("there is no GPU; --tiny runs on a CPU")
    with tempfile.TemporaryDirectory() as folder:
        case = _case(Path(folder), args)
        size = f"{case.width}×{case.height}, {case.frames} frames, {case.steps} steps"
        print(f"{_machine(case)}; {size}")
        if args.tiny:
            hooks.BACKEND = "eager"
            print("A tiny pipeline: this shows that the script works, and nothing about speed.")
        rows = list(_measured(case))
    print("| what | measured | target |")
    print("|---|---|---|")
    for what, value, unit, target in rows:
        print(f"| {what} | {value:.2f}{unit} | {target} |")
    return [(what, value) for what, value, _, _ in rows]


def _measured(case: Case) -> list[tuple[str, float, str, str]]:
    plain_s = _plain_s(case)
    ours_s = _ours_s(case, {})
    fast_s = _ours_s(case, {"speed": "fast"})
    cached_s = _ours_s(case, {"speed": "fast", "cache": "first-block"})
    return [
        ("plain diffusers", plain_s, " s", ""),
        ("engine", ours_s, " s", ""),
        ("engine ÷ plain", ours_s / plain_s, "×", f"at most {AT_MOST}×"),
        ("plain ÷ fast", plain_s / fast_s, "×", f"at least {FASTER}×"),
        ("plain ÷ fast with cache", plain_s / cached_s, "×", ""),
        ("cancelling", _cancel_s(case), " s", f"at most {CANCEL_S:.0f} s"),
        (f"left by {SWITCHES} switches", _left_mib(case), " MiB", "0 MiB"),
    ]


def _plain_s(case: Case) -> float:
    """Return the seconds of a video as the library's own examples generate it."""
    precision = torch.float32 if case.device == "cpu" else torch.bfloat16
    pipe = diffusers.WanPipeline.from_pretrained(
        case.folder, dtype={"default": precision, "vae": torch.float32}
    ).to(case.device)
    pipe.set_progress_bar_config(disable=True)

    def video() -> None:
        generator = torch.Generator("cpu").manual_seed(0)
        made = pipe(PROMPT, generator=generator, max_sequence_length=_WORDS, **case.arguments)
        diffusers.utils.export_to_video(made.frames[0], str(case.folder / "plain.mp4"), fps=24)

    video()
    return _median(video, case.rounds)


def _ours_s(case: Case, settings: Mapping[str, Any]) -> float:
    """Return the seconds of a video once the model is loaded and compiled."""
    engine = _engine(case.folder, case, settings)
    _make(engine, case)
    return _median(lambda: _make(engine, case), case.rounds)


def _cancel_s(case: Case) -> float:
    """Return the seconds from cancelling in the second step until the GPU is idle again."""
    engine = _engine(case.folder, case, {})
    _make(engine, case, steps=1)
    asked: list[float] = []

    def report(progress: float | None, _stage: Any) -> None:
        if progress and not asked:  # the first step is done
            asked.append(time.perf_counter() + 0.3 * (case.device != "cpu"))

    def cancelled() -> bool:
        return bool(asked) and time.perf_counter() >= asked[0]

    try:
        _make(engine, case, report=report, cancelled=cancelled)
    except EngineCancelled:
        _idle(case)
        return time.perf_counter() - asked[0]
    raise RuntimeError("the video was finished before it was cancelled: use more steps")


def _left_mib(case: Case) -> float:
    """Return how much more memory is taken after switching between two models again and again."""
    other = case.folder.with_name("other")
    if not other.exists():
        other.symlink_to(case.folder, target_is_directory=True)
    engine = _engine(case.folder, case, {})
    taken: list[int] = []
    for number in range(SWITCHES + 1):
        instance = _engine(other if number % 2 else case.folder, case, {})
        _make(engine, case, steps=1, planned_by=instance)
        _idle(case)
        gc.collect()
        taken.append(0 if case.device == "cpu" else torch.cuda.memory_allocated())
    return (taken[-1] - taken[0]) / _MIB


def _engine(folder: Path, case: Case, settings: Mapping[str, Any]) -> DiffusersEngine:
    parameters = {"device": case.device, "max_sequence_length": _WORDS, **settings}
    return DiffusersEngine(
        Instance(
            "wan", "diffusers", model=str(folder), parameters={"offload": "none", **parameters}
        )
    )


def _make(
    engine: DiffusersEngine,
    case: Case,
    steps: int | None = None,
    report: Callable[[float | None, Any], None] = lambda *_: None,
    cancelled: Callable[[], bool] = lambda: False,
    planned_by: DiffusersEngine | None = None,
) -> None:
    extra = {**case.arguments, "num_inference_steps": steps or case.steps}
    plan = (planned_by or engine).plan(PROMPT, {"seed": 0, "extra": extra})
    video = case.folder.with_name("video.mp4")
    engine.run(Job("1", PROMPT, plan, video, video.with_suffix(".jpg")), report, cancelled)


def _median(video: Callable[[], None], rounds: int) -> float:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        video()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def _idle(case: Case) -> None:
    if case.device != "cpu":
        torch.cuda.synchronize()


def _machine(case: Case) -> str:
    name = "a CPU" if case.device == "cpu" else torch.cuda.get_device_name()
    return f"{name}; torch {torch.__version__}, diffusers {diffusers.__version__}"


def _case(folder: Path, args: argparse.Namespace) -> Case:
    if args.tiny:
        place = tiny.save_tiny_wan(folder / "model")
        return Case(place, "cpu", 64, 64, 9, min(args.steps, 4), args.rounds)
    return Case(_save_5b(folder / "model"), "cuda", 1280, 704, 121, args.steps, args.rounds)


def _save_5b(folder: Path) -> Path:
    """Write a pipeline with the layout of Wan 2.2 5B and random weights."""
    torch.manual_seed(0)
    place = tiny.save_tiny_wan(folder)  # its tokenizer, scheduler and index are used
    with torch.device("cuda"):
        transformer = diffusers.WanTransformer3DModel(
            num_layers=30, num_attention_heads=24, ffn_dim=14336, in_channels=48, out_channels=48
        )
        vae = diffusers.AutoencoderKLWan(
            base_dim=160,
            z_dim=48,
            is_residual=True,
            in_channels=12,
            out_channels=12,
            decoder_base_dim=256,
            scale_factor_spatial=16,
            patch_size=2,
            latents_mean=[0.0] * 48,
            latents_std=[1.0] * 48,
        )
        encoder = transformers.UMT5EncoderModel(
            transformers.UMT5Config(
                vocab_size=len(tiny.WORDS), d_model=4096, d_ff=10240, num_layers=2, num_heads=64
            )
        )
    parts = {"transformer": transformer.bfloat16(), "vae": vae, "text_encoder": encoder.bfloat16()}
    for name, part in parts.items():
        shutil.rmtree(place / name)
        part.save_pretrained(place / name)
    return place


if __name__ == "__main__":
    main()

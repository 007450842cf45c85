"""Generating a video with a pipeline that the worker process keeps loaded."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import diffusers
import numpy as np
import torch
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image

from ...errors import EngineCancelled, EngineError
from ...i18n import Text
from ...media.yuv import from_rgb
from ..base import InputImage, Job, Rendered, Report
from ..rendering.decoding import read_rgb
from ..rendering.encode import Reel
from ..rendering.video_writer import facts_of, write
from .heartbeat import Pulse
from .loading import Loaded, Lora, Replacement, Wanted, load, more_frugal, release
from .loading.hooks import is_of_compilation
from .model import is_hub_id, read_model
from .model_hub import present, present_file
from .pipeline_arguments import call_of
from .pipeline_families import family_of
from .planning import first_image, last_image, settle
from .schedulers import scheduler_of
from .settings import LORAS, OWN, SHIFT, TRANSFORMERS
from .sound import add_sound, sound_of
from .weight_files import GGUF, SAFETENSORS, local_file

#: Of the whole work, what the steps take; decoding and encoding share the rest.
_STEPS_SHARE: Final = 0.9
_ENCODING_FROM: Final = 0.95
#: Names in a plan that are the engine's own, or are given in another form.
_NOT_PASSED: Final = OWN | {"pipeline", "duration", "ratio", "resolution", "model", "requested"}
#: Settings that tell how to load a model.
_AS_PLANNED: Final = ("device", "precision", "offload", "tiling", "quantize", "speed", "cache")


class Bench:
    """Holds one loaded pipeline; another model replaces it."""

    def __init__(self) -> None:
        self._loaded: Loaded | None = None
        self._instead: dict[Wanted, Wanted] = {}  # of what needed too much memory

    def make(self, job: Job, report: Report, cancelled: Callable[[], bool]) -> Rendered:
        """See :meth:`videogen_nb.engines.base.ComputeEngine.run`."""
        wanted = self._wanted(job, report)
        planned, job = job.plan.notes, _settled(job, wanted)
        if cancelled():
            raise EngineCancelled
        loaded = self._ready(self._instead.get(wanted, wanted), report)
        notes: tuple[Text, ...] = ()
        try:
            made = _made(loaded, job, report, cancelled)
        except torch.OutOfMemoryError as error:
            frugal = more_frugal(loaded)
            if frugal is None:
                raise _no_memory(loaded) from error
        else:
            frugal = None
        if frugal is not None:  # out of the except block, which holds what filled the memory
            self._instead[wanted] = frugal
            loaded = self._ready(frugal, report)
            notes = (_AGAIN(offload=loaded.offload),)
            try:
                made = _made(loaded, job, report, cancelled)
            except torch.OutOfMemoryError as error:
                raise _no_memory(loaded) from error
        pipe = loaded.pipeline(job.plan.parameters["pipeline"])
        rendered = _written(job, loaded, pipe, made, report, cancelled)
        return replace(rendered, notes=(*job.plan.notes[len(planned) :], *notes, *rendered.notes))

    def _wanted(self, job: Job, report: Report) -> Wanted:
        p = job.plan.parameters
        files = {part: p[part] for part in TRANSFORMERS if part in p}
        folder = present(p["model"], p["download"], report, files)

        def found(entry: Mapping[str, Any], *suffixes: str) -> Path:
            here = local_file(entry, suffixes)
            return here or present_file(entry["path"], entry["weight"], p["download"], report)

        return Wanted(
            folder,
            **{name: p[name] for name in _AS_PLANNED},
            loras=tuple(
                Lora(
                    found(one, SAFETENSORS), one.get("scale", 1.0), one.get("part", TRANSFORMERS[0])
                )
                for one in p.get(LORAS, ())
            ),
            replacements=tuple(
                Replacement(part, found(one, GGUF, SAFETENSORS)) for part, one in files.items()
            ),
        )

    def _ready(self, wanted: Wanted, report: Report) -> Loaded:
        if self._loaded is not None and self._loaded.wanted == wanted:
            return self._loaded
        self._loaded = None
        release()
        with Pulse(report, _LOADING(name=wanted.folder.name)):
            self._loaded = load(wanted)
        return self._loaded


def _made(loaded: Loaded, job: Job, report: Report, cancelled: Callable[[], bool]) -> Any:
    p = job.plan.parameters
    pipe = loaded.pipeline(p["pipeline"])
    pipe.scheduler = scheduler_of(loaded.scheduler, p["scheduler"], p.get(SHIFT))
    try:
        with loaded.watch.watching(cancelled):
            return pipe(**_arguments(pipe, job, report))
    except Exception as error:
        if is_of_compilation(error):
            why = str(error).splitlines()[0][:200]
            raise EngineError(_NOT_COMPILED(why=why), code="not_compiled") from error
        raise
    finally:
        if hasattr(pipe, "maybe_free_model_hooks"):
            pipe.maybe_free_model_hooks()  # after an interruption too
        release()


def _no_memory(loaded: Loaded) -> EngineError:
    return EngineError(_NO_MEMORY(offload=loaded.offload), code="out_of_memory")


def _settled(job: Job, wanted: Wanted) -> Job:
    """Complete the plan of a job with what depends on the downloaded model."""
    parameters = job.plan.parameters
    if "requested" not in parameters:
        return job
    model = read_model(wanted.folder)
    family = family_of(model, call_of(model.pipeline) or {})
    requested = {**parameters["requested"], "seed": job.plan.seed}
    plan = settle(family, requested, job.images, {}, parameters["scheduler"], parameters.get(SHIFT))
    own = {name: value for name, value in parameters.items() if name != "requested"}
    notes = (*job.plan.notes, *plan.notes)
    return replace(job, plan=replace(plan, parameters={**plan.parameters, **own}, notes=notes))


def _arguments(pipe: Any, job: Job, report: Report) -> dict[str, Any]:
    """Return the pipeline's arguments: supported values of the plan, and callbacks."""
    taken = inspect.signature(type(pipe).__call__).parameters
    p = job.plan.parameters
    steps = p.get("num_inference_steps")

    def stepped(pipe: Any, index: int, _timestep: Any, values: dict[str, Any]) -> dict[str, Any]:
        total = getattr(pipe, "num_timesteps", None) or steps or index + 1
        report(_STEPS_SHARE * min(1.0, (index + 1) / total), _STEP(n=index + 1, total=total))
        return values

    if "callback_on_step_end" not in taken:
        _count_steps(pipe, stepped)
    first, last = first_image(job.images), last_image(job.images)
    given = {
        **{name: value for name, value in p.items() if name not in _NOT_PASSED},
        "prompt": job.prompt,
        "image": first and _image(first, p),
        "last_image": last and _image(last, p),
        "frames": p["num_frames"],  # what a few call it
        "generator": torch.Generator("cpu").manual_seed(job.plan.seed or 0),
        "output_type": "pt",
        "callback_on_step_end": stepped,
    }
    report(0.0, _READING)
    return {name: value for name, value in given.items() if name in taken and value is not None}


def _count_steps(pipe: Any, stepped: Callable[..., Any]) -> None:
    """Count steps of the scheduler, for pipelines without progress callbacks."""
    step = type(pipe.scheduler).step
    done = itertools.count()

    def counted(*arguments: Any, **named: Any) -> Any:
        result = step(pipe.scheduler, *arguments, **named)
        stepped(pipe, next(done), None, {})
        return result

    pipe.scheduler.step = counted


def _image(image: InputImage, p: dict[str, Any]) -> Image.Image:
    """Return the image centre-cropped to the video's aspect ratio and resized."""
    size = image.width, image.height
    rgb = Image.fromarray(read_rgb(image.path, *size, enough=max(p["width"], p["height"])))
    scale = max(p["width"] / rgb.width, p["height"] / rgb.height)
    wide, high = p["width"] / scale, p["height"] / scale
    left, top = (rgb.width - wide) / 2, (rgb.height - high) / 2
    box = (left, top, left + wide, top + high)
    return rgb.resize((p["width"], p["height"]), Image.Resampling.LANCZOS, box=box)


def _written(
    job: Job,
    loaded: Loaded,
    pipe: Any,
    made: Any,
    report: Report,
    cancelled: Callable[[], bool],
) -> Rendered:
    frames = rgb_frames(made)
    height, width = (side - side % 2 for side in frames.shape[1:3])
    planned = job.plan.parameters
    real = {"width": width, "height": height, "num_frames": len(frames)}
    notes = [] if real.items() <= planned.items() else [_OTHER_SIZE(**real)]
    notes += _of_speed(loaded)
    p = {**planned, **real, "duration": len(frames) / planned["fps"]}

    def draw(index: int) -> VideoFrame:
        return from_rgb(np.ascontiguousarray(frames[index, :height, :width]))

    def encoded(done: float | None, stage: Text | None) -> None:
        report(_ENCODING_FROM + (1 - _ENCODING_FROM) * (done or 0.0), stage)

    sound = sound_of(made, pipe)
    if sound is not None:
        notes.append(_SOUND)
    facts = _facts(job, p, loaded, notes)
    write(job, draw, Reel.of(p), facts, encoded, cancelled)
    if sound is not None:
        add_sound(job.output, *sound)
    return Rendered(tuple(notes), facts)


def _facts(job: Job, p: Mapping[str, Any], loaded: Loaded, notes: list[Text]) -> dict[str, Any]:
    """Return the video's metadata; folders by name only, since the video may be shared."""
    source = str(p["model"])
    model = source if is_hub_id(source) else loaded.wanted.folder.name
    return facts_of(
        job,
        "diffusers",
        notes,
        {**p, "model": model, **_files_of(loaded)},
        device=_device_name(loaded.device),
        precision=loaded.precision,
        offload=loaded.offload,
        tiling=loaded.tiling,
        compiled=loaded.compiled,
        versions={"diffusers": diffusers.__version__, "torch": torch.__version__},
    )


def _files_of(loaded: Loaded) -> dict[str, Any]:
    """Return the files that a video was made with, by their names; LoRAs with their hashes."""
    named = {one.part: one.path.name for one in loaded.wanted.replacements}
    return {**named, LORAS: loaded.loras} if loaded.loras else named


def _of_speed(loaded: Loaded) -> list[Text]:
    notes = []
    if loaded.wanted.speed == "fast":
        notes.append(_FAST if loaded.compiled else _NOT_FAST(offload=loaded.offload))
    if loaded.wanted.cache != "none":
        notes.append(_CACHED)
    return notes


def rgb_frames(made: Any) -> NDArray[np.uint8]:
    """Return the first video's frames, ``(count, height, width, 3)`` bytes.

    They are converted to bytes on the device, so that only a quarter has to be transferred.

    Raises:
        EngineError: there are none, or some of their values are not numbers.
    """
    frames = getattr(made, "frames", None)
    if frames is None or len(frames) == 0 or len(frames[0]) == 0:
        raise EngineError(_NO_FRAMES, code="no_frames")
    frames = frames[0]
    if not isinstance(frames, torch.Tensor):
        return np.stack([_rgb(frame) for frame in frames])
    count, _, height, width = frames.shape
    rgb = torch.empty((count, height, width, 3), dtype=torch.uint8, device=frames.device)
    finite = torch.ones((), dtype=torch.bool, device=frames.device)
    for index, frame in enumerate(frames):  # one at a time: all at once need their memory again
        finite &= torch.isfinite(frame).all()
        rgb[index] = (frame[:3].float().clamp(0, 1) * 255).round().permute(1, 2, 0)
    if not finite:
        raise EngineError(_NOT_FINITE, code="not_finite")
    made_rgb: NDArray[np.uint8] = rgb.cpu().numpy()
    return made_rgb


def _rgb(frame: Any) -> NDArray[np.uint8]:
    """Return a frame as ``(height, width, 3)`` bytes; floats are 0 to 1."""
    array = np.asarray(frame)
    if array.dtype != np.uint8:
        if not np.isfinite(array).all():
            raise EngineError(_NOT_FINITE, code="not_finite")
        array = np.rint(array.clip(0, 1) * 255).astype(np.uint8)
    return array[..., :3]


def _device_name(device: str) -> str:
    return torch.cuda.get_device_name(device) if device.startswith("cuda") else device


_LOADING = Text("Loading {name}", "正在加载 {name}")
_READING = Text("Encoding the prompt", "正在编码提示词")
_STEP = Text("Step {n} of {total}", "第 {n}/{total} 步")
_NO_MEMORY = Text(
    "Out of GPU memory (offload is {offload}). Try offload = 'model' or 'sequential', tiling = "
    "true, a lower resolution or a shorter video.",
    "显存不足（当前 offload 为 {offload}）。请尝试 offload = 'model' 或 'sequential'、"
    "tiling = true、更低的分辨率或更短的时长。",
)
_AGAIN = Text(
    "Out of GPU memory; generated again with less memory: offload is {offload}, decoded in tiles.",
    "显存不足，已改用更省显存的方式重新生成：offload 为 {offload}，分块解码。",
)
_OTHER_SIZE = Text(
    "The pipeline generated {num_frames} frames of {width}×{height} pixels.",
    "管线实际生成 {num_frames} 帧，尺寸为 {width}×{height}。",
)
_FAST = Text(
    "speed = 'fast': compiled, and decoded in the model's precision; results differ slightly from "
    "'normal'.",
    "speed = 'fast'：已编译，并以模型精度解码；结果与 'normal' 略有不同。",
)
_NOT_FAST = Text(
    "speed = 'fast' decoded in the model's precision, but nothing was compiled (offload is "
    "{offload}).",
    "speed = 'fast'：已以模型精度解码，但未编译（offload 为 {offload}）。",
)
_CACHED = Text(
    "cache = 'first-block': blocks were skipped where they hardly changed; results differ.",
    "cache = 'first-block'：变化很小的块已被跳过，结果会有不同。",
)
_NOT_COMPILED = Text(
    "The model cannot be compiled here: {why} Install a C compiler, or set speed = 'normal'.",
    "无法在此编译模型：{why} 请安装 C 编译器，或设置 speed = 'normal'。",
)
_SOUND = Text("The video has sound generated by the model.", "视频包含模型生成的声音。")
_NO_FRAMES = Text("The pipeline returned no frames.", "管线没有输出任何画面。")
_NOT_FINITE = Text(
    "The model's numbers overflowed, which happens mostly in fp16. Try precision = 'bf16' or "
    "'fp32'.",
    "模型计算溢出，通常发生在 fp16。请尝试 precision = 'bf16' 或 'fp32'。",
)

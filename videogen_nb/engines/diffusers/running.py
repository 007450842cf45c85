"""Generating a video with a pipeline that the worker process keeps loaded."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import diffusers
import numpy as np
import torch
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image
from torch.nn.modules.module import register_module_forward_pre_hook

from ...errors import EngineCancelled, EngineError
from ...i18n import Text
from ...media.yuv import from_rgb
from ..base import InputImage, Job, Rendered, Report
from ..rendering.decoding import read_rgb
from ..rendering.encode import Reel
from ..rendering.video_writer import facts_of, write
from .family import family_of
from .hub import present
from .loading import Loaded, Wanted, load, more_frugal, release
from .model import is_hub_id, read_model
from .planning import first_image, last_image, settle
from .pulse import Pulse
from .signature import call_of
from .sound import add_sound, sound_of

#: Of the whole work, what the steps take; decoding and encoding share the rest.
_STEPS_SHARE: Final = 0.9
_ENCODING_FROM: Final = 0.95
#: Names in a plan that are the engine's own, or are given in another form.
_NOT_PASSED: Final = frozenset(
    {"pipeline", "duration", "ratio", "resolution", "model", "device", "offload", "precision"}
    | {"tiling", "download", "requested"}
)


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
        folder = present(p["model"], p["download"], report)
        return Wanted(folder, p["device"], p["precision"], p["offload"], p["tiling"])

    def _ready(self, wanted: Wanted, report: Report) -> Loaded:
        if self._loaded is not None and self._loaded.wanted == wanted:
            return self._loaded
        self._loaded = None
        release()
        with Pulse(report, _LOADING(name=wanted.folder.name)):
            self._loaded = load(wanted)
        return self._loaded


def _made(loaded: Loaded, job: Job, report: Report, cancelled: Callable[[], bool]) -> Any:
    pipe = loaded.pipeline(job.plan.parameters["pipeline"])
    try:
        with _watching(cancelled):
            return pipe(**_arguments(pipe, job, report))
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
    plan = settle(family, requested, job.images, {})
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
        "output_type": "np",
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


@contextmanager
def _watching(cancelled: Callable[[], bool]) -> Iterator[None]:
    """Check for cancellation before every layer, without waiting for a step."""

    def look(_module: Any, _inputs: Any) -> None:
        if cancelled():
            raise EngineCancelled

    handle = register_module_forward_pre_hook(look)
    try:
        yield
    finally:
        handle.remove()


def _written(
    job: Job,
    loaded: Loaded,
    pipe: Any,
    made: Any,
    report: Report,
    cancelled: Callable[[], bool],
) -> Rendered:
    frames = _frames(made)
    height, width = (side - side % 2 for side in _rgb(frames[0]).shape[:2])
    planned = job.plan.parameters
    real = {"width": width, "height": height, "num_frames": len(frames)}
    notes = [] if real.items() <= planned.items() else [_OTHER_SIZE(**real)]
    p = {**planned, **real, "duration": len(frames) / planned["fps"]}

    def draw(index: int) -> VideoFrame:
        return from_rgb(np.ascontiguousarray(_rgb(frames[index])[:height, :width]))

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
    """Return the video's metadata, with only the name of a folder, since it may be shared."""
    source = str(p["model"])
    model = source if is_hub_id(source) else loaded.wanted.folder.name
    return facts_of(
        job,
        "diffusers",
        notes,
        {**p, "model": model},
        device=_device_name(loaded.device),
        precision=loaded.precision,
        offload=loaded.offload,
        tiling=loaded.tiling,
        versions={"diffusers": diffusers.__version__, "torch": torch.__version__},
    )


def _frames(made: Any) -> Any:
    """Return the first video's frames, an array or a list of images."""
    frames = getattr(made, "frames", None)
    if frames is None or len(frames) == 0 or len(frames[0]) == 0:
        raise EngineError(_NO_FRAMES, code="no_frames")
    return frames[0]


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
    "Out of GPU memory; generated again with less: offload is {offload}, decoded in tiles.",
    "显存不足，已改用更省显存的方式重新生成：offload 为 {offload}，分块解码。",
)
_OTHER_SIZE = Text(
    "The pipeline generated {num_frames} frames of {width}×{height} pixels.",
    "管线实际生成 {num_frames} 帧，尺寸为 {width}×{height}。",
)
_SOUND = Text("The video has sound generated by the model.", "视频包含模型生成的声音。")
_NO_FRAMES = Text("The pipeline returned no frames.", "管线没有输出任何画面。")
_NOT_FINITE = Text(
    "The model's numbers overflowed, which happens mostly in fp16. Try precision = 'bf16' or "
    "'fp32'.",
    "模型计算溢出，通常发生在 fp16。请尝试 precision = 'bf16' 或 'fp32'。",
)

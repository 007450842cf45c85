"""The ``diffusers`` engine: its capabilities and plans, based on the model's files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, Final

from ...errors import BadParameter, EngineError
from ...i18n import Text
from ...protocol.models import EngineInfo
from ..base import ComputeEngine, InputImage, Job, Place, Plan, Rendered, Report
from ..instances import Instance
from . import settings
from .model import Model, folder_of, lacking, read_model
from .pipeline_arguments import call_of
from .pipeline_families import Family, family_of
from .planning import LONGEST, RATIOS, RESOLUTIONS, settle
from .schedulers import unfit

PACKAGES: Final = ("torch", "diffusers", "transformers", "accelerate")


class DiffusersEngine(ComputeEngine):
    """One model on one GPU. The engine object in the worker process keeps the pipeline loaded."""

    kind: ClassVar[str] = "diffusers"
    heading: ClassVar[Text] = Text("Open model on this machine", "本机开源模型")
    silence_s: ClassVar[float] = 600.0  # one step of a large model at a large size
    stop_s: ClassVar[float] = 20.0
    warm_s: ClassVar[float] = 1800.0

    def __init__(self, instance: Instance | None = None) -> None:
        self.instance = instance or Instance(self.kind, self.kind)
        self.name = self.instance.name
        self.title = self._title()
        self._bench: Any = None  # what is loaded; its class needs torch

    @property
    def entry_point(self) -> str:
        """The entry point, shared by all instances; a job contains the settings."""
        return self.kind

    @property
    def place(self) -> str:
        """One worker process per GPU for all instances."""
        return f"gpu {self._setting('device', 'auto')}"

    def info(self, language: str) -> EngineInfo:
        missing = self._missing()
        family = None if missing else self._family()
        shortest, longest = (1.0, 10.0)
        if family is not None:
            shortest = round((family.frame_step + 1) / family.fps, 2)
            longest = round(LONGEST * family.frames / family.fps, 2)
        return EngineInfo(
            name=self.name,
            title=self.title.render(language),
            ready=missing is None,
            missing=missing and missing.render(language),
            modes=_modes(family),
            durations=(shortest, longest),
            ratios=list(RATIOS),
            resolutions=list(RESOLUTIONS),
            progress=True,
            cancel="always",
        )

    def plan(
        self, prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage] = ()
    ) -> Plan:
        missing = self._missing()
        if missing is not None:
            raise BadParameter(missing, code="engine_not_ready")
        own, extra = self._own(requested.get("extra", {}))
        family = self._family()
        requested = {**requested, "extra": extra}
        if family is None:  # its kind is known once it is here
            requested["extra"] = {**self._defaults(), **extra}
            return Plan({**own, "requested": requested}, requested.get("seed"), (_NOT_HERE,))
        scheduler, shift = own["scheduler"], own.get(settings.SHIFT)
        plan = settle(family, requested, images, self._defaults(), scheduler, shift)
        notes = (*plan.notes, *(() if has_gpu() else (_SLOW,)))
        return Plan({**plan.parameters, **own}, plan.seed, notes)

    def run(self, job: Job, report: Report, cancelled: Callable[[], bool]) -> Rendered:
        from .running import Bench  # torch and diffusers: seconds and gigabytes, workers only

        if self._bench is None:
            self._bench = Bench()
        rendered: Rendered = self._bench.make(job, report, cancelled)
        return rendered

    def _missing(self) -> Text | None:
        for place, wrong in self.mistakes():
            return _MISTAKE(name=self.name, place=_place(place[1:]), wrong=wrong)
        needed = (*PACKAGES, *settings.packages(self.instance.parameters))
        lacked = [name for name in needed if find_spec(name) is None]
        if lacked:
            return _PACKAGES(names=", ".join(lacked))
        source = self.instance.model
        if not source:
            return _NO_MODEL(name=self.name, variable=self.instance.variable("model"))
        try:
            folder = folder_of(source, self._replaced())
            if folder is None:
                return None
            model = read_model(folder)
        except EngineError as error:
            return error.text
        files = lacking(model, self._replaced())
        if files:
            return _FILES(folder=folder, files=", ".join(files[:3]))
        if call_of(model.pipeline) is None:
            return _UNKNOWN(pipeline=model.pipeline)
        family = family_of(model, call_of(model.pipeline) or {})
        if not _modes(family):
            return _NO_VIDEOS(pipeline=model.pipeline)
        scheduler = self._setting("scheduler", settings.CHOICES["scheduler"][0])
        return unfit(family.flow, scheduler, self._setting(settings.SHIFT, None))

    def mistakes(self) -> Iterator[tuple[Place, Text]]:
        for place, wrong in settings.mistakes(self.instance.parameters):
            yield ("parameters", *place), wrong

    def _replaced(self) -> list[str]:
        return [part for part in settings.TRANSFORMERS if part in self.instance.parameters]

    def _model(self) -> Model | None:
        folder = folder_of(self.instance.model or "", self._replaced())
        return None if folder is None else read_model(folder)

    def _family(self) -> Family | None:
        model = self._model()
        return None if model is None else family_of(model, call_of(model.pipeline) or {})

    def _own(self, extra: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Split ``extra`` into settings of the engine and arguments of the pipeline.

        Raises:
            BadParameter: a setting is invalid, or another model is requested.
        """
        model = self.instance.model
        if extra.get("model", model) != model:
            raise BadParameter(_OTHER_MODEL(name=self.name, model=model), code="model_not_set_up")
        fixed = next((name for name in settings.FIXED if name in extra), None)
        if fixed is not None:
            raise BadParameter(_FIXED(name=self.name, setting=fixed))
        given = {**self.instance.parameters, **extra}
        own = {name: given.get(name, choices[0]) for name, choices in settings.CHOICES.items()}
        own |= {name: given[name] for name in (settings.SHIFT, *settings.FIXED) if name in given}
        for _, wrong in settings.mistakes(own):
            raise BadParameter(wrong)
        rest = {n: v for n, v in extra.items() if n not in settings.OWN and n != "model"}
        return {"device": "auto", **own, "model": model}, rest

    def _setting(self, name: str, default: Any) -> Any:
        return self.instance.parameters.get(name, default)

    def _defaults(self) -> dict[str, Any]:
        return {n: v for n, v in self.instance.parameters.items() if n not in settings.OWN}

    def _title(self) -> Text:
        if self.instance.title:
            return Text.same(self.instance.title)
        model = (self.instance.model or "").rstrip("/")
        return Text.same(Path(model).name) if model else self.heading


def has_gpu() -> bool:
    """Return whether there is a device that is faster than the CPU."""
    if sys.platform != "linux":
        return True  # Apple's are in the chip; on Windows it is not known without torch
    return any(Path(device).exists() for device in ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg"))


def _modes(family: Family | None) -> list[str]:
    if family is None:
        return ["text", "image"]
    last = family.image if "last_image" in family.call(True) else None
    uses = {"text": family.words, "image": family.image, "last_frame": last}
    return [mode for mode, pipeline in uses.items() if pipeline]


def _place(place: Place) -> str:
    """Return where a mistake is, counting from 1: ``loras 2 scale``."""
    return " ".join(str(part + 1 if isinstance(part, int) else part) for part in place)


_PACKAGES = Text(
    "it needs {names}: install them with pip install 'videogen-nb[diffusers]' (in a clone: "
    "pip install -e '.[diffusers]'), then restart the gateway",
    "缺少 {names}：请运行 pip install 'videogen-nb[diffusers]'（在源码目录中："
    "pip install -e '.[diffusers]'），然后重启网关",
)
_NO_MODEL = Text(
    "it needs a model: set model under [{name}] in engines.toml, or {variable}, to a pipeline's "
    "folder or a model id on the hub, such as Wan-AI/Wan2.2-TI2V-5B-Diffusers",
    "缺少模型：请在 engines.toml 的 [{name}] 中设置 model（或环境变量 {variable}），"
    "值为管线文件夹或模型库 ID，例如 Wan-AI/Wan2.2-TI2V-5B-Diffusers",
)
_FILES = Text(
    "the model in {folder} is incomplete: missing {files}",
    "{folder} 中的模型不完整：缺少 {files}",
)
_UNKNOWN = Text(
    "the installed diffusers library does not support {pipeline}: upgrade it with pip install -U "
    "diffusers",
    "当前 diffusers 版本不支持 {pipeline}：请运行 pip install -U diffusers 升级",
)
_NO_VIDEOS = Text(
    "{pipeline} cannot generate videos from text or from an image",
    "{pipeline} 既不支持文生视频也不支持图生视频",
)
_OTHER_MODEL = Text(
    "The engine {name} uses the model {model}. To use another model, add another table to "
    "engines.toml and use its name as the engine.",
    "引擎 {name} 使用的模型是 {model}。"
    "如需其他模型，请在 engines.toml 中另加一个表，并以该表的名称作为引擎名。",
)
_FIXED = Text(
    "{setting} can only be set in engines.toml, under [{name}.parameters].",
    "{setting} 只能在 engines.toml 的 [{name}.parameters] 中设置。",
)
_MISTAKE = Text(
    "[{name}.parameters] in engines.toml, {place}: {wrong}",
    "engines.toml 的 [{name}.parameters] 中的 {place}：{wrong}",
)
_NOT_HERE = Text(
    "The model is not on this machine yet: its licence and size are shown before it is downloaded.",
    "模型尚未下载到本机：下载前会先显示其许可证与大小。",
)
_SLOW = Text(
    "There is no GPU: on the CPU, a real video model takes hours for one video.",
    "本机没有 GPU：用 CPU 运行真正的视频模型需要数小时。",
)

"""Schedulers for flow models, and the few steps of distilled ones."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final

from ...i18n import Text

#: ``auto`` is the model's own.
SCHEDULERS: Final = ("auto", "euler", "unipc", "lcm")
#: What distilled models are made for, where a request and the settings do not say otherwise.
FEW_STEPS: Final[Mapping[str, Any]] = {"num_inference_steps": 8, "guidance_scale": 1.0}
#: More than distilled models are made for.
_MANY_STEPS: Final = 12

_CLASSES: Final = {
    "euler": "FlowMatchEulerDiscreteScheduler",
    "unipc": "UniPCMultistepScheduler",
    "lcm": "FlowMatchLCMScheduler",
}


def is_flow(config: Mapping[str, Any]) -> bool:
    """Return whether a scheduler's settings are those of a flow model."""
    return (
        str(config.get("_class_name")).startswith("FlowMatch")
        or config.get("use_flow_sigmas") is True
        or config.get("prediction_type") == "flow_prediction"
    )


def unfit(flow: bool, name: str, shift: float | None) -> Text | None:
    """Return why a flow model, or a model of another kind, cannot use a scheduler or shift."""
    if flow or (name == SCHEDULERS[0] and shift is None):
        return None
    return _NO_FLOW(setting="flow_shift" if name == SCHEDULERS[0] else "scheduler")


def few_steps(name: str, call: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults for a scheduler that needs few steps, as far as ``call`` takes them."""
    return {n: v for n, v in FEW_STEPS.items() if n in call} if name == "lcm" else {}


def doubts(name: str, given: Mapping[str, Any]) -> list[Text]:
    """Return notes on arguments that do not suit a scheduler."""
    steps, guidance = (given.get(argument) for argument in FEW_STEPS)
    if name != "lcm" or not (
        (isinstance(steps, int) and steps > _MANY_STEPS)
        or (isinstance(guidance, (int, float)) and guidance > 1)
    ):
        return []
    return [_FEW]


def scheduler_of(own: Any, name: str, shift: float | None) -> Any:
    """Return a new scheduler for a pipeline; ``own`` provides what is not set here."""
    import diffusers

    if name == SCHEDULERS[0] and shift is None:
        return own
    kind = type(own) if name == SCHEDULERS[0] else getattr(diffusers, _CLASSES[name])
    changes: dict[str, Any] = {}
    if shift is not None:
        changes["use_dynamic_shifting"] = False  # else the shift follows from the size
    own_shift = own.config.get("flow_shift", own.config.get("shift"))
    if own_shift is not None or shift is not None:
        changes["shift"] = changes["flow_shift"] = own_shift if shift is None else shift
    if name == "unipc":
        changes |= {"prediction_type": "flow_prediction", "use_flow_sigmas": True}
    taken = inspect.signature(kind.__init__).parameters
    return kind.from_config(own.config, **{n: v for n, v in changes.items() if n in taken})


_NO_FLOW = Text(
    "{setting} does not suit this model, whose scheduler is not for flow models. Remove it from "
    "the settings.",
    "该模型的调度器不是流匹配类型，不能设置 {setting}，请删除该设置。",
)
_FEW = Text(
    "scheduler = 'lcm' is for models distilled to 4 to 8 steps without guidance "
    "(guidance_scale = 1).",
    "scheduler = 'lcm' 适用于蒸馏为 4 到 8 步的模型，且不使用引导（guidance_scale = 1）。",
)

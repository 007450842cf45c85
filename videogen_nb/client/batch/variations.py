"""Tables for variations of a prompt, and for more videos like one."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ...errors import BadParameter
from ...i18n import Text
from ...media.names import slug
from ...protocol.parameters import BY_NAME
from ...protocol.values import as_text
from .table import Cells, combinations

if TYPE_CHECKING:
    from ...protocol.models import VideoTask

SEEDS: Final = 2**31  # every engine takes seeds below this
_ALTERNATIVES: Final = re.compile(r"\{([^{}]*\|[^{}]*)\}")


def variations(prompt: str, n: int | None, given: Mapping[str, Any]) -> list[Cells]:
    """Return ``n`` rows: every combination in turn, each time with a different seed.

    Args:
        prompt: with alternatives in braces: ``"a {calm|stormy} sea"``.
        n: None = every combination once, or 9 if there is only one.
        given: parameters; every value of a list is used.

    Raises:
        BadParameter: ``n`` is not a number above 0.
    """
    told = _combined(prompt, given)
    count = n if n is not None else (len(told) if len(told) > 1 else 9)
    return _seeded(told, count, 0)


def like(task: VideoTask, n: int, changes: Mapping[str, Any]) -> list[Cells]:
    """Return ``n`` rows with a task's request, new seeds and ``changes``.

    Raises:
        BadParameter: its gateway does not report the request.
    """
    if task.prompt is None or task.requested is None:
        raise BadParameter(_NOT_TOLD(id=task.id))
    asked = {**task.requested, "engine": task.engine, "parent": str(task.id)}
    asked.pop("seed", None)
    images = [image.model_dump(mode="json", exclude_none=True) for image in task.images]
    constants = {**asked, **({"images": images} if images else {})}
    prompt = changes.get("prompt", task.prompt)
    rest = {name: value for name, value in changes.items() if name != "prompt"}
    return _seeded(_combined(prompt, {**constants, **rest}), n, task.seed or 0)


def alternatives(prompt: str) -> list[str]:
    """Return every version of a prompt with alternatives in braces, the last changing fastest."""
    parts = _ALTERNATIVES.split(prompt)
    choices = [part.split("|") if place % 2 else [part] for place, part in enumerate(parts)]
    return ["".join(words) for words in itertools.product(*choices)]


def name_of(prompt: str) -> str:
    """Return the name of the batch for a prompt's variations."""
    return f"variations-{slug(prompt)}"


def _combined(prompt: str, given: Mapping[str, Any]) -> list[Cells]:
    axes = {name: value for name, value in given.items() if _is_axis(name, value)}
    if empty := [name for name, values in axes.items() if not values]:
        raise BadParameter(_NO_VALUES(name=empty[0]))
    constants = {name: value for name, value in given.items() if name not in axes}
    return [
        {"prompt": words, **constants, **row}
        for words in alternatives(as_text("prompt", prompt) or "")
        for row in combinations(axes)
    ]


def _seeded(rows: Sequence[Cells], n: int, base: int) -> list[Cells]:
    """Return ``n`` rows in turn; those without a seed get one, a different one each time."""
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise BadParameter(_COUNT(n=n))
    return [
        {"seed": (base + 1 + place // len(rows)) % SEEDS, **rows[place % len(rows)]}
        for place in range(n)
    ]


def _is_axis(name: str, value: Any) -> bool:
    listed = isinstance(value, list | tuple | range)
    return listed and name != "images" and (name not in BY_NAME or BY_NAME[name].kind != "list")


_NO_VALUES = Text(
    "{name}=[] contains no values. Add some, or omit it.",
    "{name}=[] 中没有任何值。请添加，或不传该参数。",
)
_NOT_TOLD = Text(
    "The gateway does not report what task {id} requested, so it cannot be varied.",
    "网关没有提供任务 {id} 的请求内容，无法生成类似的视频。",
)
_COUNT = Text("Invalid n: {n!r}. Use a number above 0.", "n={n!r} 无效：应为大于 0 的整数。")

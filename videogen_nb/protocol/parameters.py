"""Generation parameters: the table used by client, gateway, terminal, magics and panels.

To add one, add it to :class:`Parameters`, to :data:`PARAMETERS` and to
:class:`~videogen_nb.protocol.models.GenerateRequest`; a test keeps the three consistent.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict, TypeVar

from ..errors import BadParameter
from ..i18n import Text
from .filters import FilterArguments

if TYPE_CHECKING:
    from .models import Attachment

Kind = Literal["text", "number", "integer", "boolean", "list", "object"]
Function = TypeVar("Function", bound=Callable[..., Any])


class Parameters(TypedDict, total=False):
    """Create parameters besides prompt and images; None or absent = the engine's default."""

    engine: str | None
    duration: float | None
    ratio: str | None
    resolution: str | None
    fps: float | None
    seed: int | None
    caption: bool | None
    extra: Mapping[str, Any] | None
    group: str | None
    parent: str | None
    labels: Sequence[str] | None
    notify: str | None


class CreateArguments(Parameters, total=False):
    """All arguments of ``create_task`` besides the prompt."""

    attachment: Attachment | Mapping[str, Any] | None
    image_url: str | None
    images: Sequence[Any] | None
    after: Any
    at: float | None
    guest: bool
    conversation_id: str | None
    section_id: str | None
    again: bool
    idempotency_key: str | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One generation parameter.

    ``planned`` says whether it is passed to :meth:`videogen_nb.engines.base.Engine.plan`; others
    are handled by the gateway. ``metavar`` is its placeholder in help texts.
    """

    name: str
    kind: Kind
    text: Text
    metavar: str
    planned: bool = True


PARAMETERS: Final = (
    Parameter(
        "engine",
        "text",
        Text("engine that generates the video", "使用的引擎"),
        "NAME",
        planned=False,
    ),
    Parameter("duration", "number", Text("length in seconds", "时长（秒）"), "SECONDS"),
    Parameter(
        "ratio",
        "text",
        Text("aspect ratio: 16:9, 9:16, 1:1", "宽高比，如 16:9、9:16、1:1"),
        "W:H",
    ),
    Parameter(
        "resolution",
        "text",
        Text("480p, 720p or 1080p", "分辨率，如 480p、720p、1080p"),
        "NAME",
    ),
    Parameter("fps", "number", Text("frames per second", "帧率"), "N"),
    Parameter(
        "seed",
        "integer",
        Text("whole number; the same seed gives the same video", "整数，种子相同则视频相同"),
        "N",
    ),
    Parameter(
        "caption",
        "boolean",
        Text("caption the video with what was not drawn", "用文字标出未绘制的内容"),
        "YES",
    ),
    Parameter("extra", "object", Text("the engine's own parameters", "引擎专有的参数"), "JSON"),
    Parameter(
        "group", "text", Text("group to find tasks by", "分组名称，便于查找"), "NAME", planned=False
    ),
    Parameter(
        "parent",
        "text",
        Text("id of the task that this one continues", "所接续任务的 ID"),
        "ID",
        planned=False,
    ),
    Parameter(
        "labels", "list", Text("labels to find tasks by", "标签，便于查找"), "WORDS", planned=False
    ),
    Parameter(
        "notify",
        "text",
        Text("webhook to call when the task has finished", "任务结束时调用的 webhook"),
        "URL",
        planned=False,
    ),
)
#: What reads a value that is written in one word; the other kinds are not.
READERS: Final[Mapping[str, type]] = {"text": str, "number": float, "integer": int}
BY_NAME: Final = {parameter.name: parameter for parameter in PARAMETERS}
NAMES: Final = tuple(BY_NAME)
PLANNED: Final = tuple(parameter.name for parameter in PARAMETERS if parameter.planned)
#: What ``create_task`` takes beside the prompt and the parameters.
ARGUMENTS: Final = tuple(
    name for name in CreateArguments.__annotations__ if name not in Parameters.__annotations__
)


def check_names(names: Iterable[str]) -> None:
    """Raise BadParameter for names that ``create_task`` does not accept, with a suggestion."""
    for name in names:
        if name not in (*NAMES, *ARGUMENTS):
            near = difflib.get_close_matches(name, NAMES, n=1)
            hint = _MEANT(name=near[0]) if near else ""
            raise BadParameter(_UNKNOWN(name=name[:80], hint=hint, known=", ".join(NAMES)))


def planned(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ``values`` that are passed to an engine; None counts as absent."""
    return {name: values[name] for name in PLANNED if values.get(name) is not None}


def expand(function: Function) -> Function:
    """Replace ``**parameters`` in a signature with their names, for ``help()`` and completion."""
    signature = inspect.signature(function)
    kept = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    taken = {p.name for p in kept}
    (caught,) = (p for p in signature.parameters.values() if p.kind is p.VAR_KEYWORD)
    named = [kind for kind in _SOURCES if kind.__name__ in str(caught.annotation)]
    source = named[0] if named else Parameters
    more = [
        inspect.Parameter(name, caught.KEYWORD_ONLY, default=None, annotation=hint.__forward_arg__)
        for name, hint in source.__annotations__.items()
        if name not in taken
    ]
    vars(function)["__signature__"] = signature.replace(parameters=[*kept, *more])
    return function


_SOURCES: Final = (CreateArguments, FilterArguments)

_UNKNOWN: Final = Text(
    "Unknown parameter {name!r}.{hint} Available: {known}. Pass engine-specific parameters "
    "in extra={{…}}.",
    "没有参数 {name!r}。{hint}可用参数：{known}。仅某个引擎支持的参数请放入 extra={{…}}。",
)
_MEANT: Final = Text(" Did you mean {name!r}?", "你是否想用 {name!r}？")

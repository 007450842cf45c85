"""Arguments of the tools: models for their JSON schemas and for parsing calls.

Descriptions and results are always in English, since they are an interface for models.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from ....errors import BadParameter
from ....i18n import Text
from ....media.images.from_text import is_data_url, is_url
from ....protocol.models import TaskId
from ....protocol.parameters import PARAMETERS
from ....protocol.prompts import MAX_PROMPT

WAIT_S: Final = 45.0  # hosts give a tool about a minute
_KINDS: Final[Mapping[str, Any]] = {
    "text": str,
    "number": float,
    "integer": int,
    "boolean": bool,
    "list": list[str],
    "object": dict[str, Any],
}


class Arguments(BaseModel):
    """The base class: unknown arguments are refused."""

    model_config = ConfigDict(extra="forbid")


def _optional(kind: Any, description: str) -> Any:
    return (kind | None, Field(None, description=description))


#: A request for a video: the prompt, an image, and the table of generation parameters.
Request: type[Arguments] = create_model(
    "Request",
    __base__=Arguments,
    prompt=(str, Field(description=f"what to show, 1 to {MAX_PROMPT:,} characters")),
    image=_optional(
        str,
        "first frame: a URL (http, https or data:) or, with `videogen-nb mcp`, the path of a file",
    ),
    after=_optional(str, "id of a completed task: start from its last frame"),
    **{p.name: _optional(_KINDS[p.kind], p.text.en) for p in PARAMETERS},
)
_COST: Final = _optional(
    str, "required for a paid video: the `cost` returned by estimate, verbatim (“1.63 CNY”)"
)
Create: type[Arguments] = create_model(
    "Create",
    __base__=Request,
    key=(
        str,
        Field(
            description="a key of your choice. The same key and request return the same task, so "
            "a call whose response was lost can be repeated",
            min_length=1,
            max_length=200,
        ),
    ),
    expected_cost=_COST,
    again=_optional(bool, "generate again even if a paid engine got the same request"),
)
Row: type[Arguments] = create_model(
    "Row",
    __base__=Request,
    key=_optional(str, "a key of your choice, unique in the table"),
)


class Batch(Arguments):
    """A table of videos."""

    name: str = Field(description="calling again with the same name and row returns the same task")
    rows: list[Row] = Field(min_length=1, max_length=200)
    expected_cost: str | None = Field(
        None, description="required for paid videos: the `cost` returned by a dry run, verbatim"
    )
    dry_run: bool = Field(False, description="create nothing; return cost, time and refused rows")
    notify: str | None = Field(None, description="webhook to call when all rows have ended")


class OneTask(Arguments):
    """One task."""

    id: str = Field(description="the id returned by create")

    def task_id(self) -> TaskId:
        """Return the two numbers of the id. Raises BadParameter if it is not an id."""
        return read_id(self.id)


class Some(Arguments):
    """A task, a batch, or neither."""

    id: str | None = Field(None, description="a task's id")
    batch: str | None = Field(None, description="a batch's name")


class Wait(Some):
    """How long to wait, and for what."""

    seconds: float = Field(WAIT_S, ge=0, description="at most 45")


class Nothing(Arguments):
    """No arguments."""


def read(model: type[Arguments], given: Mapping[str, Any] | None) -> Any:
    """Parse a call's arguments. Raises BadParameter if they are invalid."""
    try:
        return model.model_validate(dict(given or {}))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "arguments"
        raise BadParameter(_ARGUMENT(where=where, what=first["msg"]), code="malformed") from None


def read_id(words: str) -> TaskId:
    """Return a task's two numbers. Raises BadParameter if it is not an id."""
    try:
        return TaskId.parse(words)
    except ValueError:
        raise BadParameter(_ID(id=words[:80]), code="malformed") from None


def body_of(request: Any) -> dict[str, Any]:
    """Return the arguments as the body of a create request."""
    body: dict[str, Any] = request.model_dump(
        exclude_none=True, exclude={"image", "after", "expected_cost"}
    )
    if request.image is not None:
        given = request.image
        in_text = is_url(given) or is_data_url(given)
        body |= {"image_url": given} if in_text else {"image_attachment": {"key": given}}
    if request.after is not None:
        task = read_id(request.after)._asdict()
        body["images"] = [{"task": task, "frame": "last", "role": "first"}]
    return body


_ARGUMENT = Text("{where}: {what}", "{where}：{what}")
_ID = Text("{id!r} is not a task id.", "{id!r} 不是任务 ID。")

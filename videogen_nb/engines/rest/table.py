"""The schema of providers' tables, with errors by line.

A TOML table describes how to create, poll, download, cancel and list tasks at one provider, and
what its responses mean. docs/engines/rest.md explains every setting.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ..authentication import Scheme
from ..error_codes import VERDICTS
from .expressions import Expression, Template, Tree
from .toml_lines import in_toml_words, line_of

Role = Literal["first", "last", "reference"]
Read = Annotated[Expression, BeforeValidator(Expression)]
Path = Annotated[Template, BeforeValidator(Template)]
Body = Annotated[Tree, BeforeValidator(Tree)]
Where = Literal["queued", "running", "succeeded", "failed", "cancelled", "gone"]


class Part(BaseModel):
    """A part of a table; unknown settings are errors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, protected_namespaces=()
    )


class Key(Part):
    """Where to get a key, and how to send it."""

    get: str
    variable: str | None = None
    header: str = "Authorization"
    value: str = "Bearer {key}"
    query: str | None = None
    signed: bool = False

    @property
    def scheme(self) -> Scheme:
        """How to send it."""
        return Scheme(self.header, self.value, self.query, self.signed)


class Map(Part):
    """A mapping of values; ``strict``: unlisted values are refused."""

    of: Read
    values: dict[str, Any]
    strict: bool = False


class Create(Part):
    """A create request; the first whose ``when`` holds is used."""

    when: Read | None = None
    path: Path | None = None
    model: str | None = None
    images: tuple[Role, ...] = ()
    body: Body = Tree({})


class Ask(Part):
    """A GET request: URL and query."""

    url: Path
    params: dict[str, Path] = {}


class Poll(Ask):
    """Polling, with the provider's names for states."""

    state: Read
    queued: tuple[Any, ...] = ()
    succeeded: tuple[Any, ...]
    failed: tuple[Any, ...] = ()
    cancelled: tuple[Any, ...] = ()
    gone: tuple[Any, ...] = ()
    progress: Read | None = None
    progress_of: float = 1.0
    link: Read | None = None
    carry: Read | None = None
    usage: Read | None = None
    cost: Read | None = None
    facts: Read | None = None


class Result(Ask):
    """A second request for a finished task; the listed statuses mean that it failed."""

    link: Read
    failed_by: tuple[int, ...] = ()


class Cancel(Ask):
    """How to cancel a task, in which states, and in which it is still charged."""

    method: Literal["POST", "PUT", "DELETE"] = "POST"
    during: tuple[Literal["queued", "running"], ...] = ("queued", "running")
    done: Read | None = None
    charged: tuple[Literal["queued", "running"], ...] = ()


class Listing(Ask):
    """The provider's task list, used to find a lost task."""

    items: Read
    handle: Read | None = None
    created: Read
    prompt: Read | None = None


class Errors(Part):
    """The meaning of errors: a final ``*`` matches any ending."""

    refused_if: Read | None = None
    code: Read | None = None
    text: Read | None = None
    moderation: tuple[str, ...] = ()
    quota: tuple[str, ...] = ()
    busy: tuple[str, ...] = ()
    key_refused: tuple[str, ...] = ()
    model_unknown: tuple[str, ...] = ()
    not_allowed: tuple[str, ...] = ()
    bad_parameter: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    fault: tuple[str, ...] = ()

    @property
    def codes(self) -> dict[str, tuple[str, ...]]:
        """The provider's codes grouped by meaning."""
        return {v: codes for v in VERDICTS if (codes := getattr(self, v, ()))}


class Table(Part):
    """One provider."""

    title: str
    title_zh: str | None = None
    base: str = Field(pattern=r"^https?://[^/?#@\s]+(/[^?#@\s]*[^/?#@\s])?$")
    other_bases: dict[str, str] = {}
    site: str
    billed: Literal["second", "video", "credit", "model"]
    key: Key
    headers: dict[str, str] = {}
    create_headers: dict[str, str] = {}
    idempotency: str | None = None
    images: Literal["data_url", "base64"] = "data_url"
    image_bytes: int | None = None
    roles: dict[Role, str] = {}
    ratios: tuple[str, ...] = ()
    resolutions: tuple[str, ...] = ()
    seconds: tuple[int, ...] = ()
    defaults: dict[Literal["duration", "ratio", "resolution"], Any] = {}
    poll_s: float = 5.0
    links_s: float | None = None
    tasks_s: float = 24 * 3600.0
    path: Path | None = None
    body: Body = Tree({})
    extra_into: str | None = None
    maps: dict[str, Map] = {}
    handle: Read
    create: tuple[Create, ...] = Field(min_length=1)
    poll: Poll
    result: Result | None = None
    cancel: Cancel | None = None
    list: Listing | None = None
    errors: Errors = Errors()


#: What expressions of a request can name, beside the maps.
CONTEXT: Final = frozenset(
    {"prompt", "model", "duration", "ratio", "resolution", "seed", "fps", "key_name"}
    | {"images", "first", "last", "references"}
)


@dataclass(frozen=True, slots=True)
class Problem:
    """An error in a table and its line; 0 = the whole table."""

    line: int
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}" if self.line else self.what


class BadTable(ValueError):
    """A table is invalid; ``problems`` says why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems[:3])))
        self.problems = problems


def read_table(source: str) -> Table:
    """Parse a table from TOML text.

    Raises:
        BadTable: it is invalid.
    """
    try:
        told = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise BadTable([Problem(0, str(error))]) from None
    try:
        table = Table.model_validate(told)
    except ValidationError as error:
        raise BadTable([_problem(source, one) for one in error.errors()]) from None
    if problems := [Problem(line_of(source, path), what) for path, what in _mistakes(table)]:
        raise BadTable(problems)
    return table


def _problem(source: str, error: Any) -> Problem:
    path, what = tuple(error["loc"]), in_toml_words(error["msg"].removeprefix("Value error, "))
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, ValueError) and len(cause.args) == 2:  # somewhere in a tree
        path, what = (*path, *cause.args[1]), cause.args[0]
    if error["type"] == "extra_forbidden":
        near = get_close_matches(str(path[-1]), _settings(path), n=1)
        what = f"unknown setting {path[-1]}" + (f"; did you mean {near[0]}?" if near else "")
    return Problem(line_of(source, path), f"{'.'.join(map(str, path))}: {what}")


def _settings(path: tuple[Any, ...]) -> list[str]:
    parts: dict[Any, type[Part]] = {
        "key": Key, "create": Create, "poll": Poll, "result": Result, "cancel": Cancel,
        "list": Listing, "errors": Errors, "maps": Map,
    }  # fmt: skip
    return list((parts.get(path[0], Table) if len(path) > 1 else Table).model_fields)


def _mistakes(table: Table) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Return errors that the schema cannot detect."""
    if table.base.startswith("http://"):
        yield ("base",), "use https"
    known = CONTEXT | table.maps.keys()
    for path, expression in _written(table):
        for name in sorted(expression.names - known):
            near = get_close_matches(name, known, n=1)
            yield path, f"unknown name {name}" + (f"; did you mean {near[0]}?" if near else "")
    for n, create in enumerate(table.create):
        template = create.path or table.path
        if template is None:
            yield ("create", n), "set path here, or for all at the top"
        elif extra := sorted(template.names - known):
            yield ("create", n, "path"), f"unknown name {extra[0]}"
    handle = {"id", "path", *table.handle.keys}
    for name in ("poll", "cancel", "result"):
        ask: Ask | None = getattr(table, name)
        carried = table.poll.carry.keys if table.poll.carry and name == "result" else set()
        for extra_name in sorted(ask.url.names - handle - carried) if ask else ():
            yield (name, "url"), f"the handle has no {extra_name}"
    if table.result is None and table.poll.link is None:
        yield ("poll",), "set link, or a [result] with one"
    if "{key}" not in table.key.value:
        yield ("key", "value"), "it has to hold {key}"


def _written(table: Table) -> Iterator[tuple[tuple[Any, ...], Expression]]:
    """Yield the expressions that build requests, with their paths."""
    yield from ((("body", *path), one) for path, one in table.body.expressions())
    for name, one in table.maps.items():
        yield ("maps", name, "of"), one.of
    for n, create in enumerate(table.create):
        if create.when is not None:
            yield ("create", n, "when"), create.when
        yield from ((("create", n, "body", *path), e) for path, e in create.body.expressions())

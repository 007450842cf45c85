"""Reading a create of ``/v1/videos``: a form or JSON, bounded, as the same fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import Message, Receive

from ....media.images import MAX_BYTES
from ....protocol.parameters import PARAMETERS
from ...refusal import Refusal
from ..bodies import MAX_JSON, read_body, read_json

#: An image as a data URL is a third longer than its bytes.
MAX_CREATE: Final = MAX_JSON + MAX_BYTES * 4 // 3
IMAGE: Final = "input_reference"

_FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")
_NAME: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\]){0,5})")
_PLAIN: Final = re.compile(r"-?\d{1,15}(\.\d{1,15})?|true|false|null")
#: Fields that are words, even where they look like numbers.
_WORDS: Final = {"prompt", "model", "size", "labels"} | {
    parameter.name for parameter in PARAMETERS if parameter.kind == "text"
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A create as it came: its fields, and the image where it came as a file."""

    fields: dict[str, Any]
    image: bytes | None = None
    image_name: str | None = None


async def read_create(request: Request) -> Sent:
    """What a create says.

    Raises:
        Refusal: it is too large, cut short, or neither a form nor a JSON object.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _FORMS:
        return await _read_form(request)
    fields = await read_json(request, MAX_CREATE)
    if not isinstance(fields, dict):
        raise Refusal(422, "not_json", why="an object is expected")
    return Sent(fields)


async def _read_form(request: Request) -> Sent:
    whole = Request(request.scope, _replay(await read_body(request, MAX_CREATE)))
    image: UploadFile | None = None
    words: list[tuple[str, str]] = []
    async with whole.form(max_files=2, max_fields=200, max_part_size=MAX_CREATE) as form:
        for name, value in form.multi_items():
            if isinstance(value, str):
                words.append((name, value))
            elif name == IMAGE and image is None:
                image = value
            else:
                raise Refusal(422, "malformed", where=name[:100], what=_NO_FILE)
        data = await image.read() if image else None
        return Sent(unfold(words), data, image.filename if image else None)


def unfold(words: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The flat names of a form as nested fields: ``extra[scene]``, ``labels[]``.

    A form knows words only; what reads as a number, a truth value or null becomes one, but in
    fields that are words anyway.
    """
    fields: dict[str, Any] = {}
    for name, word in words:
        match = _NAME.fullmatch(name)
        path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])] if match else [name]
        _put(fields, path, word if path[0] in _WORDS else _plain(word))
    return fields


def _put(fields: dict[str, Any], path: list[str], value: Any) -> None:
    *way, last = path
    place: Any = fields
    listed = bool(way) and not last
    if listed:
        *way, last = way
    for step in way:
        place = place.setdefault(step, {})
        if not isinstance(place, dict):
            raise Refusal(422, "malformed", where=path[0][:100], what=_TWO_KINDS)
    if not listed:
        place[last] = value
        return
    values = place.setdefault(last, [])
    if not isinstance(values, list):
        raise Refusal(422, "malformed", where=path[0][:100], what=_TWO_KINDS)
    values.append(value)


def _plain(word: str) -> Any:
    return json.loads(word) if _PLAIN.fullmatch(word) else word


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


_NO_FILE: Final = "no file is expected here"
_TWO_KINDS: Final = "given as one value and as several"

"""Parsing create requests of ``/v1/videos``, forms or JSON, within limits.

Only the image in a body may be large: everything else is limited like any other JSON before it is
parsed.
"""

from __future__ import annotations

import binascii
import json
import re
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request

from ....errors import BadImage
from ....i18n import Text
from ....media.images import MAX_BYTES
from ....media.images.from_text import bytes_in
from ....protocol.parameters import PARAMETERS
from ...refusals import Refusal
from ...threads import in_thread
from ..bodies import MAX_JSON, arriving, check_is_json, content_type, parse_json, too_large
from .form import MULTIPART, URLENCODED, Part, read_form

#: An image as a data URL is a third longer than its bytes.
MAX_CREATE: Final = MAX_JSON + MAX_BYTES * 4 // 3
IMAGE: Final = "input_reference"

_LONG: Final = 64 * 1024  # a longer data URL is taken out of the JSON before that is read
_NAME: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\]){0,5})")
_PLAIN: Final = re.compile(r"-?\d{1,15}(\.\d{1,15})?|true|false|null")
#: Fields that are words, even where they look like numbers.
_WORDS: Final = {"prompt", "model", "size", "labels"} | {
    parameter.name for parameter in PARAMETERS if parameter.kind == "text"
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A parsed create request: its fields, and the image, if included."""

    fields: dict[str, Any]
    image: bytes | None = None
    image_name: str | None = None


@asynccontextmanager
async def arriving_create(request: Request) -> AsyncIterator[Sent]:
    """Parse a create request; its image counts as in flight for the sender until the block ends.

    Raises:
        Refusal: it is too large, truncated, or neither a form nor a JSON object.
        BadImage: a data URL is empty.
    """
    is_form = content_type(request) in (MULTIPART, URLENCODED)
    if not is_form:
        check_is_json(request)
    async with arriving(request, MAX_CREATE) as body:
        told = request.headers.get("content-type", "")
        sent = await in_thread(_read_form if is_form else _read_json, body.data, told)
        body.data = b""
        yield sent


def decode_data_url(data: bytes, begin: int = 0, end: int | None = None) -> bytes:
    """Return the bytes of the data URL in ``data``, in JSON notation.

    Raises:
        BadImage: it is empty.
    """
    end = len(data) if end is None else end
    comma = data.find(b",", begin, min(end, begin + 200))
    if comma >= 0 and data[begin:comma].lower().endswith(b";base64"):
        escaped = data.find(b"\\", comma, end) >= 0
        packed = memoryview(data)[comma + 1 : end]
        try:
            image = binascii.a2b_base64(
                bytes(packed).replace(b"\\/", b"/") if escaped else packed, strict_mode=True
            )
        except binascii.Error:
            image = b""
        if image:
            return image
    return _decode_loosely(data[begin:end])


def _decode_loosely(url: bytes) -> bytes:
    """Return the bytes of an unusual data URL (wrapped, percent-encoded …)."""
    try:
        text = json.loads(b'"' + url + b'"') if b"\\" in url else url.decode("latin-1")
        image = bytes_in(text)
    except (ValueError, BadImage):
        image = None
    if not image:
        raise BadImage(_NO_DATA, code="reference_invalid")
    return image


def _read_json(body: bytes, _: str) -> Sent:
    begin, end = _long_url(body)
    if len(body) - (end - begin) > MAX_JSON:
        raise too_large(MAX_JSON if end else MAX_CREATE)
    name = f"data:{secrets.token_hex(16)}"
    fields = parse_json(body[:begin] + name.encode() + body[end:] if end else body)
    if not isinstance(fields, dict):
        raise Refusal("not_json", why="an object is expected")
    if not end:
        return Sent(fields)
    reference = fields.pop(IMAGE, None)
    if name not in (reference, reference.get("image_url") if isinstance(reference, dict) else None):
        raise too_large(MAX_JSON)  # only the image may be so long
    return Sent(fields, decode_data_url(body, begin, end))


def _long_url(body: bytes) -> tuple[int, int]:
    """Return the position of the first long data URL in JSON, or (0, 0).

    In JSON an opening quote never follows a backslash, and a data URL contains no quote.
    """
    end = 0
    while (at := body.find(b'"data:', end)) >= 0 and at <= MAX_JSON:
        end = max(body.find(b'"', at + 1), at + 1)
        if end - at > _LONG and body[at - 1 : at] != b"\\":
            return at + 1, end
    return 0, 0


def _read_form(body: bytes, content_type: str) -> Sent:
    words: list[Part] = []
    image: Part | None = None
    for part in read_form(body, content_type):
        is_image = part.name == IMAGE and (part.file_name is not None or len(part.data) > _LONG)
        if is_image and image is None:
            image = part
        elif part.file_name is None:
            words.append(part)
        else:
            raise Refusal("malformed", where=part.name[:100], what=_NO_FILE)
    if sum(len(part.data) for part in words) > MAX_JSON:
        raise too_large(MAX_JSON)
    fields = unfold((part.name, part.words) for part in words)
    if image is None:
        return Sent(fields)
    data = bytes(image.data)
    return Sent(fields, decode_data_url(data) if image.file_name is None else data, image.file_name)


def unfold(words: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Convert flat form names to nested fields: ``extra[scene]``, ``labels[]``.

    A name that is repeated is a list, with or without brackets: clients differ. Forms contain only
    strings; numbers, booleans and null are recognized, except in text fields.
    """
    words = list(words)
    times = Counter(name for name, _ in words)
    fields: dict[str, Any] = {}
    for name, word in words:
        match = _NAME.fullmatch(name)
        path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])] if match else [name]
        if path[-1] and (times[name] > 1 or path == ["labels"]):
            path.append("")
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
            raise Refusal("malformed", where=path[0][:100], what=_TWO_KINDS)
    if not listed:
        place[last] = value
        return
    values = place.setdefault(last, [])
    if not isinstance(values, list):
        raise Refusal("malformed", where=path[0][:100], what=_TWO_KINDS)
    values.append(value)


def _plain(word: str) -> Any:
    return json.loads(word) if _PLAIN.fullmatch(word) else word


_NO_FILE: Final = "no file is expected here"
_TWO_KINDS: Final = "given as one value and as several"
_NO_DATA = Text(
    "The data URL in input_reference contains no data.",
    "input_reference 的 data URL 中没有数据。",
)

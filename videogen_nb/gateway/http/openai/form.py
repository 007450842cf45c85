"""Parsing web forms within limits (RFC 7578, WHATWG URL)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Final
from urllib.parse import parse_qsl

from ...refusals import Refusal
from ..bodies import MAX_JSON, too_large

MULTIPART: Final = "multipart/form-data"
URLENCODED: Final = "application/x-www-form-urlencoded"

_MAX_PARTS: Final = 200
_MAX_HEAD: Final = 8 * 1024  # bytes of one part's headers


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a form; ``file_name`` is None unless it is a file."""

    name: str
    data: memoryview
    file_name: str | None = None

    @property
    def words(self) -> str:
        """Return the field's text. Raises Refusal (422) if it is not UTF-8."""
        try:
            return str(self.data, "utf-8")
        except UnicodeDecodeError:
            raise malformed(f"the field {self.name[:100]!r} is not UTF-8") from None


def read_form(body: bytes, content_type: str) -> list[Part]:
    """Return the fields of a form in order, without copying.

    Raises:
        Refusal: 422 if it is not a form, 413 if it has too many fields.
    """
    if content_type.partition(";")[0].strip().lower() == URLENCODED:
        return _urlencoded(body)
    parts = []
    for head, data in _sections(body, _boundary(content_type)):
        parts.append(_part(head, data))
        if len(parts) > _MAX_PARTS:
            raise too_large(MAX_JSON)
    return parts


def malformed(what: str) -> Refusal:
    """Return a Refusal (422)."""
    return Refusal("malformed", where="body", what=what)


def _urlencoded(body: bytes) -> list[Part]:
    if len(body) > MAX_JSON:
        raise too_large(MAX_JSON)
    try:
        pairs = parse_qsl(
            str(body, "utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARTS
        )
    except ValueError as error:
        raise malformed(f"not a form: {str(error)[:100]}") from None
    return [Part(name, memoryview(value.encode())) for name, value in pairs]


def _boundary(content_type: str) -> bytes:
    message = Message()
    message["Content-Type"] = content_type
    boundary = message.get_boundary("").encode("latin-1", "replace")
    if not 1 <= len(boundary) <= 70:
        raise malformed("the form's Content-Type names no boundary")
    return boundary


def _sections(body: bytes, boundary: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Split a form into the headers and data of each part."""
    view = memoryview(body)
    mark = b"--" + boundary
    at = 0 if body.startswith(mark) else body.find(b"\r\n" + mark) + 2
    while at >= 2 or body.startswith(mark):
        at += len(mark)
        if body.startswith(b"--", at):
            return
        begin = body.find(b"\r\n", at, at + 100) + 2  # white space may follow the mark
        middle = body.find(b"\r\n\r\n", begin, begin + _MAX_HEAD)
        end = body.find(b"\r\n" + mark, middle + 4)
        if begin < 2 or middle < 0 or end < 0:
            break
        yield body[begin:middle], view[middle + 4 : end]
        at = end + 2
    raise malformed("the form is cut short or does not fit its boundary")


def _part(head: bytes, data: memoryview) -> Part:
    message = message_from_string(head.decode("utf-8", "replace"))
    name = _parameter(message, "name")
    if name is None or message.get_content_disposition() != "form-data":
        raise malformed("a part of the form has no name")
    return Part(name, data, _parameter(message, "filename"))


def _parameter(message: Message, name: str) -> str | None:
    value = message.get_param(name, header="content-disposition")
    return None if value is None else collapse_rfc2231_value(value)

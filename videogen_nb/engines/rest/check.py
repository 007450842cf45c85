"""Checking a provider's table offline: errors, and the requests it would send."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...errors import BadInput
from ...i18n import Text
from ..base import InputImage
from ..instances import Instance
from .request import plan, write
from .table import Table

_LONGEST: Final = 60  # characters of a value that is shown
_KEY_NAME: Final = "00000000-0000-4000-8000-000000000000"

#: What is tried, and the images of each.
_CASES: Final[tuple[tuple[Text, tuple[Any, ...]], ...]] = (
    (Text("text", "文生视频"), ()),
    (Text("first frame", "首帧"), ("first",)),
    (Text("first and last frame", "首尾帧"), ("first", "last")),
    (Text("reference image", "参考图"), ("reference",)),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """The request for one kind of input; ``refused`` says why there is none."""

    case: Text
    url: str = ""
    headers: dict[str, str] | None = None
    body: Any = None
    refused: Text | None = None


def samples(table: Table, instance: Instance) -> Iterator[Sample]:
    """Return sample requests with and without images. Opens no connection."""
    base = (instance.url or table.base).rstrip("/")
    asked = {"duration": 5, "seed": 7, **_first("ratio", table.ratios)}
    asked |= _first("resolution", table.resolutions)
    with tempfile.TemporaryDirectory() as folder:
        for case, roles in _CASES:
            images = [_image(Path(folder), role) for role in roles]
            try:
                parameters = plan(
                    table, asked, images, instance.parameters, instance.model
                ).parameters
                sent = write(table, "a paper boat", parameters, images, _KEY_NAME)
            except BadInput as error:
                yield Sample(case, refused=error.text)
                continue
            yield Sample(case, base + sent.path, sent.headers, _short(sent.body))


def _first(name: str, values: tuple[str, ...]) -> dict[str, str]:
    return {name: values[0]} if values else {}


def _image(folder: Path, role: Any) -> InputImage:
    from PIL import Image  # only this command needs it

    path = folder / f"{role}.png"
    Image.new("RGB", (64, 64)).save(path)
    return InputImage(path, "0" * 64, 64, 64, role)


def _short(value: Any) -> Any:
    """Shorten long strings, such as images."""
    if isinstance(value, dict):
        return {name: _short(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_short(inner) for inner in value]
    is_long = isinstance(value, str) and len(value) > _LONGEST
    return f"{value[:_LONGEST]}… ({len(value)})" if is_long else value

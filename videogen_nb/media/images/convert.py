"""Checking and shrinking an image in a separate process.

``python -m videogen_nb.media.images.convert check|convert`` reads an image on standard input. It
writes one line of JSON and, for a conversion, the image after it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ...errors import BadImage
from ...i18n import Text
from ...protocol.models import OriginalImage
from .check import UNNAMED, inspect, too_hard
from .formats import sniff
from .limits import LIMITS, MAX_BYTES, Limits
from .structure import PLAIN_COST, Structure

if TYPE_CHECKING:
    from PIL.Image import Image

#: What is looked at here at all: a phone's largest photos are among it.
SOURCE: Final = Limits(size=64 << 20, side=40_000, pixels=210_000_000, work=600 << 20)
JPEG_SOURCE: Final = replace(SOURCE, work=round(PLAIN_COST * SOURCE.pixels))  # decoded in part
MEMORY: Final = 1 << 30  # bytes that the process may take on top of idling
TIME_S: Final = 60.0
SIDE: Final = 4096  # pixels of the longer side of what was too large
_TRIES: Final = 2
_SMALLER: Final = 0.8


@dataclass(frozen=True, slots=True)
class Converted:
    """A converted image within the limits, JPEG or PNG."""

    data: bytes
    width: int
    height: int


def inspect_source(data: bytes, name: str | None = None) -> Structure:
    """Check whether an image can be converted, as :func:`inspect` does."""
    return inspect(data, name, JPEG_SOURCE if sniff(data) == "JPEG" else SOURCE)


def check_apart(data: bytes) -> None:
    """Decode an image completely in a separate process.

    Raises:
        BadImage: see :func:`normalise`.
    """
    _ask("check", data)


def convert_apart(data: bytes) -> Converted:
    """Convert an image to the allowed size in a separate process.

    Raises:
        BadImage: it is not an image, or larger than ``SOURCE``.
    """
    answer, converted = _ask("convert", data)
    return Converted(converted, answer["width"], answer["height"])


def fitted(image: Image, *, lossless: bool) -> Converted:
    """Encode an RGB image within the limits, shrinking it if necessary."""
    from .decode import encode

    if _is_too_large(*image.size):
        image = _within(image, SIDE)
    if lossless:
        data = encode(image, "PNG")
        if len(data) <= MAX_BYTES:
            return Converted(data, *image.size)
    while len(data := encode(image, "JPEG")) > MAX_BYTES:
        image = _within(image, min(SIDE, round(max(image.size) * _SMALLER)))
    return Converted(data, *image.size)


def shrunk_note(original: OriginalImage, width: int, height: int) -> Text:
    """Return the note about an image that was shrunk before it was sent."""
    size = "" if original.size is None else f" ({original.size / 2**20:.1f} MiB)"
    before = f"{original.width}×{original.height}"
    return _SHRUNK(before=before, size=size, after=f"{width}×{height}")


def _is_too_large(width: int, height: int) -> bool:
    return width * height > LIMITS.pixels or max(width, height) > LIMITS.side


def _within(image: Image, side: int) -> Image:
    smaller = image.copy() if max(image.size) <= side else image
    smaller.thumbnail((side, side), reducing_gap=2.0)
    return smaller


def _ask(what: str, data: bytes) -> tuple[dict[str, int], bytes]:
    for _ in range(_TRIES):
        try:
            ended = subprocess.run(  # noqa: S603 — our own module, with a word of ours
                [sys.executable, "-P", "-m", __name__, what],
                input=data,
                capture_output=True,
                timeout=TIME_S,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(p or "." for p in sys.path)},
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise too_hard() from None
        line, _, rest = ended.stdout.partition(b"\n")
        if ended.returncode == 0:
            answer = json.loads(line)
            if "code" in answer:
                raise BadImage(Text.from_json(answer["text"]), code=answer["code"])
            return answer, rest
    raise BadImage(_UNCHECKED(status=ended.returncode), code="image_unchecked")


def _convert(data: bytes) -> Converted:
    from .decode import decode

    structure = inspect_source(data)
    image = decode(structure, SOURCE, enough=SIDE)
    if _is_too_large(structure.width, structure.height):
        image = _within(image, SIDE)  # a JPEG may have come out smaller than it is already
    return fitted(image, lossless=structure.lossless)


def _check(data: bytes) -> Converted:
    from .decode import decode

    image = decode(inspect(data))
    return Converted(b"", *image.size)


def main() -> None:
    """Run ``check`` or ``convert`` on the image on standard input."""
    from . import decode  # noqa: F401 — counts as idling
    from .memory_limit import limit_memory

    limit_memory(MEMORY)
    try:
        data = sys.stdin.buffer.read()
        done = {"check": _check, "convert": _convert}[sys.argv[1]](data)
        answer: dict[str, object] = {"width": done.width, "height": done.height}
    except BadImage as bad:
        answer, done = {"code": bad.code, "text": bad.text.to_json()}, None
    except MemoryError:
        hard = too_hard(UNNAMED)
        answer, done = {"code": hard.code, "text": hard.text.to_json()}, None
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + (done.data if done else b""))


_SHRUNK = Text(
    "The image had {before} pixels{size}, which is over the limit, and was shrunk to {after}.",
    "图片原为 {before} 像素{size}，超出上限，已缩小为 {after}。",
)
_UNCHECKED = Text(
    "The image could not be checked: the checking process ended unexpectedly (exit status "
    "{status}). The image itself may be fine. Close programs that use a lot of memory and "
    "try again.",
    "未能检查图片：检查进程意外结束（退出状态 {status}）。图片本身未必有问题，"
    "请关闭占用内存较多的程序后重试。",
)

if __name__ == "__main__":
    main()

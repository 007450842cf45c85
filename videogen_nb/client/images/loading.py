"""Loading images: the bytes to upload, checked before they are sent."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeGuard

from ...errors import BadImage
from ...i18n import Text
from ...protocol import models
from ...protocol.values import as_text, check_filled

if TYPE_CHECKING:
    from PIL.Image import Image

    from ...media.images import ImageFacts
    from ...protocol.models import OriginalImage

#: A file's path, an image's bytes, a data URL, base64, or a Pillow image. A URL is none: the
#: gateway fetches it.
ImageSource: TypeAlias = "str | Path | bytes | bytearray | memoryview | Image | LoadedImage"

_EXTENSIONS: Final = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "HEIC": ".heic"}
#: What Pillow calls the formats that are taken; what has none was made or changed here.
_TAKEN: Final = (None, "JPEG", "MPO", "PNG", "WEBP", "HEIF")
_SHOWN: Final = 200  # characters of a path in a message
#: The codes of images that are taken once they have been shrunk.
TOO_LARGE: Final = ("image_too_large", "image_too_many_pixels")


@dataclass(frozen=True, slots=True)
class LoadedImage:
    """An image ready to upload. ``original`` describes it before it was shrunk, if it was."""

    data: bytes
    name: str
    facts: ImageFacts
    original: OriginalImage | None = None

    @property
    def note(self) -> Text | None:
        """A note about what was changed, for the user; None = nothing."""
        from ...media.images.convert import shrunk_note

        if self.original is None:
            return None
        return shrunk_note(self.original, self.facts.width, self.facts.height)

    def for_everyone(self) -> LoadedImage:
        """Return the image in a format that browsers and older gateways support.

        Raises:
            BadImage: it cannot be decoded.
        """
        if self.facts.format != "HEIC":
            return self
        return _converted(self.data, self.name, self.original)


def load(image: Any, name: str | None = None) -> LoadedImage:
    """Load and check an image; shrink it if it is too large. May take seconds.

    Args:
        image: see ``ImageSource``.
        name: the file name; None = the file's own.

    Raises:
        BadImage: it is not a usable image; the message says why.
        BadParameter: it is an empty cell of a table.
    """
    name = name if isinstance(name, str) else as_text("name", name)  # any of a file's
    if isinstance(image, LoadedImage):
        return replace(image, name=file_name(name, "")) if name else image
    if not _is_pillow(image):
        return _checked(*_read(image, name))
    data = _file_of(image)
    return _checked(data, name) if data is not None else _from_pillow(image, name)


def _checked(data: bytes, name: str | None) -> LoadedImage:
    from ...media.images import ImageFacts
    from ...media.images.check import inspect
    from ...media.images.convert import check_apart, inspect_source
    from ...media.images.structure import Ending

    try:
        structure = inspect(data, name)
    except BadImage as bad:
        if bad.code not in TOO_LARGE:
            raise
        structure = inspect_source(data, name)
        original = models.OriginalImage(
            width=structure.width, height=structure.height, size=len(data)
        )
        return _converted(data, name, original)
    if structure.ending is Ending.UNMARKED:
        check_apart(data)
    facts = ImageFacts(structure.format, structure.width, structure.height)
    return LoadedImage(data, file_name(name, _EXTENSIONS[facts.format]), facts)


def _converted(data: bytes, name: str | None, original: OriginalImage | None) -> LoadedImage:
    from ...media.images.convert import convert_apart

    return _made(convert_apart(data).data, name, original)


def _made(data: bytes, name: str | None, original: OriginalImage | None) -> LoadedImage:
    """Return an image that was encoded here, with an extension for its new format."""
    from ...media.images import quick_check

    facts = quick_check(data, name)
    plain = Path(file_name(name, ".x")).with_suffix(_EXTENSIONS[facts.format]).name
    return LoadedImage(data, plain, facts, original)


def _from_pillow(image: Image, name: str | None) -> LoadedImage:
    from ...media.images.check import NAMED, UNNAMED, animated, check_size, damaged, other_format
    from ...media.images.colour import as_seen
    from ...media.images.convert import SOURCE, fitted
    from ...media.images.decode import DAMAGES
    from ...media.images.exif import orientation

    subject = NAMED(name=name) if name else UNNAMED
    if image.format not in _TAKEN and image.tell() == 0:
        raise other_format(subject, image.format or "")
    if getattr(image, "is_animated", False) and image.format != "MPO" and image.tell() == 0:
        raise animated(subject)  # of one that was moved to a later frame that frame is meant
    check_size(*image.size, subject, SOURCE)
    try:
        exif = image.info.get("exif")
        turn = orientation(exif) if isinstance(exif, bytes) else 1
        seen = as_seen(image.copy(), turn)
    except DAMAGES as error:
        raise damaged(subject) from error
    width, height = seen.size
    made = fitted(seen, lossless=True)
    shrunk = (made.width, made.height) != (width, height)
    original = models.OriginalImage(width=width, height=height) if shrunk else None
    return _made(made.data, name, original)


def _is_pillow(image: Any) -> TypeGuard[Image]:
    pillow = sys.modules.get("PIL.Image")  # nobody has a Pillow image without it
    return pillow is not None and isinstance(image, pillow.Image)


def _file_of(image: Image) -> bytes | None:
    """Return the file of a Pillow image that was opened and not yet decoded.

    None if its pixels may have been changed.
    """
    file = getattr(image, "fp", None)
    if file is None or not getattr(image, "tile", None) or image.tell() != 0:
        return None
    try:
        at = file.tell()
        file.seek(0)
        data = file.read()
        file.seek(at)
    except (OSError, ValueError):
        return None
    return data if isinstance(data, bytes) else None


def _read(image: Any, name: str | None) -> tuple[bytes, str | None]:
    """Return the bytes and name of an image that is not a Pillow image."""
    from ...media.images import sniff
    from ...media.images.from_text import bytes_in

    if isinstance(image, str):
        if not image.strip():
            raise BadImage(_UNNAMED)
        if (data := bytes_in(image)) is not None:
            return data, name
    if isinstance(image, str | Path):
        path = Path(image)
        data, name = _read_file(path), name or path.name
    elif isinstance(image, bytes | bytearray | memoryview):
        data = bytes(image)
    else:
        check_filled("image", image)
        raise BadImage(_NOT_ONE(kind=type(image).__name__))
    if sniff(data) is None and (inner := bytes_in(data)) is not None:
        data = inner
    return data, name


def file_name(name: str | None, extension: str) -> str:
    """Return a plain name with an extension, which older gateways require."""
    plain = Path((name or "image").replace("\\", "/")).name
    plain = "".join(c for c in plain if c.isprintable()).strip(" .") or "image"
    return plain if Path(plain).suffix else plain + extension


def _read_file(path: Path) -> bytes:
    from ...media.images.convert import SOURCE

    try:
        path = path.expanduser()
        shown = _shown(path)
        if path.is_dir():
            raise BadImage(_FOLDER(path=shown))
        if not path.exists():
            raise BadImage(_MISSING(path=shown, folder=Path.cwd()))
        if not path.is_file():
            raise BadImage(_SPECIAL(path=shown))
        if (size := path.stat().st_size) > SOURCE.size:
            mib = 2**20
            raise BadImage(
                _TOO_LARGE(path=shown, size=f"{size / mib:.1f}", limit=f"{SOURCE.size / mib:g}")
            )
        return path.read_bytes()
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadImage(_UNREADABLE(path=_shown(path), reason=reason)) from None


def _shown(path: Path) -> str:
    """Return a path for a message, cut if it is very long."""
    text = str(path) if len(str(path)) <= _SHOWN else f"{str(path)[:_SHOWN]}…"
    return text if text.isprintable() else repr(text)


_MISSING = Text(
    "File not found: {path}. The current folder is {folder}.",
    "文件 {path} 不存在。当前文件夹是 {folder}。",
)
_UNNAMED = Text(
    "The image path is empty. Pass a file, or omit the image.",
    "图片路径为空。请指定文件，或不提供图片。",
)
_FOLDER = Text("{path} is a folder, not an image.", "{path} 是文件夹，不是图片。")
_SPECIAL = Text("{path} is not a regular file.", "{path} 不是普通文件。")
_UNREADABLE = Text("Cannot read {path}: {reason}.", "无法读取 {path}：{reason}。")
_TOO_LARGE = Text(
    "{path} is {size} MiB; the limit is {limit} MiB. Make it smaller, or save it as JPG.",
    "{path} 大小为 {size} MiB，超过图片上限 {limit} MiB。请缩小或另存为 JPG。",
)
_NOT_ONE = Text(
    "An image must be a path, bytes or a Pillow image, not {kind}.",
    "图片应为文件路径、字节数据或 Pillow 图片，而不是 {kind}。",
)

"""What a person gives as an image, made into bytes and a name; checked before it is sent."""

from __future__ import annotations

import io
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard
from urllib.parse import urlsplit

from ..errors import BadImage, BadInput
from ..i18n import Text
from ..protocol.models import Attachment, ImageRef
from .validation import as_attachment, as_image_ref

if TYPE_CHECKING:
    from PIL.Image import Image

#: An image: a file's path, its bytes, or a Pillow image. A URL is not one: the gateway fetches it.
ImageSource: TypeAlias = "str | Path | bytes | bytearray | memoryview | Image"

_EXTENSIONS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}

_MISSING = Text(
    "There is no file {path}. The working folder is {folder}.",
    "文件 {path} 不存在。当前工作文件夹是 {folder}。",
)
_UNNAMED = Text(
    "The image's path is empty. Give a file, or leave the image out.",
    "图片路径为空。请指定文件，或不提供图片。",
)
_FOLDER = Text("{path} is a folder, not an image.", "{path} 是文件夹，不是图片。")
_SPECIAL = Text("{path} is not an ordinary file.", "{path} 不是普通文件。")
_UNREADABLE = Text("{path} cannot be read: {reason}.", "无法读取 {path}：{reason}。")
_TOO_LARGE = Text(
    "{path} is {size} MiB; an image may have {limit} MiB. Save it smaller or as JPG.",
    "{path} 大小为 {size} MiB，超过图片上限 {limit} MiB。请缩小或另存为 JPG。",
)
_NOT_ONE = Text(
    "An image is a path, bytes or a Pillow image, not {kind}.",
    "图片应为文件路径、字节或 Pillow 图像，而不是 {kind}。",
)
_BAD_URL = Text(
    "{url!r} is not an image's address: it has to begin with http:// or https:// and name a host.",
    "{url!r} 不是有效的图片链接：必须以 http:// 或 https:// 开头并包含主机名。",
)


def is_url(image: Any) -> TypeGuard[str]:
    """Whether it is text that looks like an address rather than a path."""
    return isinstance(image, str) and "://" in image[:12]


def check_url(url: str) -> str:
    """An image's URL as the gateway can fetch it.

    Raises:
        BadInput: not http(s), or no host.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        good = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or not url.isprintable() or " " in url:
        raise BadInput(_BAD_URL(url=url[:200]), code="bad_url")
    return url


async def references(
    images: Sequence[Any], upload: Callable[[Any], Awaitable[Attachment]]
) -> list[ImageRef]:
    """Several images as a request names them; those not yet at the gateway are uploaded.

    One without a role is the first frame where it stands first, else a reference.

    Raises:
        BadParameter, BadImage, BadInput: one of them does not fit.
    """
    roles = ["first", *["reference"] * len(images)]
    return [
        await _reference(image, role, upload) for image, role in zip(images, roles, strict=False)
    ]


async def _reference(
    image: Any, role: str, upload: Callable[[Any], Awaitable[Attachment]]
) -> ImageRef:
    if isinstance(image, ImageRef):
        return image
    if isinstance(image, Mapping) and "key" not in image:
        return as_image_ref(image)
    if is_url(image):
        return as_image_ref({"url": check_url(image), "role": role})
    if not isinstance(image, Attachment | Mapping):
        image = await upload(image)
    return as_image_ref({"attachment": as_attachment(image), "role": role})


def load(image: Any, name: str | None = None) -> tuple[bytes, str]:
    """An image's bytes and the name it is uploaded under. Reads the disk.

    Raises:
        BadImage: what was given is not an image that can be used; the text says why.
    """
    from ..media.images import quick_check  # knows the formats; not needed for videos from words

    if isinstance(image, str) and not image.strip():
        raise BadImage(_UNNAMED)
    if isinstance(image, str | Path):
        data, name = _read(Path(image)), name or Path(image).name
    elif isinstance(image, bytes | bytearray | memoryview):
        data = bytes(image)
    elif _is_pillow(image):
        data = _encoded(image)
    else:
        raise BadImage(_NOT_ONE(kind=type(image).__name__))
    facts = quick_check(data, name)
    return data, file_name(name, _EXTENSIONS.get(facts.format.upper(), ".png"))


def file_name(name: str | None, extension: str) -> str:
    """A plain name with an extension: older gateways refuse one without."""
    plain = Path((name or "image").replace("\\", "/")).name
    plain = "".join(c for c in plain if c.isprintable()).strip(" .") or "image"
    return plain if Path(plain).suffix else plain + extension


def _read(path: Path) -> bytes:
    from ..media.images import MAX_BYTES

    try:
        path = path.expanduser()
        shown = str(path) if str(path).isprintable() else repr(str(path))
        if path.is_dir():
            raise BadImage(_FOLDER(path=shown))
        if not path.exists():
            raise BadImage(_MISSING(path=shown, folder=Path.cwd()))
        if not path.is_file():
            raise BadImage(_SPECIAL(path=shown))
        if (size := path.stat().st_size) > MAX_BYTES:
            mib = 2**20
            raise BadImage(
                _TOO_LARGE(path=shown, size=f"{size / mib:.1f}", limit=f"{MAX_BYTES / mib:g}")
            )
        return path.read_bytes()
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadImage(_UNREADABLE(path=repr(str(path)), reason=reason)) from None


def _is_pillow(image: Any) -> TypeGuard[Image]:
    pillow = sys.modules.get("PIL.Image")  # nobody has a Pillow image without it
    return pillow is not None and isinstance(image, pillow.Image)


def _encoded(image: Image) -> bytes:
    """As PNG, which loses nothing; as JPEG where that would be too large to upload."""
    from PIL import ImageOps

    from ..media.images import MAX_BYTES

    upright = ImageOps.exif_transpose(image)
    if upright.mode not in ("RGB", "RGBA", "L", "LA"):
        upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    out = io.BytesIO()
    upright.save(out, "PNG", compress_level=1)
    if out.tell() > MAX_BYTES:
        out = io.BytesIO()
        upright.convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()

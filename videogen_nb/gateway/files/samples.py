"""Images of ours, and a page with one, for examples that need a URL."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ...i18n import Text
from ..asker import LOOPBACK
from ..refusal import Refusal

FOLDER: Final = Path(__file__).parents[1] / "samples"
PATH: Final = "/samples/"


def sample(name: str) -> Path | None:
    """The file of a sample; None where there is none of this name."""
    found = FOLDER / name
    return found if found in FOLDER.iterdir() and found.suffix in (".jpg", ".html") else None


def own_sample(url: str, base: str) -> bytes | None:
    """The bytes of a sample whose URL is this gateway's own; None for every other URL.

    The download guard refuses loopback, and rightly; a sample needs no download.

    Raises:
        Refusal: it names a sample that there is not.
    """
    asked, own = urlsplit(url), urlsplit(base)
    try:
        here = asked.port == own.port and asked.hostname in {*LOOPBACK, own.hostname}
    except ValueError:  # a port that is none: the guard has the words for it
        return None
    if not here or asked.username or not asked.path.startswith(PATH):
        return None
    name = asked.path.removeprefix(PATH)
    if found := sample(name):
        return found.read_bytes()
    known = ", ".join(sorted(path.name for path in FOLDER.glob("*.jpg")))
    raise Refusal("url_failed", _NO_SAMPLE, name=name[:60], known=known)


_NO_SAMPLE = Text(
    "This gateway has no sample image {name!r} (HTTP 404). Available: {known}.",
    "网关没有名为 {name!r} 的示例图片（HTTP 404），可用的有：{known}。",
)

"""Images served by this gateway: samples, and frames of videos."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ...i18n import Text
from ...network import path_at
from ..refusals import Refusal
from .videos import VIDEOS, VideoFiles, is_name

FOLDER: Final = Path(__file__).parents[1] / "samples"
PATH: Final = "/samples/"


def sample(name: str) -> Path | None:
    """Return the file of a sample, or None."""
    found = FOLDER / name
    return found if found in FOLDER.iterdir() and found.suffix in (".jpg", ".html") else None


def own_sample(url: str, base: str) -> bytes | None:
    """Return the bytes of a sample for this gateway's own URL; None for other URLs.

    The download guard refuses loopback addresses, but a sample needs no download.

    Raises:
        Refusal: the sample does not exist.
    """
    path = path_at(url, base)
    if path is None or not path.startswith(PATH):
        return None
    name = path.removeprefix(PATH)
    if found := sample(name):
        return found.read_bytes()
    known = ", ".join(sorted(path.name for path in FOLDER.glob("*.jpg")))
    raise Refusal("url_failed", _NO_SAMPLE, name=name[:60], known=known)


def own_frame(url: str, base: str, videos: VideoFiles) -> bytes | None:
    """Return a video's last frame or poster for this gateway's own URL; None for other URLs."""
    path = path_at(url, base)
    if path is None or not path.startswith(f"{VIDEOS}/"):
        return None
    name, _, kind = path.removeprefix(f"{VIDEOS}/").partition(".")
    places = {"png": videos.last_frame, "jpg": videos.poster}
    if kind not in places or not is_name(name) or not places[kind](name).is_file():
        return None
    return places[kind](name).read_bytes()


_NO_SAMPLE = Text(
    "This gateway has no sample image {name!r} (HTTP 404). Available: {known}.",
    "网关没有名为 {name!r} 的示例图片（HTTP 404），可用的有：{known}。",
)

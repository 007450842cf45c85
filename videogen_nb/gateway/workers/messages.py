"""Messages from the gateway to a worker process."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...engines import Job

HEADER: Final = struct.Struct("!I")  # the length of the pickle that follows


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """Generate the video of ``job`` with the named engine."""

    engine: str
    job: Job


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """Normalise the image at ``source`` into ``target`` (see :mod:`videogen_nb.media.images`)."""

    source: Path
    target: Path


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """Decode the video at ``video``, write its ``poster``; make ``last_frame``, if given, a PNG.

    ``whole=False`` decodes its key frames only: see :func:`videogen_nb.media.probe.probe`.
    """

    video: Path
    poster: Path
    last_frame: Path | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """Write the frame at ``at`` seconds (None: the last) of ``video`` to ``target``, as a PNG."""

    video: Path
    target: Path
    at: float | None = None


@dataclass(frozen=True, slots=True)
class SequenceRequest:
    """Make a video at ``video`` from ``images``: :mod:`videogen_nb.media.video_from_images`."""

    images: tuple[Path, ...]
    video: Path
    fps: float | None


Request = RenderRequest | ImageRequest | VideoRequest | FrameRequest | SequenceRequest


def frame(request: Request | None) -> bytes:
    """Return a request in the pipe's format; None stops the current one."""
    body = pickle.dumps(request)
    return HEADER.pack(len(body)) + body

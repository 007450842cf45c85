"""Finished videos on disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..settings import Settings
from .paths import new_name
from .probe import POSTER_PLACE, VideoFacts, probe

if TYPE_CHECKING:
    from PIL.Image import Image

    from ..protocol.models import VideoTask

_COVER_QUALITY = 92

#: What is told of a video that is about to be shown as an output.
SHOWN: list[Callable[[VideoFile], None]] = []


@dataclass(frozen=True, slots=True, repr=False)
class VideoFile:
    """A checked video on disk: a download, or the result of a join or export.

    As a cell's last line, it plays under the cell. It can be passed wherever a path is expected.
    """

    path: Path
    facts: VideoFacts

    def __fspath__(self) -> str:
        return str(self.path)

    def export(self, path: str | os.PathLike[str] | None = None, **how: Any) -> VideoFile:
        """Export it in another size, aspect ratio, frame rate or codec, or for a platform.

        For arguments and errors, see :func:`videogen_nb.media.editing.export.export`.
        """
        from .editing.export import export

        target = export(self, path, **how)
        return VideoFile(target, probe(target, whole=False))

    def gif(self, path: str | os.PathLike[str] | None = None, **how: Any) -> Path:
        """Write it as a looping GIF and return its path.

        Args:
            path: None = next to the video.
            how: ``width`` in pixels (default: 480) and ``fps`` (default: 12).
        """
        from .editing.frames.animation import gif

        return gif(self, None if path is None else new_name(path), **how)

    def webp(self, path: str | os.PathLike[str] | None = None, **how: Any) -> Path:
        """Write it as an animated WebP and return its path.

        Args:
            path: None = next to the video.
            how: ``width`` in pixels (default: 480), ``fps`` (default: 12) and ``quality``, 0 to 100
                (default: 75).
        """
        from .editing.frames.animation import webp

        return webp(self, None if path is None else new_name(path), **how)

    def cover(self, path: str | os.PathLike[str] | None = None, *, at: float | None = None) -> Path:
        """Write a frame as a JPEG: the one at ``at`` seconds, or at 40% of the video.

        Raises:
            BadInput: the video is too short, or ``path`` is the video itself. EditError: it cannot
                be written.
        """
        from .editing.frames.stills import frame_at
        from .editing.writing import check_target, new_file

        target = new_name(self.path.with_suffix(".jpg") if path is None else path)
        check_target(target, [self.path])
        image = frame_at(self.path, self.facts.duration_s * POSTER_PLACE if at is None else at)
        with new_file(target) as part:
            image.save(part, "JPEG", quality=_COVER_QUALITY)
        return target

    def last_frame(self) -> Image:
        """Return the last frame as a Pillow image."""
        from .editing.frames.stills import frame_at

        return frame_at(self.path)

    def frames(self, every: float | None = None) -> Iterator[Image]:
        """Yield all frames as Pillow images, or one every ``every`` seconds."""
        from .editing.frames.stills import frames_of

        return frames_of(self.path, every)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {', '.join(self._measures())}>"

    def _measures(self) -> list[str]:
        facts = self.facts
        return [
            repr(str(self.path)),
            f"{facts.duration_s:.1f} s",
            f"{facts.width}×{facts.height}",
        ]

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        from .cell_output import receipt  # needs Pillow and PyAV, downloading does not

        for tell in SHOWN:
            tell(self)
        embed = Settings.from_environment().embed
        return receipt(self.path, self._made_by(), self.facts, embed=embed)

    def _made_by(self) -> VideoTask | None:
        return None


@dataclass(frozen=True, slots=True, repr=False)
class Video(VideoFile):
    """A generated video that was downloaded, checked and saved, with its task."""

    task: VideoTask

    def _measures(self) -> list[str]:
        return [*VideoFile._measures(self), f"task {self.task.id}"]

    def _made_by(self) -> VideoTask | None:
        return self.task

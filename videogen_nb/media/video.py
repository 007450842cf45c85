"""Finished videos on disk."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ..protocol.models import VideoTask
from .probe import VideoFacts


@dataclass(frozen=True, slots=True, repr=False)
class VideoFile:
    """A video on disk that was checked: one that was joined or exported here, or a download.

    As a cell's last line it plays under the cell and leaves a receipt. It can be given wherever
    a path is expected.
    """

    path: Path
    facts: VideoFacts

    def __fspath__(self) -> str:
        return str(self.path)

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
        from .receipt import receipt  # needs Pillow and PyAV, downloading does not

        return receipt(self.path, self._made_by(), self.facts)

    def _made_by(self) -> VideoTask | None:
        return None


@dataclass(frozen=True, slots=True, repr=False)
class Video(VideoFile):
    """A video that was downloaded, checked and saved, with the task that made it."""

    task: VideoTask

    def _measures(self) -> list[str]:
        return [*VideoFile._measures(self), f"task {self.task.id}"]

    def _made_by(self) -> VideoTask | None:
        return self.task

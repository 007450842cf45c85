"""A finished video on disk, together with the task that made it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ..protocol.models import VideoTask
from .probe import VideoFacts


@dataclass(frozen=True, slots=True, repr=False)
class Video:
    """A video that was downloaded, checked and saved.

    As a cell's last line it plays under the cell and leaves a receipt. It can be given wherever
    a path is expected.
    """

    path: Path
    task: VideoTask
    facts: VideoFacts

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        facts = self.facts
        measure = f"{facts.duration_s:.1f} s, {facts.width}×{facts.height}"
        return f"<Video {str(self.path)!r}, {measure}, task {self.task.id}>"

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        from .receipt import receipt  # needs Pillow and PyAV, downloading does not

        return receipt(self.path, self.task, self.facts)

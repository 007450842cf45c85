"""The sketch engine: camera moves over images, and procedural scenes from text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...i18n import Text
from ...protocol.models import Choice, EngineInfo
from ..base import ComputeEngine, InputImage, Job, Plan, Rendered, Report
from .camera.moves import MOVES, Move
from .catalogue import DURATIONS, RATIOS, RESOLUTIONS, SCENES, SceneEntry
from .planning import settle


class SketchEngine(ComputeEngine):
    """Procedural videos, rendered on the CPU, deterministic for a seed. Never called a model."""

    name = "sketch"
    title = Text("Procedural sketch (no model)", "程序化草图（非模型）")

    def info(self, language: str) -> EngineInfo:
        return EngineInfo(
            name=self.name,
            title=self.title.render(language),
            modes=["text", "image", "last_frame"],
            durations=DURATIONS,
            ratios=list(RATIOS),
            resolutions=list(RESOLUTIONS),
            progress=True,
            cancel="always",
            scenes=_choices(SCENES, language),
            moves=_choices(MOVES, language),
        )

    def plan(
        self, prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage] = ()
    ) -> Plan:
        return settle(prompt, requested, images)

    def run(self, job: Job, report: Report, cancelled: Callable[[], bool]) -> Rendered:
        from .render import render  # loads OpenCV, numpy and FFmpeg, which only rendering needs

        return render(job, report, cancelled)


def _choices(table: Mapping[str, SceneEntry] | Mapping[str, Move], language: str) -> list[Choice]:
    """Return the entries of a table in the form that panels list."""
    texts = ((name, entry.title, entry.example) for name, entry in table.items())
    return [
        Choice(name=name, title=title.render(language), example=example.render(language))
        for name, title, example in texts
    ]

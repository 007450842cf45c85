"""The sketch engine: an image becomes a camera move, words become a procedural scene."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...i18n import Text
from ...protocol.models import Choice, EngineInfo
from ..base import ComputeEngine, InputImage, Job, Plan, Rendered, Report
from .camera.moves import MOVES
from .catalogue import SCENES
from .frame_size import RATIOS, RESOLUTIONS
from .planning import DURATIONS, settle


class SketchEngine(ComputeEngine):
    """Procedural videos, made on the CPU, deterministic from their seed. Never called a model."""

    name = "sketch"
    title = Text("Procedural sketch", "程序化草图")

    def info(self, language: str) -> EngineInfo:
        return EngineInfo(
            name=self.name,
            title=self.title.render(language),
            modes=["text", "image"],
            durations=DURATIONS,
            ratios=list(RATIOS),
            resolutions=list(RESOLUTIONS),
            progress=True,
            cancel="always",
            scenes=[
                Choice(
                    name=name,
                    title=entry.title.render(language),
                    example=entry.example.render(language),
                )
                for name, entry in SCENES.items()
            ],
            moves=[
                Choice(
                    name=name,
                    title=move.title.render(language),
                    example=move.example.render(language),
                )
                for name, move in MOVES.items()
            ],
        )

    def plan(
        self, prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage] = ()
    ) -> Plan:
        return settle(prompt, requested, images)

    def run(self, job: Job, report: Report, cancelled: Callable[[], bool]) -> Rendered:
        from .render import render  # OpenCV, numpy and FFmpeg: only who renders pays for them

        return render(job, report, cancelled)

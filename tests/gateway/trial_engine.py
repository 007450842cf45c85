"""An engine for tests that does what its prompt's first word says, well or badly.

It is installed as an outside package's engine would be: through an entry point (see conftest).
"""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from videogen_nb.engines import ComputeEngine, InputImage, Job, Plan, Rendered
from videogen_nb.engines.base import Report
from videogen_nb.errors import BadParameter, EngineCancelled, EngineError
from videogen_nb.i18n import Text
from videogen_nb.protocol.models import EngineInfo

DRAWING = Text("Drawing", "绘制中")
PATIENCE_S = 30.0  # a gate that nobody opens fails the test


class TrialEngine(ComputeEngine):
    """Prompts: quick, image, gate, rest, deaf, die, die-once, silent, error, fault, garbage,
    nothing, full, memory, chatty.

    With ``extra.journal``, the path of a file, each attempt writes its task's id there. Where
    ``TRIAL_LACKS`` is set, it is not ready, for want of what that says.
    """

    name = "trial"
    title = Text("Trial", "试验")
    silence_s = 20.0

    def info(self, language: str) -> EngineInfo:
        lacks = os.environ.get("TRIAL_LACKS")
        title = self.title.render(language)
        ready = lacks is None
        return EngineInfo(name=self.name, title=title, ready=ready, missing=lacks, modes=["text"])

    def plan(
        self, prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage] = ()
    ) -> Plan:
        if "TRIAL_LACKS" in os.environ:
            raise BadParameter(Text.same(os.environ["TRIAL_LACKS"]), code="engine_not_ready")
        for image in images:
            image.path.read_bytes()
        if requested.get("duration", 1.0) > 15:
            raise BadParameter(Text("Too long.", "太长。"), code="duration_range")
        notes = (Text("Planned.", "已规划。"),)
        parameters = {"duration": 1.0, "resolution": "tiny", **requested.get("extra", {})}
        return Plan(parameters, requested.get("seed", 7), notes, parameters.get("guess", 8.0))

    def run(self, job: Job, report: Report, cancelled: Callable[[], bool]) -> Rendered:
        if "journal" in job.plan.parameters:
            with Path(job.plan.parameters["journal"]).open("a") as journal:
                journal.write(f"{job.task_id}\n")
        report(0.0, DRAWING)
        deed = getattr(self, f"_{job.prompt.split()[0].replace('-', '_')}")
        return deed(job, report, cancelled) or Rendered((Text("Made.", "已生成。"),), {"frames": 4})

    def _quick(self, job: Job, *_: Any) -> None:
        write_video(job.output)

    def _image(self, job: Job, *_: Any) -> None:
        """Take one image, which has to be whole."""
        (image,) = job.images
        if hashlib.sha256(image.path.read_bytes()).hexdigest() != image.sha256:
            raise EngineError(Text("The image is damaged.", "图片已损坏。"))
        write_video(job.output)

    def _gate(self, job: Job, report: Report, cancelled: Callable[[], bool]) -> None:
        """Render until the file ``extra.gate`` appears."""
        began = time.monotonic()
        while not Path(job.plan.parameters["gate"]).exists():
            if cancelled():
                raise EngineCancelled
            report(min(0.9, (time.monotonic() - began) / PATIENCE_S), DRAWING)
            time.sleep(0.01)
        write_video(job.output)

    def _rest(self, job: Job, *_: Any) -> None:
        """Take ``extra.seconds`` and no computing power."""
        time.sleep(job.plan.parameters["seconds"])
        write_video(job.output)

    def _deaf(self, *_: Any) -> None:
        time.sleep(PATIENCE_S)

    def _silent(self, *_: Any) -> None:
        time.sleep(PATIENCE_S)

    def _die(self, *_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _die_once(self, job: Job, *_: Any) -> None:
        mark = Path(job.plan.parameters["mark"])
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        write_video(job.output)

    def _error(self, *_: Any) -> None:
        raise EngineError(Text("No paint left.", "颜料用完了。"), code="no_paint")

    def _fault(self, *_: Any) -> None:
        raise ZeroDivisionError("by zero")

    def _garbage(self, job: Job, *_: Any) -> None:
        job.output.write_bytes(b"not a video" * 100)

    def _nothing(self, *_: Any) -> None:
        return None

    def _memory(self, *_: Any) -> None:
        raise MemoryError

    def _full(self, *_: Any) -> None:
        raise OSError(28, "No space left on device")

    def _chatty(self, job: Job, *_: Any) -> None:
        print("an engine that prints to standard output")
        sys.stdout.flush()
        os.write(1, b"and writes to its file\n")
        write_video(job.output)


def install(folder: Path) -> Path:
    """What an installed package of this engine leaves in a folder, which belongs on sys.path."""
    info = folder / "trial_engine-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: trial-engine\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[videogen_nb.engines]\n"
        "trial = tests.gateway.trial_engine:TrialEngine\n"
        "broken = tests.gateway.no_such_module:Engine\n"
    )
    return folder


def write_video(path: Path, frames: int = 4) -> None:
    """A real H.264 video of 64×48 pixels."""
    import av

    options = {"movflags": "+faststart"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        stream = container.add_stream("libx264", rate=Fraction(4))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for i in range(frames):
            frame = av.VideoFrame.from_ndarray(
                np.full((48, 64, 3), 60 * i % 256, np.uint8), "rgb24"
            )
            container.mux(stream.encode(frame))
        container.mux(stream.encode())

"""Writing a job's video and poster from images as a function of time.

Import it inside ``run``: it needs numpy, OpenCV and FFmpeg, which the gateway does not load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from av.video.frame import VideoFrame

from ...errors import EngineError
from ...i18n import Text
from ...media.probe import POSTER_PLACE, fit_jpeg, to_rgb
from ...media.provenance import describe, metadata
from ...media.yuv import from_rgb
from ..base import Job, Rendered, Report
from .encode import Draw, Reel, encode

_DRAWING = Text("drawing", "绘制中")
_POSTER_BYTES = 300_000
_POSTER_SIDE = 1280


def write_video(
    job: Job,
    engine: str,
    draw: Callable[[float], Any],
    report: Report,
    cancelled: Callable[[], bool],
) -> Rendered:
    """Write ``job.output`` (H.264, BT.709, with the job's metadata) and ``job.poster``.

    Args:
        job: its plan's parameters name ``width`` and ``height`` (even pixels), ``fps`` and
            ``duration`` in seconds.
        engine: the engine's name, for the metadata.
        draw: returns the image at ``t`` seconds: a Pillow image or ``(height, width, 3)`` uint8
            RGB. It must depend only on ``t``, since it is called from two threads at once.
        report, cancelled: the arguments of ``run``.

    Raises:
        EngineCancelled: ``cancelled()`` became true.
        EngineError: an image has another size, or the video cannot be written.
    """
    p = job.plan.parameters
    reel = Reel.of(p)

    def frame(index: int) -> VideoFrame:
        return _frame(draw(index / reel.fps), reel)

    facts = facts_of(job, engine)
    write(job, frame, reel, facts, report, cancelled)
    return Rendered(facts=facts)


def facts_of(
    job: Job,
    engine: str,
    notes: Iterable[Text] = (),
    parameters: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return the metadata for a job's video.

    Args:
        notes: notes from rendering, added to those of the plan.
        parameters: parameters to record; None = the plan's.
        more: see :func:`videogen_nb.media.provenance.describe`.
    """
    return describe(
        engine=engine,
        prompt=job.prompt,
        parameters=job.plan.parameters if parameters is None else parameters,
        seed=job.plan.seed,
        images=[(image.sha256, image.role) for image in job.images],
        notes=(*job.plan.notes, *notes),
        parent=job.parent,
        **more,
    )


def write(
    job: Job,
    draw: Draw,
    reel: Reel,
    facts: Mapping[str, Any],
    report: Report,
    cancelled: Callable[[], bool],
) -> None:
    """Write the video from numbered, tagged yuv420p frames, with metadata chosen by the engine."""
    encode(
        draw,
        reel,
        job.output,
        metadata=metadata(facts),
        on_frame=lambda done: report(done / reel.frames, _DRAWING),
        cancelled=cancelled,
    )
    poster = to_rgb(draw(int(reel.frames * POSTER_PLACE)))
    job.poster.write_bytes(fit_jpeg(poster, max_bytes=_POSTER_BYTES, max_side=_POSTER_SIDE))


def _frame(image: Any, reel: Reel) -> VideoFrame:
    rgb = np.ascontiguousarray(image, np.uint8)
    if rgb.shape != (reel.height, reel.width, 3):
        raise EngineError(
            Text(
                "The engine drew an image of shape {shape}; expected ({h}, {w}, 3).",
                "引擎绘制的画面形状为 {shape}，而计划为 ({h}, {w}, 3)。",
            )(shape=rgb.shape, h=reel.height, w=reel.width)
        )
    return from_rgb(rgb)

"""Making one planned video: draw, encode, poster. Runs in a worker process."""

from __future__ import annotations

from collections.abc import Callable

import cv2

from ...errors import EngineCancelled
from ...i18n import Text
from ..base import InputImage, Job, Rendered, Report
from ..rendering.encode import DRAWING_THREADS, Draw, Reel
from ..rendering.writing import facts_of, write
from . import notes
from .camera.depth import focus
from .camera.moves import MOVES, Stage
from .camera.video import ImageVideo, load
from .catalogue import RESOLUTIONS
from .planning import first_image, mood_of
from .scenes.video import SceneVideo

_PREPARING = Text("preparing", "准备中")
#: Moves that aim at the place with most detail; the others show the whole image anyway.
_AIMING = frozenset({"push_in", "pull_out", "still"})


def render(job: Job, report: Report, cancelled: Callable[[], bool]) -> Rendered:
    """Make ``job.output`` and ``job.poster``; see ``ComputeEngine.run``."""
    report(0.0, _PREPARING)
    if cancelled():
        raise EngineCancelled
    reel = Reel.of(job.plan.parameters)
    image = first_image(job.images)
    cv2.setNumThreads(DRAWING_THREADS)
    draw, found = _image_video(job, image, reel) if image else (_scene_video(job, reel), ())
    cv2.setNumThreads(1)  # from here on, drawing threads and x264's fill the cores
    facts = facts_of(job, "sketch", found)
    write(job, draw, reel, facts, report, cancelled)
    return Rendered(found, facts)


def _image_video(job: Job, image: InputImage, reel: Reel) -> tuple[Draw, tuple[Text, ...]]:
    parameters = job.plan.parameters
    enough = 2 * RESOLUTIONS[parameters["resolution"]]  # a reduced image still has twice that
    rgb = load(image.path, image.width, image.height, enough)
    aim = focus(rgb)
    seed = job.plan.seed or 0
    height, width = rgb.shape[:2]
    stage = Stage(width, height, reel.width / reel.height, aim, parameters["duration"], seed)
    video = ImageVideo(rgb, MOVES[parameters["move"]].shot(stage), reel, seed)
    return video.frame, (notes.aims_at(aim),) if parameters["move"] in _AIMING else ()


def _scene_video(job: Job, reel: Reel) -> Draw:
    parameters = job.plan.parameters
    mood = mood_of(parameters, job.prompt)
    return SceneVideo(parameters["scene"], mood, reel, job.plan.seed or 0).frame

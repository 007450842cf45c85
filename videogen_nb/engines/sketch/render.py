"""Rendering a planned video in a worker process."""

from __future__ import annotations

from collections.abc import Callable

import cv2

from ...errors import EngineCancelled
from ...i18n import Text
from ..base import InputImage, Job, Rendered, Report
from ..rendering.decoding import read_rgb
from ..rendering.encode import DRAWING_THREADS, Draw, Reel
from ..rendering.video_writer import facts_of, write
from . import notes
from .camera.moves import MOVES, Stage
from .camera.subject import subject
from .camera.video import Dissolve, ImageVideo, Weathered
from .cards.video import Captioned, CardVideo
from .catalogue import CARD, RESOLUTIONS
from .layers.overlays import overlays
from .planning import first_image, last_image, mood_of
from .scenes.video import SceneVideo

_PREPARING = Text("preparing", "准备中")
#: Moves that aim at the most detailed area; the others show the whole image anyway.
_AIMING = frozenset({"push_in", "pull_out", "still"})


def render(job: Job, report: Report, cancelled: Callable[[], bool]) -> Rendered:
    """Render ``job.output`` and ``job.poster``; see ``ComputeEngine.run``."""
    report(0.0, _PREPARING)
    if cancelled():
        raise EngineCancelled
    reel = Reel.of(job.plan.parameters)
    cv2.setNumThreads(DRAWING_THREADS)
    draw, found = _video(job, reel)
    cv2.setNumThreads(1)  # from here on, drawing threads and x264 threads keep the cores busy
    facts = facts_of(job, "sketch", found)
    write(job, draw, reel, facts, report, cancelled)
    return Rendered(found, facts)


def _video(job: Job, reel: Reel) -> tuple[Draw, tuple[Text, ...]]:
    """Return the function that draws the video's frames, and notes on the video."""
    image, last = first_image(job.images), last_image(job.images)
    if image is None:
        return _scene_video(job, reel), ()
    if last is None:
        return _image_video(job, image, reel, job.plan.parameters["move"])
    begin, _ = _image_video(job, image, reel, "push_in")
    end, _ = _image_video(job, last, reel, "pull_out")
    return Dissolve(begin, end, reel, job.plan.seed or 0).frame, ()


def _image_video(
    job: Job, image: InputImage, reel: Reel, move: str
) -> tuple[Draw, tuple[Text, ...]]:
    parameters = job.plan.parameters
    enough = 2 * RESOLUTIONS[parameters["resolution"]]  # a downscaled image still has twice that
    rgb = read_rgb(image.path, image.width, image.height, enough)
    seen, seed = subject(rgb), job.plan.seed or 0
    stage = Stage(
        rgb.shape[1],
        rgb.shape[0],
        reel.width / reel.height,
        seen.focus,
        parameters["duration"],
        seed,
        seen.keep,
        seen.flat,
    )
    draw = ImageVideo(rgb, MOVES[move].shot(stage), reel, seed).frame
    weather = overlays(mood_of(parameters, job.prompt), reel.width, reel.height, seed)
    if weather:
        draw = Weathered(draw, weather, reel.fps).frame
    return draw, (notes.aims_at(seen.focus),) if move in _AIMING else ()


def _scene_video(job: Job, reel: Reel) -> Draw:
    parameters, seed = job.plan.parameters, job.plan.seed or 0
    mood = mood_of(parameters, job.prompt)
    if parameters["scene"] == CARD:
        return CardVideo(mood, reel, seed).frame
    draw = SceneVideo(parameters["scene"], mood, reel, seed, parameters.get("move")).frame
    words = parameters.get("lettering")
    return Captioned(draw, words, reel).frame if words else draw

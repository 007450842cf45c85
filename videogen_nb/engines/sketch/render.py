"""Making one planned film: draw, encode, poster. Runs in a worker process."""

from __future__ import annotations

from collections.abc import Callable

import cv2

from ...errors import EngineCancelled
from ...i18n import Text
from ..base import InputImage, Job, Rendered, Report
from ..rendering.encode import DRAWING_THREADS, Draw, Reel
from ..rendering.writing import facts_of, write
from . import notes
from .camera import MOVES, Stage
from .depth import focus
from .picture import PictureFilm, load
from .planning import first_picture, mood_of
from .sceneshow import SceneFilm
from .shapes import RESOLUTIONS

_PREPARING = Text("preparing", "准备中")
#: Moves that aim at the place with most detail; the others show the whole picture anyway.
_AIMING = frozenset({"push_in", "pull_out", "still"})


def render(job: Job, report: Report, cancelled: Callable[[], bool]) -> Rendered:
    """Make ``job.output`` and ``job.poster``; see ``ComputeEngine.run``."""
    report(0.0, _PREPARING)
    if cancelled():
        raise EngineCancelled
    reel = Reel.of(job.plan.parameters)
    picture = first_picture(job.images)
    cv2.setNumThreads(DRAWING_THREADS)
    draw, found = _picture_film(job, picture, reel) if picture else (_scene_film(job, reel), ())
    cv2.setNumThreads(1)  # from here on, drawing threads and x264's fill the cores
    facts = facts_of(job, "sketch", found)
    write(job, draw, reel, facts, report, cancelled)
    return Rendered(found, facts)


def _picture_film(job: Job, picture: InputImage, reel: Reel) -> tuple[Draw, tuple[Text, ...]]:
    parameters = job.plan.parameters
    enough = 2 * RESOLUTIONS[parameters["resolution"]]  # a reduced picture still has twice that
    rgb = load(picture.path, picture.width, picture.height, enough)
    aim = focus(rgb)
    seed = job.plan.seed or 0
    height, width = rgb.shape[:2]
    stage = Stage(width, height, reel.width / reel.height, aim, parameters["duration"], seed)
    film = PictureFilm(rgb, MOVES[parameters["move"]].shot(stage), reel, seed)
    return film.frame, (notes.aims_at(aim),) if parameters["move"] in _AIMING else ()


def _scene_film(job: Job, reel: Reel) -> Draw:
    parameters = job.plan.parameters
    mood = mood_of(parameters, job.prompt)
    return SceneFilm(parameters["scene"], mood, reel, job.plan.seed or 0).frame

"""The clouds scene: drifts, repeats itself, and looks right at every hour and shape."""

from __future__ import annotations

import numpy as np
import pytest

from videogen_nb.engines.sketch.catalogue import Daytime, Mood
from videogen_nb.engines.sketch.drawing.noise import rng
from videogen_nb.engines.sketch.scenes.clouds.cumulus import CumulusVolume, heap
from videogen_nb.engines.sketch.scenes.clouds.scene import CloudsScene

from .scene_checks import SIZES, check_image, check_motion, check_repeatable, check_threads, shown

TIMES: list[Daytime] = ["day", "dusk", "night"]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_shape_is_an_image(width: int, height: int):
    check_image(CloudsScene(width, height, 1, Mood()), 0.0)


@pytest.mark.parametrize("time", TIMES)
def test_hours(time: Daytime):
    check_image(CloudsScene(192, 108, 2, Mood(time=time)), 7.0)


def test_night_is_darker_than_dusk_than_day():
    light = [shown(CloudsScene(192, 108, 3, Mood(time=time)), 1.0).mean() for time in TIMES]
    assert light[0] > light[1] + 10 > light[2] + 40


def test_the_day_sky_is_blue():
    red, _, blue = shown(CloudsScene(192, 108, 3, Mood()), 1.0)[4, 96]
    assert blue > red + 60


def test_repeatable():
    check_repeatable(CloudsScene, Mood())


def test_threads():
    check_threads(CloudsScene, Mood(time="dusk"))


def test_drifts_by_little():
    check_motion(CloudsScene, Mood(), least=0.05, most=0.6)


def test_wind_drives_the_clouds_faster():
    def way(wind: bool) -> float:
        scene = CloudsScene(192, 108, 3, Mood(wind=wind))
        return float(np.abs(shown(scene, 5.0) - shown(scene, 5.25)).mean())

    assert way(True) > 1.15 * way(False)


def test_clouds_come_from_beyond_the_frame_to_the_last_second():
    """No cut edge enters the image: at 15 s the sides are as cloudy as they were."""
    scene = CloudsScene(320, 180, 2, Mood())
    rows = slice(90, 150)
    steps = []
    for t in (0.0, 15.0):
        image = shown(scene, t)[rows]
        steps.append(np.abs(np.diff(image[:, :60], axis=1)).mean((0, 2)).max())
        steps.append(np.abs(np.diff(image[:, -60:], axis=1)).mean((0, 2)).max())
    assert max(steps) < 25


def test_a_volume_is_lit_from_its_sunny_side():
    puffs = heap(rng(1), 60, 70, 50)
    planes = CumulusVolume(120, 90, 80, puffs, (-0.8, 0.3, 0.4), 1, 6.0).light()
    assert 0.15 < planes.cover.mean() < 0.8
    assert planes.cover.max() <= 1
    assert (planes.direct <= planes.cover + 1e-5).all()
    bright = planes.direct.sum(0) / np.maximum(planes.cover.sum(0), 1e-3)
    cloudy = planes.cover.sum(0) > 8
    columns = np.flatnonzero(cloudy)
    third = len(columns) // 3
    assert bright[columns[:third]].mean() > 1.15 * bright[columns[-third:]].mean()

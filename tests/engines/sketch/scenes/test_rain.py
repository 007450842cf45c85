"""The rain scene: a wet window, its beads and what runs down it."""

from __future__ import annotations

import numpy as np
import pytest

from videogen_nb.engines.sketch.catalogue import Daytime, Mood
from videogen_nb.engines.sketch.drawing.noise import F, rng
from videogen_nb.engines.sketch.scenes.rain.drops import (
    NEVER,
    BeadPainter,
    Beads,
    Runner,
    passing_map,
    release,
)
from videogen_nb.engines.sketch.scenes.rain.scene import RainScene

from .scene_checks import SIZES, check_image, check_motion, check_repeatable, check_threads, shown

TIMES: list[Daytime] = ["day", "dusk", "night"]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_shape_is_an_image(width: int, height: int):
    check_image(RainScene(width, height, 1, Mood(rain=True)), 0.0)


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("seed", [1, 2], ids=["seed-1", "seed-2"])
def test_hours(time: Daytime, seed: int):
    check_image(RainScene(192, 108, seed, Mood(time=time, wind=True)), 7.0)


def test_night_is_darker_than_dusk_than_day():
    light = [shown(RainScene(192, 108, 4, Mood(time=time)), 1.0).mean() for time in TIMES]
    assert light[0] > light[1] + 8 > light[2] + 16


def test_repeatable():
    check_repeatable(RainScene, Mood())


def test_threads():
    check_threads(RainScene, Mood())


def test_drops_run_by_little():
    check_motion(RainScene, Mood(), least=0.4, most=2.5)


def test_a_runner_rests_then_only_ever_sinks():
    runner = Runner(50.0, 20.0, 2.0, 200, 0.3, 0.0, rng(5))
    rows = np.array([runner.row(t) for t in np.arange(0, 20, 0.05)])
    assert (rows[:40] == rows[0]).all()
    assert (np.diff(rows) >= 0).all()
    assert rows[-1] > 200
    middle = 110.0
    assert runner.row(float(runner.passing(np.array([middle]))[0])) == pytest.approx(middle, abs=1)
    assert runner.passing(np.array([10.0]))[0] == NEVER


def test_a_passing_is_latest_where_a_runner_comes_last():
    runner = Runner(30.0, -10.0, 1.0, 120, 0.5, 0.0, rng(5))
    when, squarely = passing_map([runner], 60, 120)
    column = round(float(runner.column(60.5)))
    assert squarely[60, column] > 0.9
    assert when[100, int(runner.column(100.5))] > when[20, int(runner.column(20.5))]
    assert (when[:, 0] == F(NEVER)).all() or squarely[:, 0].max() == 0


def test_runners_swallow_beads_and_leave_others_behind():
    runners = release(160, 90, 0.125, 0.0, 3)
    painter = BeadPainter(160, 90, 0.125, 3)
    painter.scatter(runners)
    swallowed = (painter.pane["cover"] > 0) & (painter.pane["gone"] < NEVER)
    assert 0.001 < swallowed.mean() < 0.5
    covered = (painter.pane["cover"] > 0).sum()
    for runner in runners:
        painter.trail(runner)
    assert (painter.pane["cover"] > 0).sum() > covered
    assert painter.pane["cover"].max() <= 1


def test_a_bead_shows_the_view_upside_down():
    painter = BeadPainter(64, 64, 1.0, 1)
    painter._set(32.0, 32.0, 14.0, -NEVER, NEVER)
    beads = Beads(painter.pane, 4, 0.0)
    view = np.zeros((16, 16, 3), F)
    view[:8] = 1.0  # a bright sky over dark ground
    image = np.full((64, 64, 3), 0.5, F)
    beads.draw(image, view, 1.0)
    assert image[24, 32, 0] < 0.1
    assert image[40, 32, 0] > 0.8
    assert (image[:10] == F(0.5)).all()

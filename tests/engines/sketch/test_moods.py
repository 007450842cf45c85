"""Mood and weather words change what is drawn: measured in the frames of finished videos."""

from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import pytest

from videogen_nb.engines import Job
from videogen_nb.engines.sketch import SketchEngine

SMALL = {"width": 320, "height": 180, "fps": 12}


@cache
def decoded(prompt: str, seed: int = 3, duration: float = 2.0):
    """All frames of the video that a prompt gives, ``(n, height, width, 3)`` float RGB."""
    engine = SketchEngine()
    plan = engine.plan(prompt, {"seed": seed})
    plan = replace(plan, parameters={**plan.parameters, **SMALL, "duration": duration})
    with TemporaryDirectory() as folder:
        video = Path(folder) / "video.mp4"
        made = Job("1", prompt, plan, video, video.with_suffix(".jpg"))
        engine.run(made, lambda share, stage: None, lambda: False)
        with av.open(str(video)) as container:
            frames = [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]
    return np.array(frames, np.float32)


def step(frames):
    """The mean change from one frame to the next."""
    return float(np.mean([np.abs(b - a).mean() for a, b in pairwise(frames)]))


def test_a_storm_at_sea_is_dark_and_rough_and_a_calm_noon_bright():
    storm, calm = decoded("a storm at sea", duration=4.0), decoded("a calm sea at noon")
    levels = storm.mean((1, 2, 3))
    assert np.median(levels) < 0.6 * calm.mean()
    assert step(storm) > 2 * step(calm)  # waves, rain
    assert levels.max() > 1.15 * np.median(levels)  # lightning
    assert (np.diff(levels) > 0.08 * np.median(levels)).sum() <= 4  # that never flickers


def test_rough_waves_move_more_than_calm_ones():
    rough, calm = (decoded(f"{words} sea by day")[:, 95:130] for words in ("a rough", "a calm"))
    assert step(rough) > 1.3 * step(calm)


@pytest.mark.parametrize("place", ["sea", "mountains"])
def test_noon_is_no_dusk_and_dusk_no_night(place):
    noon, dusk, night = (decoded(f"{place} at {hour}") for hour in ("noon", "dusk", "night"))
    assert noon.mean() > dusk.mean() + 12 > night.mean() + 24
    sky = noon[:, :40].mean((0, 1, 2))
    assert sky[2] > sky[0] + 40  # blue
    assert sky[2] - sky[0] > (dusk[:, :40].mean((0, 1, 2)) @ [-1, 0, 1]) + 20


@pytest.mark.parametrize("place", ["city at night", "sea by day"])
def test_fog_takes_contrast(place):
    clear, fog = decoded(place)[6], decoded(f"{place} in thick fog")[6]
    assert fog.std() < 0.8 * clear.std()


def test_autumn_turns_the_slopes_and_winter_whitens_them():
    words = "mountains", "autumn mountains", "mountains in winter"
    plain, autumn, winter = (decoded(prompt)[6][100:] for prompt in words)
    warm = [float((part[..., 0] - part[..., 2]).mean()) for part in (plain, autumn)]
    assert warm[1] > warm[0] + 8
    assert winter.mean() > plain.mean() + 8


@pytest.mark.parametrize("season", ["spring", "summer"])
def test_spring_and_summer_are_green(season):
    plain, green = (decoded(f"{words}mountains")[6][100:] for words in ("", f"{season} "))
    share = [float((part[..., 1] - part[..., [0, 2]].mean(-1)).mean()) for part in (plain, green)]
    assert share[1] > share[0] + 4


def test_in_winter_it_snows_on_a_city():
    plain, winter = decoded("city at night")[6], decoded("city at night in winter")[6]
    assert (np.abs(winter - plain).max(2) > 15).mean() > 0.01


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_mountains_visibly_move(seed):
    """Their mist and clouds go on, and light crosses their slopes, in every part of the image."""
    frames = decoded("mountains", seed)
    changed = (np.abs(frames[20] - frames[2]).max(2) > 6).mean()
    assert changed > 0.22
    assert step(frames) > 0.5
    slopes = frames[:, 100:].mean(3)
    assert np.abs(slopes[20] - slopes[2]).mean() > 6  # mist and light, not the sky alone

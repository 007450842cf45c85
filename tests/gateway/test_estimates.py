"""How long a video will take: the engine's guess at first, then what videos took here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from videogen_nb.engines.sketch import SketchEngine
from videogen_nb.gateway.jobs.remaining_time import Estimates
from videogen_nb.gateway.storage.task_record import TaskRecord, new_id
from videogen_nb.protocol.models import TaskStatus

from .conftest import Api


def record(
    estimated_s: float | None = 4.0, took_s: float | None = None, **values: Any
) -> TaskRecord:
    begun = TaskRecord(
        message_id=new_id(),
        conversation_id=new_id(),
        section_id="s",
        owner="",
        status=TaskStatus.PROCESSING,
        created_at=100.0,
        updated_at=100.0,
        prompt="sea",
        engine="sketch",
        video="v",
        requested={},
        parameters={"duration": 5.0, "resolution": "540p", **values},
        estimated_s=estimated_s,
        started_at=100.0,
    )
    if took_s is None:
        return begun
    return replace(begun, video_s=begun.parameters["duration"], finished_at=100.0 + took_s)


def test_a_slow_machine_is_learnt_from_one_video_and_differences_between_videos_stay():
    estimates = Estimates()
    assert estimates.whole_s(record(4.0)) == 4.0
    estimates.learn([record(4.0, took_s=12.0)])
    assert estimates.whole_s(record(4.0)) == 12.0
    assert estimates.whole_s(record(1.5, duration=1.0)) == 4.5, "what begins each video counts"
    assert estimates.whole_s(record(20.0, resolution="1080p")) == 60.0


def test_an_engine_without_a_guess_is_known_by_its_videos_lengths():
    estimates = Estimates()
    assert estimates.whole_s(record(None)) is None
    estimates.learn([record(None, took_s=50.0), record(None, took_s=200.0, resolution="1080p")])
    assert estimates.whole_s(record(None, duration=10.0)) == 100.0
    assert estimates.whole_s(record(None, resolution="1080p")) == 200.0
    assert estimates.whole_s(record(None, resolution="720p")) == 125.0


def test_the_last_videos_count():
    estimates = Estimates()
    estimates.learn([record(4.0, took_s=40.0)] * 20 + [record(4.0, took_s=4.0)] * 10)
    assert estimates.whole_s(record(4.0)) == 4.0


def test_a_worker_that_starts_slowly_does_not_make_the_drawing_slow():
    estimates, task = Estimates(), record(4.0)
    # It started for 10 s, and has drawn a tenth within one.
    assert estimates.remaining_s(task, 0.12, 111.0, (110.0, 0.02)) == pytest.approx(8.8)
    assert estimates.remaining_s(task, 0.12, 111.0) == pytest.approx(80.7, abs=0.1)
    assert estimates.remaining_s(task, 0.05, 102.0, (101.9, 0.02)) == 2.0, "too little to tell"
    assert estimates.remaining_s(task, 0.05, 105.0, (104.9, 0.02)) is None, "outlived"


async def test_the_pace_is_measured_from_the_first_progress(api: Api):
    made = await api.create("gate", extra={"gate": "/nowhere"})
    task = await api.until(made, lambda task: (task["progress"] or 0) > 0.002)
    (job,) = api.gateway.runner.local._jobs.values()
    assert job.begun is not None
    assert job.begun[0] > job.record.started_at
    assert 0 < job.begun[1] <= task["progress"]


def test_the_built_in_engine_guesses_less_for_what_is_less_work():
    engine, guesses = SketchEngine(), []
    for prompt in ("a cat plays the piano", "a sunset over the sea"):  # a card, a scene
        plan = engine.plan(prompt, {"resolution": "720p"})
        assert plan.estimated_s is not None
        guesses.append(plan.estimated_s)
    card, scene = guesses
    assert 2 < card < scene / 2
